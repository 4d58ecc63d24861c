/**
 * One history of a user's program: so many things that happen to it, then a time in which nothing goes wrong any more
 * until all is well, then a stop that nothing hinders. Decides when each part is over; what is wrong is judged in
 * program-verdict.ts.
 */
import { shown } from "../../core/plan/checks.ts"
import { describeMs } from "../../core/describe.ts"
import type { WorkerInfo } from "../../pool/handle.ts"
import type { OwnedGlobals } from "./owned-globals.ts"
import { drawEntriesSvg } from "../timeline/draw-svg.ts"
import { drawEntries } from "../timeline/draw-text.ts"
import { goalOf } from "../pool/pool-model.ts"
import { type ProgramMoveBounds, type ProgramMove, movesOf, classOf } from "./program-moves.ts"
import { type Verdict, verdictOf } from "./program-verdict.ts"
import { isFinished, isOver, type ProgramWorld, openWorld } from "./program-world.ts"
import { numbered } from "../model/numbered.ts"
import { hashOf } from "../simulate/hash.ts"
import type { SimulatedProgram } from "./program-under-test.ts"

/** How histories of a program are made. */
export interface ProgramSettings {
  readonly program: SimulatedProgram
  readonly boundsOf: (world: ProgramWorld) => ProgramMoveBounds
  /** How long it may take until all is well, in ms. */
  readonly wellWithinOf: (world: ProgramWorld) => number
  readonly isGraceful: boolean
  readonly globals: OwnedGlobals | undefined
}

/** What became of a history. */
export interface ProgramRun {
  /** What is wrong; undefined where nothing is. */
  readonly violation: string | undefined
  /** What the user's code has thrown, if that is what is wrong. */
  readonly cause: unknown
  /** Everything that happened until it went wrong, or until nothing went wrong any more. */
  readonly moves: readonly MadeMove[]
  /** How many moves there were. */
  readonly events: number
  /** How much time has passed in it, in ms. */
  readonly duration: number
  /** The same for the same run, on every runtime. */
  readonly trace: number
  /** Orders of the primary, by their rules. */
  readonly reached: ReadonlySet<string>
  /** Everything that was seen: the same where the history is. */
  readonly transcript: string
  /** In words. */
  format(): string
  /** As a picture, with what is wrong above it: the text of an SVG. */
  draw(title?: string): string
  readonly world: ProgramWorld
}

/** A move, and which of those that were possible it was. */
interface MadeMove {
  readonly key: string
  readonly number: number
  readonly text: string
  readonly at: number
}

/** Which of the moves happens, by its number; undefined where the next part of the history is to begin. */
export type Chooser = (moves: readonly ProgramMove[], world: ProgramWorld) => number | undefined

/** What makes a move the same in another history. */
export function keyOf({ kind, text }: ProgramMove): string {
  return `${kind} ${text}`
}

/** How long all must be well before it counts, in ms. */
const calmMs = 1_000

/** Goes through a history. @throws like `openWorld`, and what the chooser throws. */
export async function runProgram(settings: ProgramSettings, choose: Chooser): Promise<ProgramRun> {
  const world = openWorld(settings.program, settings.globals)
  const { os } = world.system
  const bounds = settings.boundsOf(world)
  const moves: (MadeMove & { readonly logLength: number })[] = []
  while (!isOver(world) && world.failure === undefined) {
    const possible = movesOf(world, bounds)
    const number = choose(possible, world)
    const move = number === undefined ? undefined : possible[number]
    if (number === undefined || move === undefined) break
    const [at, { text }] = [os.now, move]
    moves.push({ key: keyOf(move), number, text, at, logLength: os.log.length })
    await perform(world, move)
  }
  const recoveredFrom = os.log.length
  await recover(world, settings.wellWithinOf(world))
  const wasStopped = await stop(world)
  // What is still on its way to it arrives.
  if (isOver(world) && world.failure === undefined) await os.advance(calmMs)
  await ask(world, "atEnd", () => (isOver(world) ? world.test.atEnd?.() : undefined))
  const verdict = verdictOf(world, { recoveredFrom, wasStopped, isGraceful: settings.isGraceful })
  const transcript = os.transcript()
  const { entries } = world.system
  const mark = verdict.violation === undefined ? undefined : momentOf(world, verdict)
  const made = moves.filter(({ logLength }) => logLength <= (verdict.index ?? Infinity))
  return {
    violation: verdict.violation,
    cause: verdict.cause,
    moves: made,
    events: made.length,
    duration: os.now,
    trace: hashOf(transcript),
    reached: new Set(
      os.log.flatMap((entry) => (entry.kind === "command" ? [goalOf(entry.command)] : [])),
    ),
    transcript,
    format: () => formatRun(made, transcript, drawEntries(entries, { mark, mostCommands: 0 })),
    draw: (title) => drawEntriesSvg(entries, { mark, title }),
    world,
  }
}

/** The entry of the story at which it shows; the length of it where that is its end. */
function momentOf({ system, failure }: ProgramWorld, { index, violation }: Verdict): number {
  const { entries, os } = system
  if (index !== undefined) return entries.findIndex((entry) => entry === os.log[index])
  return failure !== undefined && failure.text === violation ? failure.index : entries.length
}

async function perform(world: ProgramWorld, { kind, text, make }: ProgramMove): Promise<void> {
  const { system } = world
  const isPassing = classOf(kind) === "progress"
  if (!isPassing && kind !== "suspend") system.note(text)
  const name = isPassing || kind === "suspend" ? "the program" : `"${text}"`
  try {
    const result = make()
    if (isPassing || kind === "suspend") await result
    else if (result instanceof Promise) result.catch((error: unknown) => fail(world, name, error))
  } catch (error) {
    fail(world, name, error)
  }
  if (!isPassing) await nextTurn()
  await ask(world, "always", world.test.always)
}

/** From now on nothing goes wrong. */
async function recover(world: ProgramWorld, withinMs: number): Promise<void> {
  const { system, pending, test } = world
  const { os } = system
  if (world.failure !== undefined) return
  Object.assign(pending, { failures: 0, slowBoots: 0 })
  if (isOver(world)) return
  for (const process of system.processes) {
    process.unblock()
    process.reportExitAfter(1)
  }
  const text = "all faults end"
  await perform(world, { kind: "recover", text, make: test.recover ?? (() => undefined) })
  const until = os.now + withinMs
  let wellSince: number | undefined
  while (world.failure === undefined && !isOver(world)) {
    const wellMs = isWell(world) ? os.now - (wellSince ??= os.now) : undefined
    if (wellMs === undefined) wellSince = undefined
    else if (wellMs >= calmMs) return
    if (wellMs === undefined && os.now >= until) {
      return goWrong(world, `it did not recover within ${describeMs(withinMs)}: ${ills(world)}`)
    }
    await pass(world)
  }
}

/** Lets time pass, as far as nobody may miss anything. */
async function pass(world: ProgramWorld): Promise<void> {
  const { os, nextAt } = world.system
  const ms = Math.min(Math.max(nextAt - os.now, 1), 1_000)
  await perform(world, { kind: "wait", text: "", make: () => os.advance(ms) })
}

function isWell(world: ProgramWorld): boolean {
  if (isFinished(world) || world.primaryKilledAt !== null) return false
  const { workers, state } = world.pool
  const living = workers.filter((worker) => worker.state !== "finished").length
  // What the primary does not know yet of their ends is on its way to it.
  const isServing = illIn(world).length === 0 && living === world.system.processes.size
  if (state !== "running" || !isServing) return false
  const asked = world.test.isWell
  if (asked === undefined) return true
  try {
    const answer = answerOf(asked())
    if (typeof answer === "boolean") return answer
    throw new TypeError(`it must return true or false: current value is ${shown(answer)}`)
  } catch (error) {
    fail(world, "isWell", error)
    return false
  }
}

/** Those that are not ready, and for which no other one of their slot is. */
function illIn({ pool: { workers } }: ProgramWorld): readonly WorkerInfo[] {
  const served = workers.filter(({ state }) => state === "ready" || state === "finished")
  return workers.filter(({ id }) => served.every((other) => other.id !== id))
}

function ills(world: ProgramWorld): string {
  const ill = illIn(world)
  if (isFinished(world) || world.primaryKilledAt !== null) return "workers outlive their primary"
  if (ill.length > 0) return ill.map(({ id, state }) => `worker ${id} is ${state}`).join(", ")
  return world.pool.state === "running" ? "isWell() is false" : `the pool is ${world.pool.state}`
}

/** Stops it where it still runs. @returns whether it did. */
async function stop(world: ProgramWorld): Promise<boolean> {
  const { system, plan, pool } = world
  const { os } = system
  if (world.failure !== undefined || isOver(world)) return false
  const text = "it is stopped, without any fault"
  await perform(world, { kind: "stop", text, make: () => void pool.stop() })
  const until = os.now + plan.timeoutMs + plan.killReportMs + calmMs
  while (world.failure === undefined && !isOver(world) && os.now < until) await pass(world)
  return true
}

/** Asks the user's code. */
async function ask(
  world: ProgramWorld,
  name: string,
  question: (() => unknown) | undefined,
): Promise<void> {
  if (question === undefined || world.failure !== undefined) return
  try {
    if (answerOf(question()) === false) throw new Error("it is false")
  } catch (error) {
    fail(world, name, error)
  }
}

/** What the user's code has answered. @throws {TypeError} where it will answer later. */
function answerOf(result: unknown): unknown {
  if (!(result instanceof Promise)) return result
  result.catch(() => undefined)
  throw new TypeError("it must not return a promise, as time stands still")
}

function fail(world: ProgramWorld, name: string, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error)
  goWrong(world, `${name} failed: ${text}`, error)
}

/** The first time counts. */
function goWrong(world: ProgramWorld, text: string, cause?: unknown): void {
  if (world.failure !== undefined) return
  const { system } = world
  world.failure = { text, cause, index: system.entries.length }
  system.note(`violation: ${text}`)
}

/** Whatever promises lead to has happened by then. */
const nextTurn = ((defer: (callback: () => void) => unknown) => (): Promise<void> => {
  return new Promise((resolve) => void defer(resolve))
})(globalThis.setImmediate ?? globalThis.setTimeout)

function formatRun(moves: readonly MadeMove[], transcript: string, timeline: string): string {
  return `${numbered(moves.map(({ text }) => text))}\n${transcript}\n${timeline}`
}
