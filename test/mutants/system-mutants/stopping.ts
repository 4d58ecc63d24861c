/**
 * Bugs in how a worker stops and leaves: with listeners of its own, in its step, and in its last moments.
 */
import type { Mutant } from "../mutants.ts"
import { bugsIn } from "./bugs-in.ts"

const inOwnStop = bugsIn("worker/own-stop.ts", [
  [
    `{ ...own, isPending, isUntold }`,
    `{ ...own, isUntold }`,
    "the promises of listeners are not waited for",
  ],
  [
    `{ ...own, isPending, isUntold }`,
    `{ ...own, isPending }`,
    "what listeners have started is cut off",
  ],
  [
    `step: "waiting-for-run" }, commands: [begin] }`,
    `step: "waiting-for-run" }, commands: [] }`,
    "run waits for context.signal, which is never aborted",
  ],
  [
    `commands: [begin, { type: "drain" }] }`,
    `commands: [{ type: "drain" }] }`,
    "context.signal is not aborted where the program listens to the signal itself",
  ],
  [
    `commands: [begin, { type: "drain" }] }`,
    `commands: [begin] }`,
    "servers stay open after the listeners, and the worker is killed",
  ],
  [
    `      return run === "ends" && !own.isLeaving\n        ? { own: { ...called`,
    `      return run === "ends"\n        ? { own: { ...called`,
    "process.exit() in a listener waits for run",
  ],
  [
    `proceed({ ...own, isPending: false }, run)`,
    `proceed(own, run)`,
    "a promise that has settled is waited for",
  ],
  [
    `      if (own.isLeaving) return { own, commands: [] }\n`,
    ``,
    "a second process.exit() cuts the first one short",
  ],
  [
    `      if (event.code !== 0) return { own, commands: [{ type: "exit-at-once", code: event.code }] }\n`,
    ``,
    "a program that gives up during its stop counts as a success",
  ],
  [
    `{ type: "exit-at-once", code: event.code }`,
    `{ type: "exit-at-once", code: 0 }`,
    "the exit code of a program that gives up is lost",
  ],
  [
    `proceed({ ...own, isLeaving: true }, run)`,
    `proceed(own, run)`,
    "process.exit(0) in a listener has no effect",
  ],
  [
    `    case "run-settled":\n      return proceed(own, run)`,
    `    case "run-settled":\n      return { own, commands: [] }`,
    "a worker waits until it is killed although its run is over",
  ],
  [
    `proceed({ ...own, step: "drained" }, run)`,
    `proceed(own, run)`,
    "a worker that is drained waits until it is killed",
  ],
  [
    `      return { own, commands: [{ type: "exit" }] }\n    case "idle":`,
    `      return { own, commands: [] }\n    case "idle":`,
    "a worker whose servers are closed waits until it is killed",
  ],
  [
    `proceed({ ...own, isPending: false, isUntold: false }, run)`,
    `proceed({ ...own, isPending: false }, run)`,
    "a worker with nothing left to do waits until it is killed",
  ],
  [
    `proceed({ ...own, isPending: false, isUntold: false }, run)`,
    `proceed({ ...own, isUntold: false }, run)`,
    "a worker waits for a promise that nothing can settle any more",
  ],
  [
    `proceed({ ...own, isUntold: false }, run)`,
    `proceed(own, run)`,
    "a worker whose listeners tell nothing is killed",
  ],
  [
    `      return run === "ends" && !own.isLeaving\n        ? { own, commands: [] }`,
    `      return run === "ends"\n        ? { own, commands: [] }`,
    "process.exit(0) after the listeners waits for run",
  ],
  [
    `{ own: { ...own, step: "draining" }, commands: [{ type: "drain" }] }`,
    `{ own: { ...own, step: "draining" }, commands: [] }`,
    "servers stay open after run, and the worker is killed",
  ],
  [
    `      if (own.isLeaving) return { own, commands: [{ type: "exit" }] }\n      if (own.isPending`,
    `      if (own.isPending`,
    "process.exit(0) waits for the promises of listeners",
  ],
  [
    `if (own.isPending || own.isUntold) return watch(own)`,
    `if (own.isUntold) return watch(own)`,
    "a worker ends while the promise of a listener is pending",
  ],
  [
    `if (own.isPending || own.isUntold) return watch(own)`,
    `if (own.isPending) return watch(own)`,
    "a worker ends while its listener still works",
  ],
  [
    `return run === "done"\n        ? {`,
    `return run !== "done"\n        ? {`,
    "what run returned is closed only while run is pending",
  ],
  [
    `? { own: { ...own, step: "closing" }, commands: [{ type: "close-returned" }] }`,
    `? { own, commands: [{ type: "exit" }] }`,
    "what run returned is not closed after the listeners",
  ],
  [
    `commands: [{ type: "watch-listeners" }] }`,
    `commands: [] }`,
    "nobody notices that the work of listeners is done",
  ],
])

const inStep = bugsIn("worker/step.ts", [
  [
    `const idle = respawn !== "always" ?`,
    `const idle = respawn === "never" ?`,
    "a worker that is done never ends where failures alone are respawned",
  ],
  [`program.shutdown !== undefined`, `program.shutdown === undefined`, "shutdown is never called"],
  [
    `{ ...work.plan, maxRequests: maxRequestsOf(pool, message.slot) }`,
    `work.plan`,
    "a limit of requests has no effect",
  ],
  [
    `{ type: "told-to-stop", signal, cause }`,
    `{ type: "told-to-stop", signal, cause: "discard" }`,
    "shutdown is not called in a stop",
  ],
  [
    `return { work, commands: [{ type: "make-leader" }] }`,
    `return { work, commands: [] }`,
    "context.exclusive() never resolves",
  ],
  [
    `return live(told, { type: "told-to-stop", signal, cause }, at, program)`,
    `return isFirst ? live(told, { type: "told-to-stop", signal, cause }, at, program) : { work, commands: [] }`,
    "a worker that boots cannot be stopped",
  ],
  [
    `: Math.max(0, life.askedAt + timeoutMs - at)`,
    `: timeoutMs`,
    "a worker that cannot write is killed before it gives up",
  ],
  [
    `return leftMs - Math.min(exitMarginMs, leftMs / 2)`,
    `return leftMs`,
    "a worker that cannot write is killed at the moment at which it gives up",
  ],
  [
    `const after: Work = { ...work, life: next.life }`,
    `const after: Work = next.commands.length > 0 ? { ...work, life: next.life } : work`,
    "a worker forgets what has no effect at once",
  ],
])

const inLeaving = bugsIn("worker/leaving.ts", [
  [
    `  if (leaving === "gone") return { leaving, commands: [] }\n`,
    ``,
    "a worker that is gone reacts to its last word",
    "the process has ended with the command",
  ],
  [
    `? { leaving: "asking", commands: ["stop-listening", "ask"] }`,
    `? { leaving: "gone", commands: ["end"] }`,
    "connections that are on their way to a worker that exits are lost",
  ],
  [
    `commands: ["stop-listening", "ask"]`,
    `commands: ["ask"]`,
    "a worker that exits is handed connections to the end, and loses them",
  ],
  [
    `commands: ["stop-listening", "ask"]`,
    `commands: ["ask", "stop-listening"]`,
    "the last word comes before the last connection, which is lost",
  ],
  [
    `commands: ["stop-listening", "ask"]`,
    `commands: ["stop-listening"]`,
    "a worker waits for a last word that it has not asked for",
  ],
  [
    `        : { leaving: "gone", commands: ["end"] }\n    case "closed":`,
    `        : { leaving: "asking", commands: ["ask"] }\n    case "closed":`,
    "a worker without its primary waits for a last word",
  ],
  [
    `return leaving === "flushing"\n`,
    `return leaving === "gone"\n`,
    "the last output of a worker is lost if its primary dies",
  ],
  [
    `return leaving === "flushing"\n`,
    `return leaving !== "gone"\n`,
    "a worker whose primary dies waits for its last word",
  ],
  [
    `    case "answered":\n`,
    `    case "answered":\n      return { leaving, commands: [] }\n`,
    "the last word has no effect",
  ],
  [
    `    case "overdue":\n`,
    `      return { leaving: "gone", commands: ["end"] }\n    case "overdue":\n      if (event.type === "overdue") return { leaving, commands: [] }\n`,
    "a worker that cannot write never ends",
  ],
])

export const inStopping: readonly Mutant[] = [...inOwnStop, ...inStep, ...inLeaving]
