/**
 * `kamisama top`: the status of a pool, drawn anew each second, and keys that steer the pool. The terminal is left as it was.
 */
import { styleText } from "node:util"
import type { Notice } from "../../core/notice.ts"
import type { OperatorStatus } from "../../operator/status.ts"
import { UsageError } from "../usage-error.ts"
import { ask } from "../../operator/client.ts"
import { follow } from "./follow.ts"
import { frame, type FrameLine, type TopModel, worstFirst } from "./frame.ts"
import type { FoundPool } from "./pools.ts"

const everyMs = 1_000
/** So many figures and notices are kept for the picture. */
const mostKept = 200

const alternateScreen = "\x1b[?1049h\x1b[?25l"
const ownScreen = "\x1b[?25h\x1b[?1049l"
const fromTheTop = "\x1b[H"
const restOfLine = "\x1b[K"
const restOfScreen = "\x1b[J"

const looks: { readonly [Look in FrameLine["look"]]: Parameters<typeof styleText>[0] } = {
  plain: "reset",
  head: "bold",
  bad: "red",
  chosen: "inverse",
  dim: "dim",
}

/** @throws {UsageError} if there is no terminal that can show it. */
export async function top(pool: FoundPool): Promise<number> {
  const { stdin, stdout } = process
  if (stdout.isTTY !== true || stdin.isTTY !== true || process.env["TERM"] === "dumb") {
    throw new UsageError("top needs a terminal. Elsewhere, use kamisama status")
  }
  let { socketPath } = pool
  const requests = new Map<number, number[]>()
  const notices: Notice[] = []
  let model: TopModel = {
    status: undefined,
    requests,
    notices,
    chosen: undefined,
    question: undefined,
    said: undefined,
  }
  let target: string | undefined
  let end = (): void => undefined
  const ended = new Promise<void>((resolve) => (end = resolve))

  function draw(): void {
    const { columns, rows } = stdout
    const lines = frame(model, columns, rows).map(
      ({ text, look }) => styled(text, look) + restOfLine,
    )
    stdout.write(fromTheTop + lines.join("\n") + restOfScreen)
  }

  function change(changes: Partial<TopModel>): void {
    model = { ...model, ...changes }
    draw()
  }

  async function look(): Promise<void> {
    const { body } = await ask(socketPath, "GET", "/status")
    const status = body as OperatorStatus
    for (const { id, load } of status.workers) {
      const values = requests.get(id) ?? []
      values.push(load?.requestsPerSecond ?? 0)
      requests.set(id, values.slice(-mostKept))
    }
    for (const id of requests.keys()) {
      if (!status.workers.some((worker) => worker.id === id)) requests.delete(id)
    }
    change({ status })
  }

  async function watch(): Promise<void> {
    for await (const { pool: current, notice } of follow(pool, 10)) {
      socketPath = current.socketPath
      notices.push(notice)
      if (notices.length > mostKept) notices.shift()
      draw()
    }
    end()
  }

  function choose(by: 1 | -1): void {
    const ids = worstFirst(model.status?.workers ?? []).map(({ id }) => id)
    const at = model.chosen === undefined ? -1 : ids.indexOf(model.chosen)
    const next = at === -1 ? (by === 1 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length
    change({ chosen: ids[next] })
  }

  function offer(question: string, path: string): void {
    target = path
    change({ question, said: undefined })
  }

  function answered(key: string): void {
    const { question = "" } = model
    const path = target
    target = undefined
    change({ question: undefined, said: key === "y" ? `${question} …` : undefined })
    if (key !== "y" || path === undefined) return
    ask(socketPath, "POST", path).then(
      ({ status, body }) => {
        const { reason = "" } = body as { readonly reason?: string }
        change({ said: status === 200 ? `${question}: done` : `${question} failed: ${reason}` })
      },
      () => undefined,
    )
  }

  function pressed(key: string): void {
    if (key === "q" || key === "\x03" || key === "\x04") return end()
    if (model.question !== undefined) return answered(key)
    switch (key) {
      case "r":
        return offer("reload", "/reload")
      case "+":
        return offer("one more worker", "/scale?by=1")
      case "-":
        return offer("one worker fewer", "/scale?by=-1")
      case "k":
        if (model.chosen === undefined) return change({ said: "choose a worker first: ↑ ↓" })
        return offer(`replace worker ${model.chosen}`, `/recycle?id=${model.chosen}`)
      case "\x1b[A":
        return choose(-1)
      case "\x1b[B":
        return choose(1)
      default:
    }
  }

  const hear = (data: Buffer): void => pressed(data.toString())
  // Whether the pool has ended is heard from its notices: between two primaries nobody answers.
  const ticks = setInterval(() => void look().catch(() => undefined), everyMs)
  for (const signal of ["SIGTERM", "SIGHUP"] as const) process.on(signal, end)
  stdout.write(alternateScreen)
  try {
    stdin.setRawMode(true)
    stdin.on("data", hear)
    stdout.on("resize", draw)
    await look()
    watch().catch(end)
    await ended
  } finally {
    clearInterval(ticks)
    stdin.off("data", hear).setRawMode(false)
    stdin.pause()
    stdout.off("resize", draw)
    stdout.write(ownScreen)
  }
  // Requests and the stream of notices may be open.
  setImmediate(() => process.exit())
  return 0
}

function styled(text: string, look: FrameLine["look"]): string {
  const isPlain = look === "plain" || Boolean(process.env["NO_COLOR"])
  return isPlain ? text : styleText(looks[look], text)
}
