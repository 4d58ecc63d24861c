/**
 * The verbs that observe and steer running pools: what each takes, and what it does. They only ask: the pool decides.
 */
import { readFileSync } from "node:fs"
import { describe } from "../../core/recording/transcript.ts"
import { oneLine } from "../../core/log-line.ts"
import { isRecord } from "../../core/plan/checks.ts"
import type { Notice } from "../../core/notice.ts"
import type { OperatorStatus } from "../../operator/status.ts"
import { mostNotices } from "../../operator/routes.ts"
import { Failure, UsageError } from "../usage-error.ts"
import { type Answered, ask, type Place, Unanswered } from "../../operator/client.ts"
import { dashboard } from "../dashboard/dashboard.ts"
import { follow } from "./follow.ts"
import { worstFirst } from "./frame.ts"
import { choosePool, findPools, type FoundPool, nameOf, silentText } from "./pools.ts"
import { fitting, poolsText, statusText } from "./status-text.ts"
import { top } from "./top.ts"
import { noticeLine, whyText } from "./why-text.ts"

/** A flag of a verb. */
export type VerbFlag = "json" | "last" | "live" | "started" | "port"

/** What a verb was called with. */
export interface Called {
  /** What follows the verb, without flags. */
  readonly words: readonly string[]
  readonly json: boolean
  readonly last: number
  /** Which probe `health` asks. */
  readonly probe: "livez" | "readyz" | "startupz"
  /** Where `dashboard` listens, 0 for any free port, or `health` asks; undefined if it was not given. */
  readonly port: number | undefined
}

/** A verb. Its exit code is 0 if all is well, 1 if not, and 3 if no pool runs. */
export interface OperatingVerb {
  /** What it takes, for the help. */
  readonly takes: string
  /** What it does, in a few words. */
  readonly does: string
  /** The flags that it takes, and what each means. */
  readonly flags?: { readonly [flag in VerbFlag]?: string }
  /** What else is good to know. */
  readonly note?: string
  readonly run: (called: Called) => Promise<number>
}

const notRunning = 3

/** How long a worker measures its load before it can say how busy it is. */
const measuringMs = 600

export const operatingVerbs: { readonly [verb: string]: OperatingVerb } = {
  ps: {
    takes: "",
    does: "list the pools of this user",
    flags: { json: "as a line of JSON" },
    run: ps,
  },
  status: {
    takes: "[POOL]",
    does: "show a pool and its workers",
    flags: { json: "as a line of JSON" },
    run: withPool(0, status),
  },
  top: {
    takes: "[POOL]",
    does: "show it every second, with keys to reload, scale and replace",
    run: withPool(0, top),
  },
  dashboard: {
    takes: "[POOL]",
    does: "show it in a browser on this machine, and steer it there",
    flags: { port: "where the page is (any free port)" },
    note: "Ctrl-C ends the dashboard, not the pool.",
    run: withPool(0, (pool, { port = 0 }) => dashboard(pool, port)),
  },
  why: { takes: "[ID] [POOL]", does: "what happened last, and what is due", run: why },
  events: {
    takes: "[POOL]",
    does: "follow what happens",
    flags: { last: "begin with the latest N notices (10)", json: "a line of JSON for each" },
    run: withPool(0, events),
  },
  health: {
    takes: "[POOL]",
    does: "exit with 0 if it is ready for clients, and say why it is or is not",
    flags: {
      live: "exit with 0 if it is alive: it has not given up",
      started: "exit with 0 if every worker has been ready once",
      port: "ask at this port of this machine, where --health is: it needs no control socket",
      json: "as a line of JSON",
    },
    run: health,
  },
  reload: {
    takes: "[POOL]",
    does: "replace every worker, and wait; exit with 1 if that fails",
    run: withPool(0, (pool) => outcome(pool, "/reload", "reloaded")),
  },
  upgrade: {
    takes: "[POOL]",
    does: "hand over to a new primary, and wait; exit with 1 if that fails",
    note: "The configuration and the file of --env-file are read again. The flags are those of the first start.\nA number of workers that was set by kamisama scale or a signal is lost.",
    run: withPool(0, (pool) => outcome(pool, "/upgrade", "upgraded")),
  },
  scale: { takes: "N|+N|-N [POOL]", does: "set the number of workers, and wait", run: scale },
  recycle: { takes: "ID [POOL]", does: "replace one worker, and wait", run: recycle },
  stop: {
    takes: "[POOL]",
    does: "stop, and wait",
    run: withPool(0, (pool) => outcome(pool, "/stop", "stopped")),
  },
  config: { takes: "[POOL]", does: "print the options in use", run: withPool(0, config) },
  recording: { takes: "[POOL]", does: "print the recording", run: withPool(0, recording) },
  replay: { takes: "FILE", does: "print what a recording holds", run: replay },
}

/** What a verb is called with, for whoever asks. */
export function helpOf(verb: string): string {
  const { takes = "", does = "", flags = {}, note } = operatingVerbs[verb] ?? {}
  const ofFlags = Object.entries(flags).map(([flag, text]) => {
    const value = { last: " N", port: " N" }[flag] ?? ""
    return `  ${`--${flag}${value}`.padEnd(10)} ${text}`
  })
  return [
    `Usage: kamisama ${verb} ${takes}`.trimEnd(),
    `  ${does}`,
    ...ofFlags,
    ...(note === undefined ? [] : [note]),
    ...(takes.includes("POOL")
      ? ["POOL is a name, a process id or the path of a socket, where several pools run."]
      : []),
    `Exit code: 0 if all is well, 1 if not, 2 for a wrong call, ${notRunning} if no pool runs.`,
  ].join("\n")
}

type WithPool = (pool: FoundPool, called: Called) => Promise<number>

/** A verb that takes a pool as its word at this place. */
function withPool(place: number, run: WithPool): OperatingVerb["run"] {
  return async (called) => {
    const surplus = called.words[place + 1]
    if (surplus !== undefined) throw new UsageError(`there is one word too many: ${surplus}`)
    const pool = await choosePool(called.words[place])
    if (pool === undefined) return nothingRuns()
    try {
      return await run(pool, called)
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      throw new Failure(`${nameOf(pool)}: ${error.message}`)
    }
  }
}

/** @param isSilent whether what was printed says so already. */
function nothingRuns(isSilent = false): number {
  if (!isSilent) console.error("kamisama: no pool runs, or none with a control socket")
  return notRunning
}

async function ps({ json, words }: Called): Promise<number> {
  if (words.length > 0) throw new UsageError(`ps takes no words, got ${words[0]}`)
  const { pools, silent } = await findPools()
  for (const path of silent) console.error(`kamisama: ${oneLine(silentText(path))}`)
  if (json) console.log(JSON.stringify(pools))
  const found = json ? [] : await Promise.all(pools.map(statusIfAny))
  const statuses = found.filter((one) => one !== undefined)
  if (statuses.length > 0) console.log(poolsText(statuses))
  if (silent.length > 0) return 1
  return (json ? pools : statuses).length === 0 ? nothingRuns(json) : 0
}

/** Undefined if the pool has ended meanwhile. */
async function statusIfAny(pool: FoundPool): Promise<OperatorStatus | undefined> {
  try {
    return (await bodyOf(pool, "/status")) as OperatorStatus
  } catch (error) {
    if (error instanceof Unanswered) return undefined
    throw error
  }
}

async function status(pool: FoundPool, { json }: Called): Promise<number> {
  let found = (await bodyOf(pool, "/status")) as OperatorStatus
  if (
    found.workers.some(({ state, answers, load }) => state === "ready" && answers && load === null)
  ) {
    // The first question is when a worker begins to measure its load.
    await new Promise((resolve) => setTimeout(resolve, measuringMs))
    found = (await bodyOf(pool, "/status")) as OperatorStatus
  }
  const shown = { ...found, workers: worstFirst(found.workers) }
  console.log(json ? JSON.stringify(found) : statusText(shown, width()))
  return found.state === "running" && found.ready >= found.target ? 0 : 1
}

async function why(called: Called): Promise<number> {
  const [first] = called.words
  const id = first !== undefined && /^\d{1,4}$/.test(first) ? Number(first) : undefined
  return withPool(id === undefined ? 0 : 1, async (pool) => {
    const found = (await bodyOf(pool, "/status")) as OperatorStatus
    const text = String(await bodyOf(pool, `/events?follow=false&last=${mostNotices}`))
    if (id !== undefined && found.workers.every((worker) => worker.id !== id)) {
      throw new UsageError(
        `there is no worker ${id}. There are: ${found.workers.map((worker) => worker.id).join(", ")}`,
      )
    }
    console.log(whyText(found, noticesIn(text), id))
    return 0
  })(called)
}

async function events(pool: FoundPool, { json, last }: Called): Promise<number> {
  let isDone = false
  for await (const { line, notice } of follow(pool, last)) {
    isDone ||= notice.type === "done"
    const shown = json ? line : noticeLine(notice)
    console.log(process.stdout.isTTY ? fitting(shown, width()) : shown)
  }
  if (isDone) return 0
  console.error("kamisama: the pool has ended without a last word: it was killed, or was busy")
  return 1
}

async function health(called: Called): Promise<number> {
  const { port, words } = called
  if (port === undefined) {
    return withPool(0, ({ socketPath }) => healthAt(socketPath, called))(called)
  }
  if (port === 0) {
    throw new UsageError("health --port needs the port of --health, from 1 to 65535, got 0")
  }
  if (words.length > 0) throw new UsageError(`with --port, health takes no pool, got ${words[0]}`)
  try {
    return await healthAt({ port }, called)
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error
    if (error.code !== "ECONNREFUSED") throw new Failure(`port ${port}: ${error.message}`)
    console.error(`kamisama: nobody answers at port ${port} of 127.0.0.1`)
    return notRunning
  }
}

async function healthAt(place: Place, { probe, json }: Called): Promise<number> {
  const { status, body } = await ask(place, "GET", `/${probe}`)
  // At a port, it may be anybody who answers.
  if (!isRecord(body) || typeof body["reason"] !== "string") {
    throw new Failure(
      `what answers there is no pool with --health: /${probe} has the status ${status}`,
    )
  }
  console.log(json ? JSON.stringify(body) : oneLine(body["reason"]))
  return status === 200 ? 0 : 1
}

async function scale(called: Called): Promise<number> {
  const [given = ""] = called.words
  if (!/^[+-]?[1-9]\d{0,5}$/.test(given)) {
    throw new UsageError(
      `scale takes a number of workers, or how many more or fewer: 4, +1 or -1, got ${given || "nothing"}`,
    )
  }
  const target = /^\d/.test(given) ? `/scale?to=${given}` : `/scale?by=${Number(given)}`
  return withPool(1, (pool) => outcome(pool, target, "scaled"))(called)
}

async function recycle(called: Called): Promise<number> {
  const [given = ""] = called.words
  if (!/^[1-9]\d{0,5}$/.test(given)) {
    throw new UsageError(`recycle takes the number of a worker, got ${given || "nothing"}`)
  }
  const run: WithPool = (pool) =>
    outcome(pool, `/recycle?id=${given}`, `replaced worker ${given} of`)
  return withPool(1, run)(called)
}

async function config(pool: FoundPool): Promise<number> {
  console.log(JSON.stringify(await bodyOf(pool, "/config"), null, 2))
  return 0
}

async function recording(pool: FoundPool): Promise<number> {
  process.stdout.write(String(await bodyOf(pool, "/recording")))
  return 0
}

function replay({ words }: Called): Promise<number> {
  const [file] = words
  if (file === undefined) throw new UsageError("replay takes the file of a recording")
  let text: string
  try {
    text = readFileSync(file, "utf8")
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`)
  }
  try {
    console.log(describe(text))
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`)
  }
  return Promise.resolve(0)
}

/** Makes a request, waits for its outcome, and says how it ended. */
async function outcome(pool: FoundPool, target: string, done: string): Promise<number> {
  const name = nameOf(pool)
  const verb = target.slice(1).replace(/\?.*/, "")
  let answered: Answered
  try {
    answered = await ask(pool.socketPath, "POST", target)
  } catch {
    console.error(`kamisama: ${verb} of ${name}: the pool has ended before it was over`)
    return 1
  }
  const { status, body } = answered
  const { reason, workers, pid, code } = body as {
    readonly reason?: string
    readonly code?: number
    readonly workers?: number
    readonly pid?: number
  }
  if (status === 200) {
    const now = workers === undefined ? "" : ` to ${workers}`
    console.log(`${done} ${name}${now}${pid === undefined ? "" : `, now pid ${pid}`}`)
    return 0
  }
  if (verb === "stop" && code !== undefined) {
    console.error(`kamisama: stopped ${name}, exit code ${code}: ${oneLine(reason ?? "")}`)
    return 1
  }
  console.error(`kamisama: ${verb} of ${name} failed: ${oneLine(reason ?? `status ${status}`)}`)
  return 1
}

/** The body of what can always be answered. */
async function bodyOf({ socketPath }: FoundPool, target: string): Promise<unknown> {
  return (await ask(socketPath, "GET", target)).body
}

function noticesIn(lines: string): readonly Notice[] {
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Notice)
}

function width(): number {
  // What is searched or kept is not cut.
  return process.stdout.isTTY === true ? process.stdout.columns : Infinity
}
