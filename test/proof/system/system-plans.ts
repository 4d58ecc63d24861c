/**
 * The systems that are searched through: what their workers are like, what goes wrong, and what is asked of them. `quick`
 * ones are part of the tests, the deep ones of `npm run prove`.
 */
import type { PlanOptions } from "../../../src/core/plan/options.ts"
import type { Plan } from "../../../src/core/plan/plan.ts"
import {
  nothingElse,
  type ProgramBounds,
  type SystemBounds,
} from "../../../src/proof/system/system-bounds.ts"
import { proof } from "../plans.ts"

export interface SystemProof {
  readonly name: string
  readonly plan: Plan
  readonly bounds: SystemBounds
}

type Bounds = Partial<Omit<SystemBounds, "program">> & { readonly program?: Partial<ProgramBounds> }

/** Little, and small: what is not named is not there. */
const little: PlanOptions = {
  workers: 1,
  timeout: 1,
  startTimeout: false,
  backoff: false,
  respawnLimit: 1,
  respawnInterval: 1,
}

function system(name: string, options: PlanOptions, bounds: Bounds): SystemProof {
  const { plan } = proof(name, { ...little, ...options })
  const program = { ...nothingElse.program, ...bounds.program }
  return { name, plan, bounds: { ...nothingElse, ...bounds, program } }
}

/** Whatever may befall a process from outside. */
const anyHarm: Bounds = {
  signalsWorkers: true,
  signalsGroup: true,
  killsPrimary: true,
  killsWorkers: true,
}

const noShutdown = { hasShutdown: false } as const

/** What may be put together, by name. Two processes have each pair of them. */
const features: readonly {
  readonly name: string
  readonly options?: PlanOptions
  readonly bounds: Bounds
}[] = [
  { name: "signals", bounds: { signalsWorkers: true, signalsGroup: true } },
  { name: "the primary's death", bounds: { killsPrimary: true, killsReaper: true } },
  { name: "crashes", bounds: { program: { crashes: true }, killsWorkers: true } },
  { name: "failures", bounds: { program: { fails: true }, failsForks: true } },
  {
    name: "blocked workers",
    options: { heartbeatTimeout: 1 },
    bounds: { program: { blocks: true } },
  },
  { name: "broken channels", bounds: { breaksChannels: true } },
  { name: "reloads", bounds: { reloads: true } },
  { name: "scaling", bounds: { scalesTo: 2 } },
  { name: "replacements", bounds: { program: { recycles: true } } },
  { name: "a leader", bounds: { program: { elects: true } } },
  { name: "connections", bounds: { connections: "handed" } },
  { name: "spares", options: { spares: 1 }, bounds: {} },
]

function together(workers: number, ...chosen: typeof features): SystemProof {
  const names = chosen.map(({ name }) => name).join(" and ")
  const program = Object.assign(
    {},
    ...chosen.map(({ bounds }) => bounds.program),
  ) as Partial<ProgramBounds>
  const options = Object.assign({}, ...chosen.map((one) => one.options)) as PlanOptions
  const bounds = Object.assign({}, ...chosen.map((one) => one.bounds)) as Bounds
  const slots = workers === 2 ? "two slots" : `${workers} slots`
  return system(
    `${slots}, ${names}`,
    { respawnLimit: 0, ...options, workers },
    { ...bounds, program, interleaves: false },
  )
}

/** Each feature alone, with everything in every order. */
const alone: readonly SystemProof[] = [
  system("a stop", { timeout: 2 }, {}),
  system("signals, and the primary's death", { timeout: 2 }, { ...anyHarm, killsReaper: true }),
  system("a channel breaks", { timeout: 2 }, { breaksChannels: true }),
  system("a fork fails", {}, { failsForks: true, killsPrimary: true }),
  system("the program fails", { timeout: 2 }, { program: { fails: true }, killsPrimary: true }),
  system("the process crashes", { timeout: 2 }, { program: { crashes: true }, killsPrimary: true }),
  system(
    "a worker blocks, and the primary dies",
    { timeout: 2 },
    { program: { blocks: true }, killsPrimary: true },
  ),
  system(
    "a worker blocks, and sends heartbeats",
    { heartbeatTimeout: 2 },
    { program: { blocks: true } },
  ),
  system(
    "without shutdown",
    { timeout: 2 },
    { program: { ...noShutdown, fails: true }, killsPrimary: true, connections: "own" },
  ),
  system(
    "without shutdown, run takes the signal",
    { timeout: 2 },
    {
      program: { ...noShutdown, takesSignal: true, fails: true },
      killsPrimary: true,
      signalsWorkers: true,
    },
  ),
  system(
    "its own listeners",
    { timeout: 2 },
    {
      program: { ...noShutdown, listens: true, fails: true },
      killsPrimary: true,
      connections: "own",
    },
  ),
  system(
    "its own listeners, run takes the signal",
    { timeout: 2 },
    { program: { ...noShutdown, listens: true, takesSignal: true }, killsPrimary: true },
  ),
  system(
    "run returns nothing",
    { timeout: 2 },
    { program: { ...noShutdown, returnsNothing: true }, killsPrimary: true, connections: "own" },
  ),
  system(
    "workers that are done end",
    { respawn: "on-failure", timeout: 2 },
    { program: { ...noShutdown, returnsNothing: true, crashes: true }, connections: "own" },
  ),
  system(
    "every exit is final",
    { respawn: "never" },
    { program: { fails: true, crashes: true }, signalsGroup: true },
  ),
  system(
    "connections are handed out",
    { timeout: 2 },
    { connections: "handed", program: { fails: true }, killsPrimary: true },
  ),
  system(
    "connections are handed out, without shutdown",
    { timeout: 2 },
    { connections: "handed", program: noShutdown, signalsWorkers: true },
  ),
  system(
    "the pool does not wait",
    { waitForWorkers: false, timeout: 2 },
    { signalsGroup: true, killsReaper: true, connections: "own" },
  ),
  system(
    "a stop is delayed",
    { stopDelay: 1 },
    { signalsGroup: true, killsPrimary: true, connections: "own" },
  ),
  system(
    "the time to start is limited",
    { startTimeout: 1 },
    { program: { blocks: true, fails: true } },
  ),
  system(
    "workers that are done end, with shutdown",
    { respawn: "on-failure" },
    { program: { returnsNothing: true } },
  ),
  system(
    "it is a failure to have nothing to do",
    {},
    { program: { returnsNothing: true, failsIfIdle: true, elects: true } },
  ),
  system(
    "with shutdown, run takes the signal",
    { timeout: 2 },
    { program: { takesSignal: true, fails: true } },
  ),
  system(
    "its own listeners, connections are handed out",
    { timeout: 2 },
    { program: { ...noShutdown, listens: true }, connections: "handed" },
  ),
  system("memory is limited", { recycle: { maxMemory: 1_000 } }, {}),
  system("requests are limited", { recycle: { maxRequests: 1 } }, {}),
  system(
    "messages are repeated, and come early",
    {},
    { repeatsMessages: true, program: { recycles: true } },
  ),
  system("the program fails, and crashes", {}, { program: { fails: true, crashes: true } }),
]

export const quick: readonly SystemProof[] = [
  ...alone,
  together(2, ...features.filter(({ name }) => ["reloads", "connections"].includes(name))),
]

const pairs = features.flatMap((one, index) =>
  features.slice(index + 1).map((other) => together(2, one, other)),
)

export const deep: readonly SystemProof[] = [
  system(
    "one slot, everything",
    { timeout: 1 },
    {
      ...anyHarm,
      breaksChannels: true,
      failsForks: true,
      connections: "own",
      program: { fails: true, crashes: true, blocks: true },
    },
  ),
  system(
    "one slot, reloads and the primary's death",
    { respawnLimit: 0 },
    { reloads: true, killsPrimary: true, interleaves: false },
  ),
  ...pairs.filter(({ name }) => !quick.some((other) => other.name === name)),
  together(3, ...features.filter(({ name }) => ["reloads", "the primary's death"].includes(name))),
]
