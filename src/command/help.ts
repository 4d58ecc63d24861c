/**
 * The text of --help: one screen, in groups, without empty lines between them.
 */
import { type Flag, optionFlags } from "./flags.ts"

/** The groups, and what each flag does in a few words. A test holds the list against the table of options. */
const groups: { readonly [title: string]: { readonly [name: string]: string } } = {
  Workers: {
    workers: "how many; max: one per core (default)",
    stdin: "give stdin to the only worker",
    title: "the name in ps; off leaves it alone",
    scheduling: "who hands out connections: round-robin (default), os",
  },
  Stopping: {
    timeout: "grace period until a worker is killed (10s)",
    "stop-delay": "how long to serve on after a stop signal (0ms)",
    "close-timeout": "how long clients may hold a connection (half of it)",
    "wait-for-workers": "--no-wait-for-workers: exit at once",
    "kill-tree": "--no-kill-tree: leave processes of workers",
    signal: "e.g. HUP=reload (by default TTIN and TTOU scale, the others stop)",
  },
  Failures: {
    respawn: "after which exits: always (default), on-failure, never",
    "respawn-limit": "restarts until the pool gives up (8 per worker)",
    "respawn-interval": "how long a restart counts (60s)",
    backoff: "delay between restarts (100ms..30s)",
    "start-timeout": "how long a start may take (off)",
    "start-failure": "if nothing starts: exit (default on a terminal), retry",
    idle: "if a script has nothing to do: fail (default), stay",
    "heartbeat-timeout": "how long the event loop may be blocked (off)",
  },
  Replacing: {
    "min-ready-time": "how long new code must stay ready (0ms)",
    "at-once": "how many a reload replaces side by side (1)",
    spares: "processes that wait to take a place (0)",
    "max-age": "replace workers after this time (off)",
    "max-memory": "replace workers above this size (off)",
    "max-requests": "replace workers after so many requests (off)",
  },
  Other: {
    metrics: "where metrics can be read: 9090, 0.0.0.0:9090 (off)",
    "ready-at": "how many workers /readyz wants: 2, 0.5, all (1)",
    health: "where /readyz and others can be read (off)",
    "notify-fd": "write a line there when ready: for s6 and dinit (off)",
    control: "on (default), off, or the path of a socket",
    "compile-cache": "off, or a folder of its own",
    log: "silent, warn (default), info",
    "log-format": "plain (default), text, json (workers, too), logfmt",
    prefix: "the number of the worker in front of each line it writes",
  },
}

const others: readonly (readonly [string, string])[] = [
  ["    --watch[=GLOB,…]", "reload when a file changes"],
  ["    --env-file FILE", "variables: a flag of the runtime, like others before the script"],
  ["    --config FILE", "the configuration; otherwise the nearest kamisama.config.*"],
  ["-h, --help", "this text"],
  ["-v, --version", "the version"],
]

const width = 31

/** The help, without a line break at its end. */
export function helpText(): string {
  const lines = [
    "Usage: kamisama [options] script [arguments]",
    "       kamisama check [options] [script]   print the options in use, and where each is from",
    "       kamisama init KIND [options] script   print how to install it (kamisama init --help)",
    "       kamisama ps | status | top | dashboard | why [ID] | events | health  look at pools that run",
    "       kamisama reload | upgrade | scale N | recycle ID | stop     steer one",
    "       kamisama config | recording | replay FILE   print its options, its recording, or a saved one",
    "       kamisama VERB --help, kamisama completion bash|zsh|fish",
    "",
  ]
  for (const [title, texts] of Object.entries(groups)) {
    const known = Object.entries(texts).flatMap(([name, text]) => {
      const flag = optionFlags.find((one) => one.name === name)
      return flag === undefined ? [] : [line(synopsis(flag), text)]
    })
    lines.push(`${title}:`, ...known)
  }
  lines.push(...others.map(([left, text]) => line(left, text)))
  lines.push(
    "",
    "Each option is a variable, too, such as KAMISAMA_TIMEOUT=5s, and a key of the configuration.",
  )
  return lines.join("\n")
}

/** The help of `kamisama check`. */
export function checkHelp(): string {
  return [
    "Usage: kamisama check [options] [script]",
    "  print the options in use, where each is from, and what the option checks find",
    "It takes the options that kamisama --help lists, and starts nothing.",
    "Exit code: 0 if all is well, 1 if an option check warns, 2 for a wrong call or configuration.",
  ].join("\n")
}

/** The names of flags that the help does not explain. */
export function unexplained(): readonly string[] {
  const explained = Object.values(groups).flatMap((texts) => Object.keys(texts))
  return optionFlags.map(({ name }) => name).filter((name) => !explained.includes(name))
}

function line(left: string, text: string): string {
  return `  ${left.padEnd(width)} ${text}`
}

function synopsis({ name, short, kind, form }: Flag): string {
  const letter = short === undefined ? "    " : `-${short}, `
  return `${letter}--${name}${kind === "switch" ? "" : ` ${placeholder(kind, form.unit, form.hasType(1))}`}`
}

function placeholder(
  kind: Flag["kind"],
  unit: "ms" | "bytes" | undefined,
  isNumber: boolean,
): string {
  if (kind === "range") return "MIN..MAX"
  if (kind === "address") return "[HOST:]PORT"
  if (kind === "signals") return "NAME=ACTION"
  if (unit === "ms") return "TIME"
  if (unit === "bytes") return "SIZE"
  return isNumber ? "N" : "WORD"
}
