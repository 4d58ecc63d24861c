/**
 * The processes of this machine, as far as a test is concerned with them.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs"

export interface ProcessInfo {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** What the kernel says about a process: its state and its parent; undefined if there is none. */
export function stateOf(
  pid: number,
): { readonly state: string; readonly parent: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return { state, parent: Number(parent) }
  } catch {
    return undefined
  }
}

/** Every process that lives; zombies do not. */
export function allProcesses(): ProcessInfo[] {
  return readdirSync("/proc").flatMap((name) => {
    const known = /^\d+$/.test(name) ? stateOf(Number(name)) : undefined
    if (known === undefined || known.state === "Z") return []
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim()
      return [{ pid: Number(name), parent: known.parent, command }]
    } catch {
      return []
    }
  })
}

/** Whether a process has a variable with this value in the environment that it was started with. */
export function hasVariable(pid: number, variable: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(variable)
  } catch {
    return false
  }
}

/** Where a file descriptor of a process leads. */
export function descriptorOf(pid: number, descriptor: number): string {
  return readlinkSync(`/proc/${pid}/fd/${descriptor}`)
}
