/**
 * The metrics of a pool: from its status and its totals to families of samples. Pure. Labels are few: a worker is known by its
 * number, never by its process id.
 */
import type { Backlog } from "./backlog.ts"
import type { OperatorStatus } from "./status.ts"
import { bucketSeconds, type Counts, type Histogram, type Totals } from "./totals.ts"

/** One number, with what it is about. */
export interface Sample {
  /** What follows the name of the family, such as `_bucket`. */
  readonly suffix?: string
  readonly labels?: { readonly [name: string]: string }
  readonly value: number
}

/** Samples of one kind. */
export interface Family {
  /** Without `_total`, which a counter gets when it is written. */
  readonly name: string
  readonly type: "counter" | "gauge" | "histogram" | "summary" | "info" | "unknown"
  readonly help: string
  readonly samples: readonly Sample[]
}

const states = ["booting", "starting", "ready", "stopping", "waiting", "finished"] as const
const forkCauses = ["start", "respawn", "reload", "recycle", "scale"] as const
const exitCauses = ["expected", "killed", "signal", "crash", "finished"] as const
const killRules = [
  "stop-timeout",
  "start-timeout",
  "heartbeat-timeout",
  "stop-while-booting",
] as const

/** The metrics of a pool. `droppedSeries`: how many of the workers' own were too many. */
export function familiesOf(
  status: OperatorStatus,
  totals: Totals,
  backlogs: readonly Backlog[],
  droppedSeries: number,
): readonly Family[] {
  const { workers, respawns } = status
  const gauge = (name: string, help: string, value: number): Family => ({
    name,
    type: "gauge",
    help,
    samples: [{ value }],
  })
  /** One sample for each worker; a number is there twice during a replacement, and its newer process counts. */
  const ofWorkers = (
    name: string,
    help: string,
    valueOf: (worker: OperatorStatus["workers"][number]) => number | null | undefined,
    type: "gauge" | "counter" = "gauge",
  ): Family => {
    const values = new Map<number, number>()
    for (const worker of workers) {
      const value = valueOf(worker)
      if (value !== null && value !== undefined) values.set(worker.id, value)
    }
    const samples = [...values].map(([id, value]) => ({ labels: { worker: String(id) }, value }))
    return { name, type, help, samples }
  }
  return [
    {
      name: "kamisama",
      type: "info",
      help: "The pool and its runtime.",
      samples: [{ labels: infoOf(status), value: 1 }],
    },
    {
      name: "kamisama_workers",
      type: "gauge",
      help: "Workers by what they do.",
      samples: states.map((state) => ({
        labels: { state },
        value: workers.filter((worker) => worker.state === state).length,
      })),
    },
    gauge("kamisama_workers_target", "How many workers are wanted.", status.target),
    gauge("kamisama_spares", "Processes that wait to take a place.", status.spares.length),
    ofWorkers("kamisama_worker_up", "Whether the worker serves.", ({ state }) =>
      state === "ready" ? 1 : 0,
    ),
    counts("kamisama_forks", "Workers that were started, by why.", forkCauses, totals.forks),
    counter("kamisama_fork_failures", "Workers that could not be started.", totals.forksFailed),
    counts("kamisama_worker_exits", "Workers that have ended, by how.", exitCauses, totals.exits),
    counts("kamisama_kills", "Workers that the pool has killed, by rule.", killRules, totals.kills),
    counts("kamisama_reloads", "Reloads that have ended.", ["finished", "aborted"], totals.reloads),
    gauge("kamisama_reloading", "Whether a reload is running.", status.isReloading ? 1 : 0),
    histogram(
      "kamisama_worker_start_duration_seconds",
      "From the start of a worker until it is ready.",
      totals.starts,
    ),
    histogram(
      "kamisama_worker_stop_duration_seconds",
      "From the moment when a worker was asked to stop, or killed, to its exit.",
      totals.stops,
    ),
    histogram(
      "kamisama_reload_duration_seconds",
      "From the beginning of a reload to its end.",
      totals.reloadTimes,
    ),
    gauge("kamisama_respawns_counted", "Restarts that count toward the limit.", respawns.counted),
    gauge(
      "kamisama_respawns_limit",
      "How many of them are allowed; +Inf if there is no limit.",
      respawns.limit ?? Infinity,
    ),
    counter("kamisama_incidents", "Times at which most workers failed together.", totals.incidents),
    gauge(
      "kamisama_last_incident_timestamp_seconds",
      "When that was last; 0 if never.",
      totals.incidentAt / 1_000,
    ),
    counter("kamisama_give_ups", "Whether the pool has given up.", totals.gaveUp),
    ofWorkers(
      "kamisama_worker_resident_memory_bytes",
      "Memory, also of one that hangs.",
      ({ memoryBytes }) => memoryBytes,
    ),
    ofWorkers(
      "kamisama_worker_cpu_seconds",
      "Processor time, from zero again in the next process.",
      ({ cpuMs }) => (cpuMs === null ? null : cpuMs / 1_000),
      "counter",
    ),
    ofWorkers(
      "kamisama_worker_eventloop_utilization_ratio",
      "Share of the time in which the event loop was in use.",
      ({ load }) => load?.loopUse,
    ),
    ofWorkers(
      "kamisama_worker_eventloop_delay_seconds",
      "How late a timer was at most.",
      ({ load }) => load && load.lagMs / 1_000,
    ),
    ofWorkers("kamisama_worker_connections", "Open connections.", ({ load }) => load?.connections),
    {
      name: "kamisama_listen_backlog",
      type: "gauge",
      help: "Connections that wait to be accepted.",
      samples: waitingAt(backlogs),
    },
    gauge(
      "kamisama_scrape_workers_missing",
      "Workers that serve and did not answer in time.",
      workers.filter(({ state, answers }) => state === "ready" && !answers).length,
    ),
    ofWorkers("kamisama_worker_healthy", "Whether its program says that it can serve.", (worker) =>
      worker.healthy ? 1 : 0,
    ),
    gauge(
      "kamisama_scrape_series_dropped",
      "Series of workers that were too many, and are left out.",
      droppedSeries,
    ),
  ]
}

function infoOf({ kamisama, runtime, name }: OperatorStatus): Required<Sample>["labels"] {
  const [runtimeName = "", runtimeVersion = ""] = runtime.split(" ")
  return { version: kamisama, runtime: runtimeName, runtime_version: runtimeVersion, name }
}

/** On Deno and Bun, each worker has a socket of its own for the same address. */
function waitingAt(backlogs: readonly Backlog[]): readonly Sample[] {
  const sums = new Map<string, number>()
  for (const { address, waiting } of backlogs) {
    sums.set(address, (sums.get(address) ?? 0) + waiting)
  }
  return [...sums].map(([socket, value]) => ({ labels: { socket }, value }))
}

function counter(name: string, help: string, value: number): Family {
  return { name, type: "counter", help, samples: [{ value }] }
}

/** Every cause is there from the beginning, so that its first event is seen as an increase. */
function counts<Cause extends string>(
  name: string,
  help: string,
  causes: readonly Cause[],
  given: Counts<Cause>,
): Family {
  const samples = causes.map((cause) => ({ labels: { cause }, value: given[cause] ?? 0 }))
  return { name, type: "counter", help, samples }
}

function histogram(name: string, help: string, { buckets, sum, count }: Histogram): Family {
  const bounds = [...bucketSeconds.map(String), "+Inf"]
  return {
    name,
    type: "histogram",
    help,
    samples: [
      ...bounds.map((le, index) => ({
        suffix: "_bucket",
        labels: { le },
        value: buckets[index] ?? count,
      })),
      { suffix: "_sum", value: sum },
      { suffix: "_count", value: count },
    ],
  }
}
