/**
 * What a shell is given to play a reaper on a simulated machine.
 *
 * Its script is the text that is shipped, but for one thing: /proc is a folder of files. Functions of the shell stand in for
 * `kill` and `sleep`. They pass each call to the machine, and wait for its answer.
 */
import { lineOf } from "../../../src/platform/reaper-keeping.ts"
import { type Scenario, scenarioOf } from "./scenario.ts"
import type { World } from "./world.ts"

const standIns = `
call() { echo "$*" >&3; read -r answer <&4 || exit; return "$answer"; }
kill() {
  case $1 in
    -0) [ -e "$machine/$2/ours" ] ;;
    *) call "\${1#-} $2" ;;
  esac
}
sleep() { call sleep "$1"; }
`

/** What the environment of marked processes contains. */
const mark = "k/7:1/"

/** The environment of the program. The folder is /proc for the script. */
export function environmentOf(folder: string, script: string): { readonly [name: string]: string } {
  return { machine: folder, script: script.replaceAll("/proc", folder) }
}

/** The files that the shell reads. Its program begins one reaper after the other, each in a process of its own. */
export function programOf(seeds: readonly number[]): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  let program = standIns
  for (const seed of seeds) {
    const { scenario } = scenarioOf(seed)
    const { news, half } = scenario
    files.set(`input-${seed}`, [...news.map(lineOf), half].join(""))
    const given = Object.entries(givenTo(seed, scenario))
    const variables = given.map(([name, value]) => `${name}='${value}'`).join(" ")
    program += `call begin\n( ${variables}; eval "$script" ) <"$machine/input-${seed}"\ncall exit\n`
  }
  return files.set("program", program)
}

/** As src/platform/node/reaper.ts gives it. */
function givenTo(
  seed: number,
  { plan, place, workers, known }: Scenario,
): { readonly [name: string]: string } {
  return {
    // Without grep, it reads more.
    PATH: seed % 4 === 0 ? "/usr/bin:/bin" : "",
    workers: workers.join(" "),
    primary: String(place.primary),
    signal: plan.signal ?? "0",
    timeout: String(plan.timeoutMs),
    mark,
    session: String(place.session ?? ""),
    since: String(place.since),
    known: known.join(" "),
    grace: String(plan.graceMs),
  }
}

/** What /proc would show. */
export function filesOf({ processes, uptimeMs, machine }: World): ReadonlyMap<string, string> {
  const files = new Map<string, string>()
  if (machine.hasClock) {
    const hundredths = String((uptimeMs % 1_000) / 10).padStart(2, "0")
    files.set("uptime", `${Math.floor(uptimeMs / 1_000)}.${hundredths} 1\n`)
  }
  for (const { pid, ...process } of processes.values()) {
    const { name, state, parent, session, startedAt } = process
    const between = "0 ".repeat(15)
    files.set(
      `${pid}/stat`,
      `${pid} (${name}) ${state} ${parent} ${pid} ${session} ${between}${startedAt} 9\n`,
    )
    const marks = process.isMarked ? `other ${mark}4/` : "k/7:2/4/"
    files.set(`${pid}/environ`, `A=\n\0T=${marks}\0`)
    if (process.isOurs) files.set(`${pid}/ours`, "")
  }
  return files
}
