/**
 * Bugs in the life of a worker.
 */
import type { Mutant } from "../mutants.ts"
import { bugsIn } from "./bugs-in.ts"

const nothing = "{ life, commands: [] }"

export const inLife: readonly Mutant[] = bugsIn("worker/life.ts", [
  [
    `  if (life.phase === "ended") return ${nothing}\n`,
    ``,
    "a worker that exits still reacts to a stop",
  ],
  [
    `isRunPending: true, willListen`,
    `isRunPending: false, willListen`,
    "a stop does not wait for run",
  ],
  [
    `          ...sendHeartbeatLater(plan),\n          ...measureLater(plan),`,
    `          ...measureLater(plan),`,
    "a worker never sends heartbeats, and is killed",
  ],
  [
    `          ...measureLater(plan),\n          ...countRequests(plan),`,
    `          ...countRequests(plan),`,
    "a worker never reports its memory, and grows without bounds",
  ],
  [
    `          ...countRequests(plan),\n`,
    ``,
    "a worker never counts its requests, and is never recycled",
  ],
  [`          { type: "call-run" },\n`, ``, "run is never called"],
  [
    `(life.askedAt ?? at) + plan.timeoutMs`,
    `at + plan.timeoutMs`,
    "the death of the primary gives a worker that stops all of its time again",
  ],
  [
    `afterMs: Math.max(0, leftMs) }`,
    `afterMs: 0 }`,
    "a worker whose primary died has no time to shut down",
  ],
  [
    `commands: [deadline, ...stopped.commands]`,
    `commands: [...stopped.commands]`,
    "a worker whose primary died never gives up",
  ],
  [
    `stop(plan, life, "SIGTERM", "primary-gone", at, doing)`,
    `({ life, commands: [] } as LifeStep)`,
    "a worker whose primary died goes on until its time is over",
  ],
  [
    `return { life, commands: [send({ type: "worker-was-signaled", signal })] }`,
    `return ${nothing}`,
    "a signal to a worker alone has no effect",
  ],
  [
    `return { life, commands: [send({ type: "worker-was-signaled", signal })] }`,
    `return stop(plan, life, signal, "direct-signal", at, doing)`,
    "Ctrl-C stops workers before their primary decides",
  ],
  [
    `: inOwnStop({ type: "run-settled" }, { ...life, isRunPending: false })`,
    `: inOwnStop({ type: "run-settled" })`,
    "what run returned during a stop is not closed",
  ],
  [
    `      return own === null\n        ? runSettled`,
    `      return own !== undefined\n        ? runSettled`,
    "a stop that listeners were told of waits for run forever",
  ],
  [
    `      if (life.phase === "stopping" && !life.endsByRun) return { life: settled, commands: [] }\n`,
    ``,
    "a run that breaks off during a shutdown cuts it short",
  ],
  [
    `if (life.phase === "stopping" && !life.endsByRun) return { life: settled`,
    `if (life.phase === "stopping") return { life: settled`,
    "a worker waits until it is killed although its run broke off",
  ],
  [
    `if (!event.isAbort || !life.endsByRun) return fail(settled, "run")`,
    `if (!life.endsByRun) return fail(settled, "run")`,
    "a run that fails while it stops counts as a success",
  ],
  [
    `return own === null ? end(settled, 0) : inOwnStop({ type: "run-settled" }, settled)`,
    `return end(settled, 0)`,
    "a run that breaks off ends a worker before its listeners are done",
  ],
  [
    `return own === null ? end(settled, 0) : inOwnStop`,
    `return own === null ? end(settled, 1) : inOwnStop`,
    "a run that breaks off as asked counts as a failure",
  ],
  [
    `return own === null ? end(settled, 0) : inOwnStop({ type: "run-settled" }, settled)`,
    `return own === null ? end(settled, 0) : { life: settled, commands: [] }`,
    "a worker with listeners waits until it is killed although its run broke off",
  ],
  [
    `      return life.phase === "running" ? becomeReady(life) : ${nothing}`,
    `      return ${nothing}`,
    "a worker that listens is never ready",
  ],
  [
    `    case "declared-ready":\n`,
    `      return life.phase === "running" ? becomeReady(life) : ${nothing}\n    case "declared-ready":\n      if (event.type === "declared-ready") return ${nothing}\n`,
    "context.ready() has no effect",
  ],
  [
    `return life.phase === "running" ? fail(life, "run") : ${nothing}`,
    `return ${nothing}`,
    "a worker that cannot listen stays, and is never ready",
  ],
  [
    `return life.phase === "running" ? fail(life, "run") : ${nothing}`,
    `return fail(life, "run")`,
    "a server that cannot listen any more makes a stop fail",
  ],
  [
    `return plan.hasShutdown ? { life, commands: [{ type: "drain" }] } : end(life, 0)`,
    `return end(life, 0)`,
    "requests that shutdown did not wait for are cut off",
  ],
  [
    `return own === null ? end(life, 0) : inOwnStop({ type: "drained" })`,
    `return end(life, 0)`,
    "a worker ends before the promises of its listeners have settled",
  ],
  [
    `return own === null ? end(life, 0) : inOwnStop({ type: "drained" })`,
    `return own === null ? end(life, 0) : ${nothing}`,
    "a worker with listeners waits until it is killed",
  ],
  [
    `return own === null ? end(life, 0) : inOwnStop({ type: "drained" })`,
    `return own === null ? ${nothing} : inOwnStop({ type: "drained" })`,
    "a worker that is drained waits until it is killed",
  ],
  [
    `      return fail(life, "shutdown")\n`,
    `      return end(life, 0)\n`,
    "a shutdown that fails counts as a success",
  ],
  [
    `      return fail(life, "shutdown")\n`,
    `      return end(life, 1)\n`,
    "the error of a shutdown is lost",
  ],
  [
    `        send({ type: "worker-sent-heartbeat", agoMs: 0 }),\n        ...sendHeartbeatLater(plan),`,
    `        send({ type: "worker-sent-heartbeat", agoMs: 0 }),`,
    "only one heartbeat is sent, and the worker is killed",
  ],
  [
    `        send({ type: "worker-sent-heartbeat", agoMs: 0 }),\n        ...sendHeartbeatLater(plan),`,
    `        ...sendHeartbeatLater(plan),`,
    "heartbeats are due but not sent, and the worker is killed",
  ],
  [
    `        send({ type: "worker-measured", memoryBytes }),\n`,
    ``,
    "the memory of a worker is measured but not reported",
  ],
  [
    `return whileRunning(life, send({ type: "worker-served-requests", requests }))`,
    `return ${nothing}`,
    "a worker that has served its requests is not replaced",
  ],
  [`        send(event.message),\n`, ``, "a question of the program never reaches the primary"],
  [
    `      return end(life, 1)\n    case "listeners-called":`,
    `      return end(life, 0)\n    case "listeners-called":`,
    "a worker that could not stop in time counts as a success",
  ],
  [
    `      return end(life, 1)\n    case "listeners-called":`,
    `      return ${nothing}\n    case "listeners-called":`,
    "a worker whose primary died lives on after its time",
  ],
  [
    `      if (own !== null) return inOwnStop({ type: "idle" })\n`,
    ``,
    "a worker with nothing left to do waits until its time is over",
  ],
  [
    `if (life.phase !== "running" || life.isRunPending)`,
    `if (life.isRunPending)`,
    "a worker with nothing to do cuts its own shutdown short",
  ],
  [
    `fail(life, "run") : end(life, event.code)`,
    `fail(life, "run") : ${nothing}`,
    "a worker that is done never ends",
  ],
  [
    `fail(life, "run") : end(life, event.code)`,
    `fail(life, "run") : end(life, 1)`,
    "a worker that is done counts as failed, and is respawned",
  ],
  [
    `  if (life.phase === "stopping") return ${nothing}\n  // Before`,
    `  // Before`,
    "a second signal calls shutdown again",
  ],
  [
    `if (life.phase === "waiting" || reason === "discard") {`,
    `if (reason === "discard") {`,
    "a worker that never ran is shut down",
  ],
  [
    `const stopping: Life = { ...life, phase: "stopping", askedAt: at }\n`,
    `const stopping: Life = { ...life, phase: "stopping" }\n`,
    "a worker that never ran has all of its time again once its primary dies",
  ],
  [
    `commands: [beginStopping(stopping), { type: "drain" }] }`,
    `commands: [beginStopping(stopping)] }`,
    "a worker that never ran waits until it is killed",
  ],
  [
    `!plan.hasShutdown && life.isRunPending && takesSignal`,
    `!plan.hasShutdown && life.isRunPending`,
    "a stop waits for a run that knows nothing of it",
  ],
  [
    `!plan.hasShutdown && life.isRunPending && takesSignal`,
    `!plan.hasShutdown && takesSignal`,
    "a stop waits for a run that is over",
  ],
  [
    `!plan.hasShutdown && life.isRunPending && takesSignal`,
    `life.isRunPending && takesSignal`,
    "a run that breaks off ends its worker during its shutdown",
  ],
  [
    `const asked = { phase: "stopping", askedAt: at, endsByRun,`,
    `const asked = { phase: "stopping", askedAt: null, endsByRun,`,
    "a worker forgets since when it stops",
  ],
  [
    `commands: [begin, { type: "call-shutdown", signal, reason }]`,
    `commands: [{ type: "call-shutdown", signal, reason }]`,
    "context.signal is not aborted where there is a shutdown",
  ],
  [
    `commands: [begin, { type: "call-shutdown", signal, reason }]`,
    `commands: [{ type: "call-shutdown", signal, reason }, begin]`,
    "shutdown is called before context.signal is aborted",
  ],
  [
    `commands: [begin, { type: "call-shutdown", signal, reason }]`,
    `commands: [begin, { type: "drain" }]`,
    "servers are closed and shutdown is never called",
  ],
  [
    `  if (listens) {\n`,
    `  if (listens && life.isRunPending) {\n`,
    "the listeners of a program are not called once its run is over",
  ],
  [
    `      commands: [{ type: "call-listeners", signal }],`,
    `      commands: [begin, { type: "call-listeners", signal }],`,
    "connections end before the listeners of the program know of the stop",
  ],
  [
    `  if (endsByRun) return { life: stopping, commands: [begin] }\n`,
    ``,
    "a worker ends while its run still cleans up",
  ],
  [
    `if (endsByRun) return { life: stopping, commands: [begin] }`,
    `if (endsByRun) return { life: stopping, commands: [] }`,
    "a run waits for context.signal, which is never aborted",
  ],
  [
    `{ type: life.isRunPending ? "drain" : "close-returned" }`,
    `{ type: "drain" }`,
    "what run returned is not closed",
  ],
  [
    `{ type: life.isRunPending ? "drain" : "close-returned" }`,
    `{ type: "close-returned" }`,
    "servers of a run that is pending are not closed",
  ],
  [
    `  const close = { type:`,
    `  if (life.isRunPending) return { life: stopping, commands: [begin] }\n  const close = { type:`,
    "a worker whose run never settles waits until it is killed",
  ],
  [
    `!life.isRunPending ? "done" : life.endsByRun ? "ends" : "stays",`,
    `life.isRunPending && life.endsByRun ? "ends" : "stays",`,
    "what run returned is not closed after the listeners",
  ],
  [
    `!life.isRunPending ? "done" : life.endsByRun ? "ends" : "stays",`,
    `!life.isRunPending ? "done" : "stays",`,
    "after its listeners, a worker ends while its run still cleans up",
  ],
  [
    `const endsAt = (life.askedAt ?? at) + timeoutMs`,
    `const endsAt = at + timeoutMs`,
    "a worker with listeners is killed before it gives them up",
  ],
  [
    `+ timeoutMs - Math.min(listenersMarginMs, timeoutMs / 2)`,
    `+ timeoutMs`,
    "a worker gives its listeners up only when it is killed",
  ],
  [
    `const settled: Life = { ...life, isRunPending: false }\n  if`,
    `const settled: Life = life\n  if`,
    "a run counts as pending after it has returned",
  ],
  [
    `life.endsByRun ? [{ type: "close-returned" }] : []`,
    `[]`,
    "a worker waits until it is killed although its run returned",
  ],
  [
    `life.endsByRun ? [{ type: "close-returned" }] : []`,
    `[{ type: "close-returned" }]`,
    "a run that returns late ends its worker during its shutdown",
  ],
  [
    `  if (plan.idle !== "stays") {`,
    `  if (plan.idle === "fails") {`,
    "a worker that is done is never noticed",
  ],
  [
    `      ? [{ type: "await-listening" }]`,
    `      ? []`,
    "a worker whose run returned a server is never ready",
  ],
  [
    `: [{ type: "await-first-listening", atMostMs: listenWithinMs(life) }]`,
    `: [{ type: "await-listening" }]`,
    "a worker that never listens is never ready",
  ],
  [
    `  if (life.isReady) return ${nothing}\n`,
    ``,
    "a worker says twice that it is ready",
    "the link drops the second message",
  ],
  [`const ended = end(life, 1)\n`, `const ended = end(life, 0)\n`, "a failure exits with 0"],
  [
    `commands: [{ type: "report-failure", during }, ...ended.commands]`,
    `commands: [...ended.commands]`,
    "an error is not reported",
  ],
  [
    `commands: [{ type: "report-failure", during }, ...ended.commands]`,
    `commands: [...ended.commands, { type: "report-failure", during }]`,
    "an error is reported once the process is about to be gone",
  ],
  [
    `return { life: { ...life, phase: "ended" }, commands: [{ type: "exit", code }] }`,
    `return { life, commands: [{ type: "exit", code }] }`,
    "shutdown is called in a worker that already exits",
  ],
])
