/**
 * One history of a user's program: so many things that happen to it, then a time in which nothing goes wrong any more
 * until all is well, then a stop that nothing hinders. Decides when each part is over; what is wrong is judged in
 * live-verdict.ts.
 */
import { shown } from "../../core/plan/checks.ts"
import { describeMs } from "../../core/describe.ts"
import type { WorkerInfo } from "../../pool/handle.ts"
import type { OwnedGlobals } from "./owned-globals.ts"
import { drawStorySvg } from "../timeline/draw-svg.ts"
import { drawStory } from "../timeline/draw-text.ts"
import { goalOf } from "../pool/pool-model.ts"
import { type LiveFreedom, type LiveMove, movesOf, partOf } from "./live-moves.ts"
import { type Verdict, verdictOf } from "./live-verdict.ts"
import { isFinished, isOver, type LiveWorld, openWorld } from "./live-world.ts"
import type { SimulatedProgram } from "./program-under-test.ts"

/** How histories of a program are made. */
export interface LiveSettings {
  readonly program: SimulatedProgram
  readonly freedomOf: (world: LiveWorld) => LiveFreedom
  /** How long it may take until all is well, in ms. */
  readonly wellWithinOf: (world: LiveWorld) => number
  readonly isGraceful: boolean
  readonly globals: OwnedGlobals | undefined
}

/** What became of a history. */
export interface LiveHistory {
  /** What is wrong; undefined where nothing is. */
  readonly wrong: string | undefined
  /** What the user's code has thrown, if that is what is wrong. */
  readonly cause: unknown
  /** Everything that happened until it went wrong, or until nothing went wrong any more. */
  readonly moves: readonly MadeMove[]
  /** How much time has passed in it, in ms. */
  readonly duration: number
  /** Orders of the primary, by their rules. */
  readonly reached: ReadonlySet<string>
  /** Everything that was seen: the same where the history is. */
  readonly transcript: string
  /** In words. */
  story(): string
  /** As a picture, with what is wrong above it: the text of an SVG. */
  draw(title?: string): string
  readonly world: LiveWorld
}

/** A move, and which of those that were possible it was. */
interface MadeMove {
  readonly key: string
  readonly number: number
  readonly text: string
  readonly at: number
}

/** Which of the moves happens, by its number; undefined where the next part of the history is to begin. */
export type Chooser = (moves: readonly LiveMove[], world: LiveWorld) => number | undefined

/** What makes a move the same in another history. */
export function keyOf({ kind, text }: LiveMove): string {
  return `${kind} ${text}`
}

/** How long all must be well before it counts, in ms. */
const calmMs = 1_000

/** Goes through a history. @throws like `openWorld`, and what the chooser throws. */
export async function liveHistory(settings: LiveSettings, choose: Chooser): Promise<LiveHistory> {
  const world = openWorld(settings.program, settings.globals)
  const { os } = world.system
  const freedom = settings.freedomOf(world)
  const moves: (MadeMove & { readonly logLength: number })[] = []
  while (!isOver(world) && world.failure === undefined) {
    const possible = movesOf(world, freedom)
    const number = choose(possible, world)
    const move = number === undefined ? undefined : possible[number]
    if (number === undefined || move === undefined) break
    const [at, { text }] = [os.now, move]
    moves.push({ key: keyOf(move), number, text, at, logLength: os.log.length })
    await perform(world, move)
  }
  const hasHealedFrom = os.log.length
  await heal(world, settings.wellWithinOf(world))
  const wasStopped = await stop(world)
  // What is still on its way to it arrives.
  if (isOver(world) && world.failure === undefined) await os.advance(calmMs)
  await ask(world, "atEnd", () => (isOver(world) ? world.test.atEnd?.() : undefined))
  const verdict = verdictOf(world, { hasHealedFrom, wasStopped, isGraceful: settings.isGraceful })
  const transcript = os.transcript()
  const { story } = world.system
  const mark = verdict.wrong === undefined ? undefined : momentOf(world, verdict)
  const made = moves.filter(({ logLength }) => logLength <= (verdict.index ?? Infinity))
  return {
    wrong: verdict.wrong,
    cause: verdict.cause,
    moves: made,
    duration: os.now,
    reached: new Set(
      os.log.flatMap((entry) => (entry.kind === "order" ? [goalOf(entry.order)] : [])),
    ),
    transcript,
    story: () => tell(made, transcript, drawStory(story, { mark, mostOrders: 0 })),
    draw: (title) => drawStorySvg(story, { mark, title }),
    world,
  }
}

/** The entry of the story at which it shows; the length of it where that is its end. */
function momentOf({ system, failure }: LiveWorld, { index, wrong }: Verdict): number {
  const { story, os } = system
  if (index !== undefined) return story.findIndex((entry) => entry === os.log[index])
  return failure !== undefined && failure.text === wrong ? failure.index : story.length
}

async function perform(world: LiveWorld, { kind, text, make }: LiveMove): Promise<void> {
  const { system } = world
  const isPassing = partOf(kind) === "progress"
  if (!isPassing && kind !== "suspend") system.happened(text)
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
async function heal(world: LiveWorld, withinMs: number): Promise<void> {
  const { system, coming, test } = world
  const { os } = system
  if (world.failure !== undefined) return
  Object.assign(coming, { failures: 0, slowBoots: 0 })
  if (isOver(world)) return
  for (const process of system.processes) {
    process.unblock()
    process.reportExitAfter(1)
  }
  const text = "nothing goes wrong any more"
  await perform(world, { kind: "heal", text, make: test.heal ?? (() => undefined) })
  const until = os.now + withinMs
  let wellSince: number | undefined
  while (world.failure === undefined && !isOver(world)) {
    const wellMs = isWell(world) ? os.now - (wellSince ??= os.now) : undefined
    if (wellMs === undefined) wellSince = undefined
    else if (wellMs >= calmMs) return
    if (wellMs === undefined && os.now >= until) {
      return goWrong(world, `it was not well again within ${describeMs(withinMs)}: ${ills(world)}`)
    }
    await pass(world)
  }
}

/** Lets time pass, as far as nobody may miss anything. */
async function pass(world: LiveWorld): Promise<void> {
  const { os, nextAt } = world.system
  const ms = Math.min(Math.max(nextAt - os.now, 1), 1_000)
  await perform(world, { kind: "wait", text: "", make: () => os.advance(ms) })
}

function isWell(world: LiveWorld): boolean {
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
function illIn({ pool: { workers } }: LiveWorld): readonly WorkerInfo[] {
  const served = workers.filter(({ state }) => state === "ready" || state === "finished")
  return workers.filter(({ id }) => served.every((other) => other.id !== id))
}

function ills(world: LiveWorld): string {
  const ill = illIn(world)
  if (isFinished(world) || world.primaryKilledAt !== null) return "workers outlive their primary"
  if (ill.length > 0) return ill.map(({ id, state }) => `worker ${id} is ${state}`).join(", ")
  return world.pool.state === "running" ? "isWell() is false" : `the pool is ${world.pool.state}`
}

/** Stops it where it still runs. @returns whether it did. */
async function stop(world: LiveWorld): Promise<boolean> {
  const { system, plan, pool } = world
  const { os } = system
  if (world.failure !== undefined || isOver(world)) return false
  const text = "it is stopped, and nothing hinders it"
  await perform(world, { kind: "stop", text, make: () => void pool.stop() })
  const until = os.now + plan.timeoutMs + plan.killReportMs + calmMs
  while (world.failure === undefined && !isOver(world) && os.now < until) await pass(world)
  return true
}

/** Asks the user's code. */
async function ask(
  world: LiveWorld,
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

function fail(world: LiveWorld, name: string, error: unknown): void {
  const text = error instanceof Error ? error.message : String(error)
  goWrong(world, `${name} failed: ${text}`, error)
}

/** The first time counts. */
function goWrong(world: LiveWorld, text: string, cause?: unknown): void {
  if (world.failure !== undefined) return
  const { system } = world
  world.failure = { text, cause, index: system.story.length }
  system.happened(`wrong: ${text}`)
}

/** Whatever promises lead to has happened by then. */
const nextTurn = ((defer: (callback: () => void) => unknown) => (): Promise<void> => {
  return new Promise((resolve) => void defer(resolve))
})(globalThis.setImmediate ?? globalThis.setTimeout)

function tell(moves: readonly MadeMove[], transcript: string, timeline: string): string {
  const list = moves.map(({ text }, number) => `${String(number + 1).padStart(4)}. ${text}\n`)
  const head = list.length === 0 ? "nothing has to happen for it\n" : list.join("")
  return `${head}\n${transcript}\n${timeline}`
}
