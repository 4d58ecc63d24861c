/**
 * Whether the model has a run in which one process does what a log says of it. Nothing is measured: a timer may fire at any
 * moment once it is set. The search goes on where most of the log is explained, so a log that is accepted takes little.
 */
import type { Plan } from "../../core/plan/plan.ts"
import type { Unexplained } from "./accept.ts"
import { expectationsOf } from "./expectation.ts"
import { type Letter, textOfAction, textOfFact } from "./letters.ts"
import { ObservedDraft, worldOf } from "./observed-draft.ts"
import { endings, hiddenMoves, observedMoves } from "./observed-moves.ts"
import { endPrimary, order } from "./primary-side.ts"
import type { ProgramBounds, SystemBounds } from "./system-bounds.ts"
import type { Process } from "./system-world.ts"

/** The process at one moment, and how many entries of its log are explained. */
interface Situation {
  readonly bounds: SystemBounds
  readonly process: Process | undefined
  readonly isLed: boolean
  /** Whether its file has a heartbeat at which its primary has not looked. */
  readonly hasBeaten: boolean
  readonly explained: number
}

/** More than a process can be in. */
const mostSituations = 300_000

/** What is wrong with the log of a process whose program may be one of these; undefined if nothing is. */
export function rejectProcess(
  plan: Plan,
  letters: readonly Letter[],
  programs: readonly ProgramBounds[],
  breaksChannels: boolean,
): Unexplained | undefined {
  const expectations = expectationsOf(letters)
  const known = new Set<string>()
  const open: Situation[][] = []
  let deepest = 0
  /** How many letters any run explains, and what could have been next. */
  let most = 0
  const instead = new Set<string>()

  function add(situation: Situation): void {
    const key = keyOf(situation)
    if (known.has(key)) return
    known.add(key)
    const { explained } = situation
    ;(open[explained] ??= []).push(situation)
    deepest = Math.max(deepest, explained)
    if (explained <= most) return
    most = explained
    instead.clear()
  }

  /** Carries out a move, and keeps what comes of it if the log says the same. */
  function attempt(
    from: Situation,
    perform: (draft: ObservedDraft) => void,
    changes: Partial<Situation> = {},
  ): void {
    const draft = new ObservedDraft(worldOf(plan, from.process, from.isLed), plan, from.bounds)
    perform(draft)
    let { explained } = { ...from, ...changes }
    for (const text of draft.letters) {
      if (text !== textOf(letters[explained])) {
        if (explained === most) instead.add(text)
        return
      }
      explained += 1
    }
    add({ ...from, ...changes, process: draft.processes[0], explained })
  }

  function goOn(from: Situation): void {
    const { process, explained, isLed, bounds } = from
    const next = letters[explained]
    if (next?.kind === "command" && isLed) {
      const changes = { explained: explained + 1 }
      attempt(from, (draft) => order(draft, next.command), changes)
    }
    if (process === undefined) return
    const at = 0
    const expected = expectations(explained)
    if (expected.mayBeAlone && isLed) {
      attempt(from, (draft) => endPrimary(draft, "killed"), { isLed: false })
    }
    const world = worldOf(plan, process, isLed)
    const place = { world, primary: world.primary, bounds, now: Infinity, stopSignal: "" }
    const facts = expected.facts(process)
    for (const move of [...hiddenMoves(facts), ...endings]) {
      if (move.isPossible(process, place)) attempt(from, (draft) => move.perform(draft, at, place))
    }
    for (const fact of facts) {
      for (const move of observedMoves) {
        if (move.isPossible(process, fact)) attempt(from, (draft) => move.perform(draft, at, fact))
      }
    }
    if (expected.hasHeartbeats && plan.heartbeatTimeoutMs !== false) beat(from, process)
  }

  /** Heartbeats by a file: its time stays, whatever becomes of the process, until the primary looks at it. */
  function beat(from: Situation, { side, link, worker }: Process): void {
    if (from.hasBeaten && link.said === "ready" && !link.isDead) {
      const fact = { type: "worker-sent-heartbeat", worker, agoMs: 0 } as const
      attempt(from, (draft) => draft.tell(fact), { hasBeaten: false })
    }
    const sends = side !== null && side.leaving === null && side.heartbeatAt !== null
    if (!from.hasBeaten && sends) add({ ...from, hasBeaten: true })
  }

  for (const program of programs) {
    const bounds = boundsOf(program, breaksChannels)
    add({ bounds, process: undefined, isLed: true, hasBeaten: false, explained: 0 })
  }
  while (deepest >= 0 && known.size < mostSituations) {
    const situation = open[deepest]?.pop()
    if (situation === undefined) deepest -= 1
    else if (situation.explained === letters.length) return undefined
    else goOn(situation)
  }
  const text = instead.size === 0 ? "nothing" : [...instead].join(", or ")
  const isDecided = known.size < mostSituations
  return {
    index: letters[most]?.index ?? 0,
    instead: isDecided ? text : "undecided: too many situations",
  }
}

function textOf(letter: Letter | undefined): string | undefined {
  if (letter?.kind === "event") return textOfFact(letter.event)
  return letter?.kind === "action" ? textOfAction(letter.action, letter.slot) : undefined
}

function boundsOf(program: ProgramBounds, breaksChannels: boolean): SystemBounds {
  return {
    interleaves: true,
    program,
    reloads: false,
    scalesTo: 0,
    stops: false,
    signalsWorkers: false,
    signalsGroup: false,
    killsPrimary: false,
    killsReaper: true,
    killsWorkers: false,
    breaksChannels,
    failsForks: true,
    connections: "none",
  }
}

function keyOf({ bounds, process, isLed, hasBeaten, explained }: Situation): string {
  const { program } = bounds
  const of = [program.hasShutdown, program.listens, program.takesSignal, program.idle]
  const place = [of, isLed, hasBeaten, explained]
  if (process === undefined) return JSON.stringify(place)
  const { record, side, ...others } = process
  const work = side === null ? null : { ...side, work: [side.work.life, side.work.stopSignal] }
  const seen = [record.toldToStop, record.isClosing, record.reported]
  return JSON.stringify([place, others, work, seen])
}
