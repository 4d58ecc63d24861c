/**
 * The system that the tests run on: Linux, macOS or Windows.
 */
import { spawn } from "node:child_process"
import { join, relative } from "node:path"
import type { Launched, System } from "./system.ts"

/** What runs a script, such as `deno run -A`. Default: the Node that runs the tests. */
const [runtime = process.execPath, ...flags] =
  process.env["KAMISAMA_TEST_COMMAND"]?.split(" ") ?? []

const isWindows = process.platform === "win32"

export const native: System = {
  name: `${process.platform}, ${[runtime, ...flags].join(" ")}`,
  isWindows,
  isNode: !/\b(?:deno|bun)\b/.test(runtime),
  // A test has no console of its own there, and a signal would end the process.
  hasConsole: !isWindows,
  prepare: () => undefined,
  pathOf: (path) => path,
  launch(launched) {
    const { folder, environment, stdout, stderr } = launched
    const [program = "", ...words] = commandOf(launched)
    const env = { ...process.env, ...environment }
    return spawn(program, words, { cwd: folder, env, stdio: ["ignore", stdout, stderr] })
  },
  interrupt: (child) => void child.kill("SIGINT"),
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
