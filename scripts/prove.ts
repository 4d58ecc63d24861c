/**
 * Searches all plans of test/proof/plans.ts, quick and deep ones, and prints what each search has seen; docs/proof.md explains the
 * columns. If a plan is refuted, the run is printed and drawn into a file. Run it with `npm run prove`. Arguments choose plans by
 * their name, or by a part of it, among the slow ones, too.
 */
import { writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { explore } from "../src/proof/explore/explore.ts"
import { modelOf } from "../src/proof/pool/pool-model.ts"
import { deep, quick, slow } from "../test/proof/plans.ts"

/** More would not fit into the memory that `npm run prove` is given. */
const mostStates = 4_000_000

const words = process.argv.slice(2)
const head = ["states", "transitions", "depth", "seconds", "1/s", "MB", "collision", "recovery"]
console.log("".padEnd(77), ...[...head, "bound"].map((word) => word.padStart(11)))
const all = [...quick, ...deep, ...slow]
const isMeant = (name: string, word: string): boolean =>
  all.some((proof) => proof.name === word) ? name === word : name.includes(word)
const chosen = all.filter(({ name }) => words.some((word) => isMeant(name, word)))
if (words.length > 0 && chosen.length === 0) {
  throw new RangeError(`prove: no plan has such a name, got ${words.join(" ")}`)
}
for (const { name, plan, bounds } of words.length === 0 ? [...quick, ...deep] : chosen) {
  const model = modelOf(plan, bounds)
  const result = explore(model, { mostStates })
  const { states, transitions, depth, seconds, collisionProbability, slowestRecovery } = result
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
  const verdict = result.isProof ? "proved" : result.counterexample ? "REFUTED" : "NO PROOF"
  console.log(
    verdict.padEnd(8),
    name.padEnd(68),
    ...figures.map((figure) => String(figure).padStart(11)),
  )
  if (result.isProof) continue
  process.exitCode = 1
  if (!result.isComplete) console.log("  the search is not complete")
  for (const goal of result.uncovered) console.log(`  never reached: ${goal}`)
  if (result.counterexample === undefined) continue
  const { violation, moves } = result.counterexample
  console.log(`  ${violation}`)
  for (const move of moves) console.log(`    ${model.describe(move)}`)
  const file = join(tmpdir(), `${name.replaceAll(/[^a-z0-9]+/g, "-")}.svg`)
  writeFileSync(file, model.draw?.(moves, violation) ?? "")
  console.log(`\n${model.format(moves)}\n  as a picture: ${file}`)
}
