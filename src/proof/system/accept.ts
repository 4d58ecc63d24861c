/**
 * Whether the log of real processes is a run of the model: the shipped core gives its commands, and each process does what the
 * model of one can do. A platform that does what the model forbids is found by the log of any run.
 */
import type { Plan } from "../../core/plan/plan.ts"
import type { LogEntry } from "../../platform/log-entry.ts"
import type { WorkerAction } from "../../worker/host.ts"
import { rejectCore } from "./accept-core.ts"
import { rejectProcess } from "./accept-process.ts"
import { type Letter, lettersOf, type Unexplained } from "./letters.ts"
import { nothingElse, type ProgramBounds } from "./system-bounds.ts"

/** An entry that no run of the model explains, and whose it is. */
export interface Rejection extends Unexplained {
  readonly of: string
  readonly entry: LogEntry
}

/** What is known of a run besides its log. */
export interface RunConditions {
  /** Whether a channel may close while both of its ends live. Default: false. */
  readonly breaksChannels?: boolean | undefined
  /** Whether the workers log what they do. Without that only the core is held against the log. Default: true. */
  readonly tracesWorkers?: boolean | undefined
}

/**
 * The first entries that the model does not explain: of the core, and of each process.
 *
 * @param log of one primary from its beginning, with the entries of its workers.
 */
export function rejectionsOf(
  log: readonly LogEntry[],
  { breaksChannels = false, tracesWorkers = true }: RunConditions = {},
): Rejection[] {
  const first = log.find((entry) => entry.kind === "plan")
  if (first === undefined) throw new Error("rejectionsOf: the log must begin with its plan")
  const { plan } = first
  const processes = lettersOf(log)
  const actions = new Set(log.flatMap((entry) => (entry.kind === "worker" ? [entry.action] : [])))
  const rejections: Rejection[] = []
  const reject = (of: string, found: Unexplained | undefined): void => {
    const entry = found === undefined ? undefined : log[found.index]
    if (found !== undefined && entry !== undefined) rejections.push({ of, ...found, entry })
  }
  reject("the core", rejectCore(plan, log))
  if (!tracesWorkers) return rejections
  for (const [incarnation, letters] of processes) {
    const programs = programsOf(plan, letters, actions)
    reject(`process #${incarnation}`, rejectProcess(plan, letters, programs, breaksChannels))
  }
  return rejections
}

/** What the program of a process may be, after all that its pool has done. */
function programsOf(
  plan: Plan,
  letters: readonly Letter[],
  actions: ReadonlySet<WorkerAction>,
): ProgramBounds[] {
  const either = [false, true]
  const shutdown = actions.has("called-shutdown")
    ? [true]
    : actions.has("called-listeners")
      ? [false]
      : either
  const failing = plan.respawn === "always" ? either : [false]
  const exit = letters.flatMap((letter) =>
    letter.kind === "event" && letter.event.type === "worker-exited"
      ? [letter.event.code ?? 0]
      : [],
  )
  const others = { fails: true, returnsNothing: true, exitCode: exit[0] ?? 0 }
  return shutdown.flatMap((hasShutdown) =>
    either.flatMap((listens) =>
      either.flatMap((takesSignal) =>
        failing.map((failsIfIdle) => ({
          ...nothingElse.program,
          ...others,
          hasShutdown,
          listens,
          takesSignal,
          failsIfIdle,
        })),
      ),
    ),
  )
}
