/**
 * A simulated operating system for tests: supervise your own program on it, move the clock, send signals, crash workers,
 * and see what happens, without a single process and in no time.
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
export type { LogEntry, WorkerDeed } from "../platform.ts"
export { explore } from "./explore/explore.ts"
export type { Counterexample, Exploration, ExploreOptions } from "./explore/explore.ts"
export { rehearse } from "./rehearse/rehearse.ts"
export type { Rehearsal, Spread } from "./rehearse/rehearse.ts"
export type { Outage, RehearseOptions } from "./rehearse/outage.ts"
export { logOfRecording } from "./log-of-recording.ts"
export { drawTimeline } from "./timeline/draw-text.ts"
export type { DrawOptions } from "./timeline/draw-text.ts"
export { drawTimelineSvg } from "./timeline/draw-svg.ts"
export type { DrawSvgOptions } from "./timeline/draw-svg.ts"
export { timelineMatchers } from "./timeline/match.ts"
export type { MatcherVerdict, TimelineMatchers } from "./timeline/match.ts"
export type { ExcerptOptions } from "./timeline/excerpt.ts"
export { replay } from "./simulate/replay.ts"
export type { Replay } from "./simulate/replay.ts"
export { simulate, SimulationError } from "./simulate/simulate.ts"
export type { FailingHistory, SimulateOptions, Simulation } from "./simulate/simulate.ts"
export { replayProgram, simulateProgram } from "./simulate/simulate-program.ts"
export type { ProgramFreedom, SimulateProgramOptions } from "./simulate/simulate-program.ts"
export type { Happening } from "./simulate/happenings.ts"
export type { Outside, ProgramUnderTest, SimulatedProgram } from "./simulate/program-under-test.ts"
export type { Model, Next, Part, Recovery } from "./world/model.ts"
export type { Words } from "./world/words.ts"
export { poolModel } from "./world/pool-model.ts"
export type {
  Leap,
  PoolFreedom,
  PoolMove,
  PoolWorld,
  Stray,
  TimePassed,
} from "./world/pool-moves.ts"
export type { FakeClock } from "./fake-clock.ts"
export { fakePlatform } from "./fake-platform.ts"
export type {
  FakePlatform,
  FakePlatformOptions,
  FakeProcessState,
  FakeSystemName,
  FakeWorker,
} from "./handle.ts"
export type {
  Moment,
  ScriptedWorker,
  WorkerDeath,
  WorkerMoment,
  WorkerScript,
  WorkerScripts,
} from "./script.ts"
