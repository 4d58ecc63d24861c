/**
 * A simulated operating system for tests: run your own pool on it, move the clock, send signals, crash workers, and see what
 * happens, in milliseconds and without a single process.
 *
 * @example
 * ```ts
 * import kamisama from "kamisama"
 * import { fakePlatform } from "kamisama/fake"
 *
 * const os = fakePlatform()
 * kamisama({ workers: 2, run: () => undefined, platform: os })
 * await os.advance(1_000)
 * os.signal("SIGTERM")
 * await os.advance(1_000)
 * console.log(os.exitCode, os.transcript())
 * ```
 *
 * @module
 */
export type { LogEntry } from "./platform/log-entry.ts"
export type { WorkerAction } from "./worker/host.ts"
export { explore } from "./proof/explore/explore.ts"
export type { Counterexample, Exploration, ExploreOptions } from "./proof/explore/explore.ts"
export { rehearse } from "./proof/rehearse/rehearse.ts"
export type { Rehearsal, Spread } from "./proof/rehearse/rehearse.ts"
export type { Outage, RehearseOptions } from "./proof/rehearse/outage.ts"
export { logOfRecording } from "./proof/timeline/log-of-recording.ts"
export { drawTimeline } from "./proof/timeline/draw-text.ts"
export type { DrawOptions } from "./proof/timeline/draw-text.ts"
export { drawTimelineSvg } from "./proof/timeline/draw-svg.ts"
export type { DrawSvgOptions } from "./proof/timeline/draw-svg.ts"
export type { ExcerptOptions } from "./proof/timeline/excerpt.ts"
export { replay } from "./proof/simulate/replay.ts"
export type { Replay } from "./proof/simulate/replay.ts"
export { simulate, SimulationError } from "./proof/simulate/simulate.ts"
export type { FailingRun, Simulation } from "./proof/simulate/simulate.ts"
export type { SimulateOptions } from "./proof/simulate/seeds.ts"
export { replayProgram, simulateProgram } from "./proof/program/simulate-program.ts"
export type { ProgramBounds, SimulateProgramOptions } from "./proof/program/simulate-program.ts"
export type { Fault } from "./proof/program/faults.ts"
export type {
  Outside,
  ProgramUnderTest,
  SimulatedProgram,
} from "./proof/program/program-under-test.ts"
export type { CompleteModel, Model, MoveClass, Next, Recovery } from "./proof/model/model.ts"
export type { Encoder } from "./proof/model/encoder.ts"
export { poolModel } from "./proof/pool/pool-model.ts"
export type {
  TimeStep,
  PoolBounds,
  PoolMove,
  PoolWorld,
  NoOp,
  TimePassed,
} from "./proof/pool/pool-world.ts"
export type { FakeClock } from "./platform/fake/clock.ts"
export { fakePlatform } from "./platform/fake/platform.ts"
export type {
  FakePlatform,
  FakePlatformOptions,
  FakeProcessState,
  FakeSystemName,
  FakeWorker,
} from "./platform/fake/handle.ts"
export type {
  Moment,
  ScriptedWorker,
  WorkerDeath,
  WorkerMoment,
  WorkerScript,
  WorkerScripts,
} from "./platform/fake/script.ts"
