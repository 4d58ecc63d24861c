/**
 * What the playground is set to, and how that stands in an address: pure. The options are written as the flags of the command are.
 */
import { lint } from "../../src/core/lint/lint.ts"
import type { Finding } from "../../src/core/lint/finding.ts"
import { quantityOf } from "../../src/core/plan/forms.ts"
import { type Plan, planFrom } from "../../src/core/plan/plan.ts"
import { type Flag, optionFlags } from "../../src/command/flags.ts"
import { valueOf } from "../../src/command/values.ts"
import { outages } from "./outages.ts"

/** The texts of the options that were given, by the names of their flags. */
export type Texts = { readonly [flag: string]: string }

/** All that is set. */
export interface Settings {
  /** The sets of options: one, or two side by side. */
  readonly sets: readonly [Texts, Texts?]
  /** The name of the outage in outages.ts. */
  readonly outage: string
  /** How long it lasts, such as "3min". */
  readonly lasts: string
}

/** The options that make a difference here. */
export const flags: readonly Flag[] = optionFlags.filter(
  ({ name }) =>
    ![
      "control",
      "metrics",
      "health",
      "notify-fd",
      "title",
      "compile-cache",
      "stdin",
      "idle",
      "log",
      "log-format",
      "prefix",
      "kill-tree",
      "scheduling",
      "close-timeout",
      "ready-at",
    ].includes(name),
)

/** Those that are asked for first. */
export const mainFlags: readonly string[] = [
  "workers",
  "respawn-limit",
  "respawn-interval",
  "backoff",
  "heartbeat-timeout",
  "timeout",
]

const machine = { cores: () => 4 }

/** What a set of options means. */
export type Read =
  | {
      readonly ok: true
      readonly plan: (seed: number) => Plan
      readonly findings: readonly Finding[]
      readonly options: object
    }
  | { readonly ok: false; readonly flag: string; readonly problem: string }

export function read(texts: Texts): Read {
  const options: { [name: string]: unknown } = {}
  let current = ""
  try {
    for (const flag of flags) {
      const text = texts[flag.name]?.trim() ?? ""
      if (text === "") continue
      current = flag.name
      const [option = "", member] = flag.path
      const value = valueOf(flag, text, `--${flag.name}`, machine)
      options[option] =
        member === undefined
          ? value
          : { ...(options[option] as object | undefined), [member]: value }
    }
    const findings = lint(options, { cores: machine.cores() })
    const { workers } = planFrom(options, { cores: machine.cores, seed: 1 })
    if (workers > mostWorkers) {
      current = "workers"
      throw new RangeError(`There is room for ${mostWorkers} workers here, got ${workers}.`)
    }
    const plan = (seed: number): Plan => planFrom(options, { cores: machine.cores, seed })
    return { ok: true, plan, findings, options }
  } catch (error) {
    return {
      ok: false,
      flag: current,
      problem: error instanceof Error ? error.message : String(error),
    }
  }
}

/** How long an outage lasts, in ms. @throws {RangeError} if that is no duration. */
export function lastingMs({ outage, lasts }: Settings): number {
  const usual = outages[outage]?.usualMs ?? 0
  if (lasts.trim() === "") return usual
  const ms = quantityOf(lasts, "ms")
  if (ms === undefined || !(ms > 0) || ms > mostMs) {
    throw new RangeError("An outage lasts for a duration such as 30s, 5min or 2h; one day at most.")
  }
  return ms
}

const mostMs = 86_400_000
/** More would not fit on a page. */
const mostWorkers = 64

const usual: Settings = { sets: [{ workers: "4" }], outage: "database", lasts: "" }

/** The part of an address behind #. */
export function written({ sets, outage, lasts }: Settings): string {
  const parameters = new URLSearchParams({ outage })
  if (lasts !== "") parameters.set("lasts", lasts)
  for (const [index, set] of sets.entries()) {
    if (set === undefined) continue
    const pairs = Object.entries(set).filter(([, text]) => text !== "")
    parameters.set(names[index] ?? "a", pairs.map((pair) => pair.join("=")).join(" "))
  }
  return parameters.toString()
}

const names = ["a", "b"]

/** What stands there. What makes no sense is left out. */
export function settingsOf(hash: string): Settings {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""))
  const outage = parameters.get("outage") ?? usual.outage
  const setOf = (name: string): Texts | undefined => {
    const text = parameters.get(name)
    if (text === null) return undefined
    const pairs = text.split(" ").map((pair) => pair.split(/=(.*)/s, 2))
    return Object.fromEntries(
      pairs.flatMap(([flag = "", value = ""]) =>
        flags.some(({ name: known }) => known === flag) ? [[flag, value]] : [],
      ),
    )
  }
  const [first = usual.sets[0], second] = [setOf("a"), setOf("b")]
  return {
    sets: second === undefined ? [first] : [first, second],
    outage: Object.hasOwn(outages, outage) ? outage : usual.outage,
    lasts: parameters.get("lasts") ?? "",
  }
}

/** The options as a call, to be copied. */
export function codeOf(options: object): string {
  const body = JSON.stringify(options, (_, value: unknown) => (value === Infinity ? "∞" : value), 2)
    .replaceAll('"∞"', "Infinity")
    .replaceAll(/"(\w+)":/g, "$1:")
    .replace(/^\{\n?/, "")
    .replace(/\n?\}$/, "")
  const lines = body === "" ? "" : `${body},\n`
  return `import kamisama from "kamisama"\n\nkamisama({\n${lines}  run: () => import("./server.js"),\n})\n`
}

/** The same as a command. */
export function commandOf(texts: Texts): string {
  const given = flags.flatMap(({ name }) => {
    const text = texts[name]?.trim() ?? ""
    return text === "" ? [] : [`--${name} ${/[\s'"*]/.test(text) ? JSON.stringify(text) : text}`]
  })
  return ["npx kamisama", ...given, "server.js"].join(" ")
}
