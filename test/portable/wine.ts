/**
 * Windows, as Wine plays it on Linux, with the Node for Windows of test/wine: `node20`, or what KAMISAMA_TEST_WINE_NODE says.
 *
 * Its console is a terminal of `script`. Programs print to files, because Node's stdout fails on what Wine makes of a pipe.
 */
import { execFileSync, spawn } from "node:child_process"
import { existsSync, mkdirSync, readlinkSync, renameSync, rmSync } from "node:fs"
import { tmpdir, userInfo } from "node:os"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { allProcesses } from "../real/harness/processes.ts"
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

/** The temporary folder of the user; the second is that of later versions. */
const temporaryFolders = ["Temp", "AppData/Local/Temp"].map((folder) =>
  join(prefix, "drive_c", "users", userInfo().username, folder),
)

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
  whyOtherRuntime: undefined,
  controlFolders: temporaryFolders.map((folder) => join(folder, "kamisama-user")),
  prepare() {
    if (existsSync(prefix)) return
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
    const started = allProcesses().find(({ parent }) => parent === child.pid)
    if (started !== undefined) process.kill(started.pid, "SIGKILL")
  },
  processes({ folder }: Watched) {
    const nodes = allProcesses().filter(({ command }) => command.includes("node.exe"))
    return nodes.flatMap(({ pid }) => (folderOf(pid) === folder ? pid : []))
  },
}

function commandOf({ folder, words, commands }: Launched): readonly string[] {
  if (commands === undefined) return [node, ...words]
  const command = relative(folder, join(commands, "kamisama.cmd"))
  return ["cmd", "/c", command.replaceAll("/", "\\"), ...words]
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`
}

/** Where a process was started; undefined if it has ended. */
function folderOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}
