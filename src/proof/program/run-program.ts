/**
 * One run of a user's program: a number of moves, then a time without faults until the pool has recovered, then a stop without
 * faults. Violations are judged in program-verdict.ts.
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

/** How runs of a program are made. */
export interface ProgramSettings {
  readonly program: SimulatedProgram
  readonly boundsOf: (world: ProgramWorld) => ProgramMoveBounds
  /** How long recovery may take, in ms. */
  readonly wellWithinOf: (world: ProgramWorld) => number
  readonly isGraceful: boolean
  readonly globals: OwnedGlobals | undefined
}

/** What came of a run. */
export interface ProgramRun {
  /** What is wrong; undefined if nothing is. */
  readonly violation: string | undefined
  /** What the user's code threw, if that is what is wrong. */
  readonly cause: unknown
  /** The moves until it failed, or until faults ended. */
  readonly moves: readonly MadeMove[]
  /** How many moves there were. */
  readonly events: number
  /** How much time passed in it, in ms. */
  readonly duration: number
  /** The same for the same run, on every runtime. */
  readonly trace: number
  /** Commands of the primary, with their rules. */
  readonly reached: ReadonlySet<string>
  /** Everything that was seen: the same for the same run. */
  readonly transcript: string
  /** In words. */
  format(): string
  /** As a picture, with what is wrong above it: the text of an SVG. */
  draw(title?: string): string
  readonly world: ProgramWorld
}

/** A move that was made, and its number among those that were possible. */
interface MadeMove {
  readonly key: string
  readonly number: number
  readonly text: string
  readonly at: number
}

/** Chooses a move by its number; undefined ends this part of the run. */
export type Chooser = (moves: readonly ProgramMove[], world: ProgramWorld) => number | undefined

/** What makes a move the same in another run. */
export function keyOf({ kind, text }: ProgramMove): string {
  return `${kind} ${text}`
}

/** How long the pool must be well before that counts, in ms. */
const calmMs = 1_000

/** Makes a run. @throws like `openWorld`, and what the chooser throws. */
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
  // What is still on its way to the primary arrives.
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

/** The entry of the transcript at which it shows; its length if that is the end. */
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

/** Ends all faults, and waits until the pool has recovered. */
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
      return goWrong(
        world,
        `it did not recover within ${describeMs(withinMs)}: ${whyUnwell(world)}`,
      )
    }
    await pass(world)
  }
}

/** Lets time pass until something may happen. */
async function pass(world: ProgramWorld): Promise<void> {
  const { os, nextAt } = world.system
  const ms = Math.min(Math.max(nextAt - os.now, 1), 1_000)
  await perform(world, { kind: "wait", text: "", make: () => os.advance(ms) })
}

function isWell(world: ProgramWorld): boolean {
  if (isFinished(world) || world.primaryKilledAt !== null) return false
  const { workers, state } = world.pool
  const living = workers.filter((worker) => worker.state !== "finished").length
  // Exits that the primary does not know of are on their way to it.
  const isServing = unservedIn(world).length === 0 && living === world.system.processes.size
  if (state !== "running" || !isServing) return false
  const asked = world.test.isWell
  if (asked === undefined) return true
  try {
    const answer = answerOf(asked())
    if (typeof answer === "boolean") return answer
    throw new TypeError(`it must return true or false, got ${shown(answer)}`)
  } catch (error) {
    fail(world, "isWell", error)
    return false
  }
}

/** Workers that are not ready, in slots without another worker that is. */
function unservedIn({ pool: { workers } }: ProgramWorld): readonly WorkerInfo[] {
  const served = workers.filter(({ state }) => state === "ready" || state === "finished")
  return workers.filter(({ id }) => served.every((other) => other.id !== id))
}

function whyUnwell(world: ProgramWorld): string {
  const unserved = unservedIn(world)
  if (isFinished(world) || world.primaryKilledAt !== null) return "workers outlive their primary"
  if (unserved.length > 0)
    return unserved.map(({ id, state }) => `worker ${id} is ${state}`).join(", ")
  return world.pool.state === "running" ? "isWell() is false" : `the pool is ${world.pool.state}`
}

/** Stops the pool if it still runs. @returns whether it did. */
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

/** Calls a check of the user. */
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

/** What a check returned. @throws {TypeError} if that is a promise. */
function answerOf(result: unknown): unknown {
  if (!(result instanceof Promise)) return result
  result.catch(() => undefined)
  throw new TypeError("it must not return a promise, as time stands still")
}

function fail(world: ProgramWorld, name: string, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error)
  goWrong(world, `${name} failed: ${text}`, error)
}

/** Notes a failure. Only the first one counts. */
function goWrong(world: ProgramWorld, text: string, cause?: unknown): void {
  if (world.failure !== undefined) return
  const { system } = world
  world.failure = { text, cause, index: system.entries.length }
  system.note(`violation: ${text}`)
}

/** Resolves when promises that are settled by now have had their effect. */
const nextTurn = ((defer: (callback: () => void) => unknown) => (): Promise<void> => {
  return new Promise((resolve) => void defer(resolve))
})(globalThis.setImmediate ?? globalThis.setTimeout)

function formatRun(moves: readonly MadeMove[], transcript: string, timeline: string): string {
  return `${numbered(moves.map(({ text }) => text))}\n${transcript}\n${timeline}`
}
