/**
 * The system that the tests run on: Linux, macOS or Windows.
 */
import { spawn } from "node:child_process"
import { delimiter, dirname, isAbsolute, join, relative } from "node:path"
import { socketFolders } from "../../src/operator/folder.ts"
import type { Launched, System } from "./system.ts"

/** What runs a script, such as `deno run -A`. Default: the Node that runs the tests. */
const [runtime = process.execPath, ...flags] =
  process.env["KAMISAMA_TEST_COMMAND"]?.split(" ") ?? []

const isWindows = process.platform === "win32"
const isNode = !/\b(?:deno|bun)\b/.test(runtime)

/** The command of npm for Windows runs on the first Node of PATH: the one that is tested, or else the one that runs the tests. */
const firstNode = isNode ? runtime : process.execPath
const path = [...(isAbsolute(firstNode) ? [dirname(firstNode)] : []), process.env["PATH"]]

export const native: System = {
  name: `${process.platform}, ${[runtime, ...flags].join(" ")}`,
  isWindows,
  isNode,
  // A test has no console of its own there, and a signal would end the process.
  hasConsole: !isWindows,
  whyOtherRuntime:
    isWindows && !isNode ? "npm makes a command for Windows that runs on Node" : undefined,
  controlFolders: socketFolders().map((folder) => folder.path),
  prepare: () => undefined,
  pathOf: (path) => path,
  launch(launched) {
    const { folder, environment, stdout, stderr } = launched
    const [program = "", ...words] = commandOf(launched)
    const env = { ...process.env, PATH: path.join(delimiter), ...environment }
    // Its group is what a terminal would send Ctrl-C to.
    const options = { cwd: folder, env, detached: !isWindows }
    return spawn(program, words, { ...options, stdio: ["ignore", stdout, stderr] })
  },
  interrupt: ({ pid = 0 }) => void process.kill(-pid, "SIGINT"),
  kill: (child) => void child.kill("SIGKILL"),
  processes: ({ pids }) => pids.filter(isAlive),
}

function commandOf({ folder, words, commands }: Launched): readonly string[] {
  if (commands === undefined) return [runtime, ...flags, ...words]
  const command = join(commands, "kamisama")
  if (isWindows) return ["cmd", "/c", `${relative(folder, command)}.cmd`, ...words]
  // Its first line would start it on Node.
  return [runtime, ...flags, command, ...words]
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
