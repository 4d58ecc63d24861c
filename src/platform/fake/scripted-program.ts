/**
 * A simulated process that follows a script: its figures say when it says hello, becomes ready, dies, and stops when it is asked to.
 */
import type { Plan } from "../../core/plan/plan.ts"
import { maxRequestsOf } from "../../core/recycling-limits.ts"
import { measureEveryMs } from "../../worker/life.ts"
import type { ToWorker } from "../../worker/message.ts"
import type { FakeProcess, FakeProgram } from "./process.ts"
import type { FullScript, Moment } from "./script.ts"

/** A program that does what the script says. It listens to the signals of the plan. */
export function scriptedProgram(script: FullScript, plan: Plan): FakeProgram {
  let process: FakeProcess
  let isAsked = false

  function since(moment: Moment): void {
    const { dies, channelCloses, hangs, recycles } = script
    if (dies?.since === moment) {
      const { after, code = 1, signal } = dies
      process.timers.after(after, () =>
        signal === undefined ? process.exit(code) : process.exit(null, signal),
      )
    }
    if (channelCloses?.since === moment) {
      process.timers.after(channelCloses.after, () => process.loseChannel())
    }
    if (recycles?.since === moment)
      after(recycles.after, () => process.send({ type: "worker-asked-for-replacement" }))
    if (hangs?.since === moment) process.timers.after(hangs.after, () => process.block())
  }

  function finish(): void {
    const { stop } = script
    if (isAsked || stop === "ignore") return
    isAsked = true
    process.timers.after(stop.after, () => process.exit(stop.code))
  }

  function run(): void {
    since("run")
    sendHeartbeatLater()
    measureLater(script.memory.atFirst)
    countRequests()
    if (script.ready !== false) after(script.ready, becomeReady)
  }

  function becomeReady(): void {
    if (process.state === "stopping") return
    process.send({ type: "worker-became-ready" })
    since("ready")
  }

  function sendHeartbeatLater(): void {
    const everyMs = plan.heartbeatIntervalMs
    if (everyMs === 0 || process.state === "stopping") return
    after(everyMs, () => {
      process.send({ type: "worker-sent-heartbeat", agoMs: 0 })
      sendHeartbeatLater()
    })
  }

  function measureLater(memoryBytes: number): void {
    if (plan.maxMemoryBytes === false || process.state === "stopping") return
    after(measureEveryMs, () => {
      const now = memoryBytes + (script.memory.perSecond * measureEveryMs) / 1_000
      process.send({ type: "worker-measured", memoryBytes: now })
      measureLater(now)
    })
  }

  function countRequests(): void {
    const requests = maxRequestsOf(plan, process.worker.slot)
    if (requests === false || script.requestsPerSecond === 0) return
    after(Math.ceil((1_000 * requests) / script.requestsPerSecond), () => {
      if (process.state !== "stopping") process.send({ type: "worker-served-requests", requests })
    })
  }

  /** Does something that needs the event loop. */
  function after(ms: number, act: () => void): void {
    process.timers.after(ms, () => process.perform(act))
  }

  return {
    booted(booted) {
      process = booted
      since("fork")
      if (script.boot !== false) {
        after(script.boot, () => process.send({ type: "worker-said-hello" }))
      }
    },
    told(command: ToWorker) {
      if (command.type === "run") run()
      if (command.type === "stop") finish()
    },
    signaled(signal) {
      const action = plan.signals[signal]
      if (action === "stop") process.send({ type: "worker-was-signaled", signal })
      return action !== undefined
    },
    primaryGone: finish,
  }
}
