/**
 * The search of one plan as text: its row of the table, and what is missing or wrong below it.
 */
import { writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Exploration, explore } from "../../src/proof/explore/explore.ts"
import type { CompleteModel } from "../../src/proof/model/model.ts"

const columns = ["states", "transitions", "depth", "seconds", "1/s", "MB", "collision", "recovery"]

export const head = row("", "", [...columns, "bound"])

/** What the search of one plan has shown. */
export interface Searched {
  readonly text: string
  readonly isProof: boolean
  readonly transitions: number
}

/** Searches a plan. Seconds are those of the processor, so other work on the machine counts little. */
export function searched<State, Move>(
  name: string,
  model: CompleteModel<State, Move>,
  mostStates: number,
): Searched {
  const result = explore(model, { mostStates, clock: processorMs })
  const { states, transitions, depth, seconds, collisionProbability, slowestRecovery } = result
  const verdict = result.isProof ? "proved" : result.counterexample ? "REFUTED" : "NO PROOF"
  const figures = [
    states,
    transitions,
    depth,
    seconds.toFixed(1),
    Math.round(transitions / seconds),
    Math.round(process.resourceUsage().maxRSS / 1_000),
    collisionProbability.toExponential(1),
    slowestRecovery ?? "-",
    model.recovery?.bound ?? "-",
  ]
  const lines = [row(verdict, name, figures), ...whatIsMissing(name, model, result)]
  return { text: lines.join("\n"), isProof: result.isProof, transitions }
}

/** The row of a search that has ended without a result. */
export function endedRow(name: string, why: string): string {
  return `${row("NO PROOF", name, [])}\n  ${why}`
}

function row(verdict: string, name: string, figures: readonly (string | number)[]): string {
  const cells = figures.map((figure) => String(figure).padStart(11))
  return [verdict.padEnd(8), name.padEnd(92), ...cells].join(" ").trimEnd()
}

function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

function whatIsMissing<State, Move>(
  name: string,
  model: CompleteModel<State, Move>,
  { isComplete, uncovered, counterexample }: Exploration<Move>,
): string[] {
  const lines = uncovered.map((goal) => `  never reached: ${goal}`)
  if (!isComplete) lines.unshift("  the search is not complete")
  if (counterexample === undefined) return lines
  const { violation, moves } = counterexample
  lines.push(`  ${violation}`, ...moves.map((move) => `    ${model.describe(move)}`))
  lines.push(`\n${model.format(moves)}`)
  const picture = model.draw?.(moves, violation)
  if (picture === undefined) return lines
  const file = join(tmpdir(), `${name.replaceAll(/[^a-z0-9]+/g, "-")}.svg`)
  writeFileSync(file, picture)
  return [...lines, `  as a picture: ${file}`]
}
