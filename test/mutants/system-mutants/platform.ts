/**
 * Bugs in the link, in the wire, in what carries out commands, and in the reaper.
 */
import type { Mutant } from "../mutants.ts"
import { bugsIn } from "./bugs-in.ts"

const inLink = bugsIn("platform/link.ts", [
  [
    `said: "nothing", isDead: false }`,
    `said: "hello", isDead: false }`,
    "no worker is ever told to run",
  ],
  [
    `  if (type === "worker-failed") return link\n`,
    ``,
    "the last error of a worker is lost if its exit is reported first",
  ],
  [
    `  if (link.isDead) return undefined\n`,
    ``,
    "messages of a dead worker count for its successor",
  ],
  [
    `return link.said === "nothing" ? { ...link, said: "hello" } : undefined`,
    `return { ...link, said: "hello" }`,
    "a repeated hello starts a worker over",
  ],
  [
    `{ ...link, said: "hello" }`,
    `{ ...link, said: "ready" }`,
    "the readiness of a worker is never reported",
  ],
  [
    `return link.said === "hello" ? { ...link, said: "ready" }`,
    `return link.said === "nothing" ? { ...link, said: "ready" }`,
    "no worker is ever ready",
  ],
  [
    `return link.said === "hello" ? { ...link, said: "ready" }`,
    `return link.said !== "nothing" ? { ...link, said: "ready" }`,
    "a worker becomes ready twice",
  ],
  [
    `return link.said === "ready" ? link : undefined`,
    `return link`,
    "a heartbeat counts before its worker is ready",
  ],
  [
    `return link.said === "ready" ? link : undefined`,
    `return undefined`,
    "heartbeats are dropped, and workers are killed",
  ],
  [
    `return link.said === "nothing" ? undefined : link\n`,
    `return link\n`,
    "a message that arrives before the hello is reported",
    "before its hello a worker says only that it was signaled, which the core takes in at any time",
  ],
  [
    `return link.said === "nothing" ? undefined : link\n`,
    `return link.said === "ready" ? link : undefined\n`,
    "a signal to a worker that starts has no effect",
  ],
  [`{ ...link, isDead: true }`, `link`, "messages of a worker whose exit was reported count"],
])

const inWire = bugsIn("platform/wire.ts", [
  [`  reload: true,\n`, ``, "a reload kills the workers that it replaces"],
  [`  "give-up": true,\n`, ``, "a pool that gives up kills its workers"],
  [`  "scale-down": true,\n`, ``, "scaling down kills workers"],
  [`  recycle: true,\n`, ``, "a recycled worker is killed"],
  [`  "direct-signal": true,\n`, ``, "a signal to a worker alone ends in a kill"],
  [`  discard: true,\n`, ``, "a spare is killed instead of stopped"],
  [`  "grant-leadership": {},\n`, ``, "context.exclusive() never resolves"],
  [
    `  "send-clients-elsewhere": {},\n  bye: {},\n`,
    `  "send-clients-elsewhere": {},\n`,
    "every exit takes until its time is over",
  ],
  [
    `{ run: true, shutdown: true, uncaught: true }`,
    `{ run: true, uncaught: true }`,
    "the error of a shutdown is not reported",
  ],
  [
    `return { cmd: command, kamisama: message }`,
    `return { cmd: message.type, kamisama: message }`,
    "no message arrives",
  ],
  [`    unpacked[name] = message[name]\n`, ``, "messages arrive without their fields"],
  [
    `return isTypeIn(asides, message.type)`,
    `return isTypeIn(fromWorker, message.type)`,
    "the messages of workers are not reported",
  ],
])

const inCarryOut = bugsIn("pool/carry-out.ts", [
  [`return orders.fork(command.worker)`, `return`, "no worker is started"],
  [`return orders.run(command.worker)`, `return`, "no worker is told to run"],
  [`return orders.grantLeadership(command.worker)`, `return`, "no worker becomes the leader"],
  [
    `return orders.stop(command.worker, command.signal, command.cause)`,
    `return orders.kill(command.worker)`,
    "workers are killed instead of stopped",
  ],
  [
    `return orders.stop(command.worker, command.signal, command.cause)`,
    `return orders.stop(command.worker, command.signal, "stop")`,
    "a worker is told another cause for its stop",
  ],
  [`return orders.kill(command.worker)`, `return`, "a worker that hangs is never killed"],
  [
    `return orders.kill(command.worker)`,
    `return orders.stop(command.worker, "SIGTERM", "stop")`,
    "a worker that hangs is asked again instead of killed",
  ],
  [
    `      return orders.sendClientsElsewhere()\n`,
    `      return\n`,
    "clients are not sent elsewhere before a stop",
  ],
  [`      return orders.releasePorts()\n`, `      return\n`, "a pool that stops keeps its ports"],
  [
    `    case "announce-give-up":\n`,
    `      return orders.releasePorts()\n    case "announce-give-up":\n      if (command.type === "announce-give-up") return\n`,
    "a pool that gives up keeps its ports",
  ],
  [`return orders.finish(command.code)`, `return`, "a primary without workers never ends"],
  [
    `return orders.finish(command.code)`,
    `return orders.finish(0)`,
    "a pool that has given up exits with 0",
  ],
])

const inReaper = bugsIn("platform/reaper-life.ts", [
  [
    `    workers,\n    known: together(known, [])`,
    `    workers: [],\n    known: together(known, [])`,
    "a reaper that is started again knows no workers",
  ],
  [
    `workers: [...workers, event.pid]`,
    `workers: [event.pid]`,
    "the reaper knows the latest worker alone",
  ],
  [
    `workers: withoutFirst(workers, event.pid)`,
    `workers`,
    "the reaper may kill a process that has the id of a dead worker",
  ],
  [
    `    case "input-ended":\n      return primaryDied(plan, state)`,
    `    case "input-ended":\n      return search(state, [])`,
    "the reaper does not care for workers that block",
  ],
  [
    `      { type: "start-waiting" },\n      // Once`,
    `      // Once`,
    "workers are killed right after the death of their primary",
  ],
  [
    `const workers = state.workers.filter((pid) => alive.includes(pid))`,
    `const { workers } = state`,
    "the reaper may kill a process that has the id of a worker that has ended",
  ],
  [
    `if (waitedMs < timeoutMs) {`,
    `if (waitedMs < 0) {`,
    "workers have no time to stop once their primary died",
  ],
  [
    `if (waitedMs < timeoutMs) {`,
    `if (waitedMs < 2 * timeoutMs) {`,
    "workers that block live twice as long as they may",
  ],
  [
    `commands: [{ type: "wait-a-moment" }, { type: "check-workers", pids: workers }],`,
    `commands: [{ type: "check-workers", pids: workers }],`,
    "the reaper takes all of a core",
  ],
  [
    `    { type: "signal-workers", signal: "KILL", pids: workers },\n`,
    ``,
    "workers that block are suspended and never killed",
  ],
  [
    `return search({ ...destroying, workers: [] }, [`,
    `return search(destroying, [`,
    "the reaper remembers workers that it has killed",
    "once it searches, it signals no worker",
  ],
  [`commands: [exit] }\n  return`, `commands: [] }\n  return`, "the reaper stays forever"],
  [
    `return waitedMs + Math.min(elapsedMs, longestMomentMs)`,
    `return Math.min(elapsedMs, longestMomentMs)`,
    "workers that block live on without their primary",
  ],
  [
    `pids.toSpliced(at, 1)`,
    `pids.slice(0, at)`,
    "the reaper forgets the workers that are younger than one that ended",
  ],
])

export const inPlatform: readonly Mutant[] = [...inLink, ...inWire, ...inCarryOut, ...inReaper]
