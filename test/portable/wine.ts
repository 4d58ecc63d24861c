/**
 * Windows, as Wine plays it on Linux, with the Node for Windows of test/wine: `node20`, or what KAMISAMA_TEST_WINE_NODE says.
 *
 * Its console is a terminal of `script`. Programs print to files, because Node's stdout fails on what Wine makes of a pipe.
 */
import { execFileSync, spawn } from "node:child_process"
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import type { Launched, System, Watched } from "./system.ts"

const wine = "/usr/lib/wine/wine64"
const script = "/usr/bin/script"

/** Node for Windows. Node 24 does not start in Wine 8. */
const version = process.env["KAMISAMA_TEST_WINE_NODE"] ?? "node20"
const node = fileURLToPath(new URL(`../wine/node_modules/${version}/bin/node.exe`, import.meta.url))

/** Wine's disk, made once. */
const prefix = process.env["KAMISAMA_TEST_WINE_PREFIX"] ?? join(tmpdir(), "kamisama-wine")

const environment = {
  ...process.env,
  WINEPREFIX: prefix,
  WINEDEBUG: "-all",
  // It would offer to download these.
  WINEDLLOVERRIDES: "mscoree,mshtml,winemenubuilder.exe=",
}

/** Why it cannot be used; undefined if it can. */
export function whyNoWine(): string | undefined {
  if (!existsSync(wine)) return `there is no ${wine} (Debian: wine64)`
  if (!existsSync(script)) return `there is no ${script} (Debian: bsdutils)`
  return undefined
}

export const wineSystem: System = {
  name: `Windows in Wine, ${version}`,
  isWindows: true,
  isNode: true,
  hasConsole: true,
  prepare() {
    if (!existsSync(prefix)) {
      const unfinished = `${prefix}.unfinished`
      rmSync(unfinished, { recursive: true, force: true })
      mkdirSync(unfinished, { recursive: true })
      const env = { ...environment, WINEPREFIX: unfinished }
      for (const words of [
        ["wineboot", "--init"],
        ["winecfg", "-v", "win10"],
        ["wineboot", "--shutdown"],
      ]) {
        execFileSync(wine, words, { env, stdio: "ignore", timeout: 240_000 })
      }
      renameSync(unfinished, prefix)
    }
    return Promise.resolve()
  },
  pathOf: (path) => `Z:${path.replaceAll("/", "\\")}`,
  launch(launched) {
    const { folder, stdout, stderr } = launched
    const env = { ...environment, WINEPATH: this.pathOf(join(node, "..")), ...launched.environment }
    const command = [wine, ...commandOf(launched)]
    // The terminal is its stdin alone: what it prints goes to the files, which are the descriptors 3 and 4 of `script`.
    const words = [
      "--quiet",
      "--return",
      "--command",
      `exec ${command.map(quoted).join(" ")} >&3 2>&4`,
      "/dev/null",
    ]
    return spawn(script, words, {
      cwd: folder,
      env,
      stdio: ["pipe", "ignore", "ignore", stdout, stderr],
    })
  },
  interrupt: (child) => void child.stdin?.write("\u0003"),
  kill(child) {
    const [pid] = childrenOf(child.pid)
    if (pid !== undefined) process.kill(pid, "SIGKILL")
  },
  processes: ({ folder }: Watched) => allPids().filter((pid) => isOf(pid, folder)),
}

function commandOf({ folder, words, commands }: Launched): readonly string[] {
  if (commands === undefined) return [node, ...words]
  const command = relative(folder, join(commands, "kamisama.cmd"))
  return ["cmd", "/c", command.replaceAll("/", "\\"), ...words]
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}

function allPids(): readonly number[] {
  return readdirSync("/proc").map(Number).filter(Number.isInteger)
}

/** Node for Windows, started in this folder or below. */
function isOf(pid: number, folder: string): boolean {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8")
    return command.includes("node.exe") && readlinkSync(`/proc/${pid}/cwd`) === folder
  } catch {
    return false
  }
}

function childrenOf(pid: number | undefined): readonly number[] {
  return allPids().filter((other) => parentOf(other) === pid)
}

function parentOf(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, "utf8")
    return Number(status.slice(status.lastIndexOf(")") + 2).split(" ")[1])
  } catch {
    return undefined
  }
}
