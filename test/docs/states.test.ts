/**
 * The picture of all states of a pool with one worker, drawn from an exhaustive search. If the states change, it fails here;
 * `npx vitest run --project unit test/docs/states.test.ts -u` draws it again.
 */
import { readFileSync } from "node:fs"
import { expect, test } from "vitest"
import { poolModel } from "../../src/fake.ts"
import { type Doing, drawStates } from "./draw-states.ts"
import { graphOf, type Node } from "./state-graph.ts"

/** That of docs/fake/exhaustive-search.md. */
const model = poolModel(
  { workers: 1, timeout: 2, respawnLimit: 1, respawnInterval: 2, backoff: false },
  {
    mostWorkers: 1,
    timeSteps: ["deadline"],
    reloads: false,
    recycles: false,
    elects: false,
    incidents: false,
    upgrades: false,
  },
)

/** The signs of a timeline. */
const doings: { readonly [sign: string]: Doing } = {
  ".": "booting",
  ":": "starting",
  "#": "ready",
  "-": "stopping",
  x: "killed",
  _: "waiting",
}

type PoolNode = Node<ReturnType<typeof model.moves>[number]>

/** What the worker is doing in a state, as the timeline of a run that ends there has it. */
function doingOf({ path, next }: PoolNode): Doing {
  if (next.size === 0) return "done"
  const row = /^worker 1 +\|(.*)$/m.exec(model.format(path, false))?.[1] ?? ""
  return doings[row.at(-1) ?? ""] ?? "unstarted"
}

test("docs/states.svg shows every state of a pool with one worker, and what leads from one to another", async () => {
  const { nodes, exploration } = graphOf(model)
  expect(exploration.isProof).toBe(true)
  expect(nodes).toHaveLength(exploration.states)
  expect(Math.max(...nodes.map(({ path }) => path.length))).toBe(exploration.depth)

  const dots = nodes.map((node) => ({
    number: node.number,
    depth: node.path.length,
    doing: doingOf(node),
    text: [doingOf(node), ...node.path.map((move) => model.describe(move))].join("\n"),
    next: [...node.next].map(({ number }) => number),
  }))
  const title = `All ${nodes.length} states of a pool with one worker, by how many actions lead there`
  await expect(drawStates(title, dots)).toMatchFileSnapshot("../../docs/states.svg")
  const page = readFileSync("docs/proof.md", "utf8")
  expect(page).toContain(`![All ${nodes.length} states of`)
  expect(page).toContain(`has these ${nodes.length} states.`)
})

test("a pool with one worker can come to its end from every state", () => {
  const { nodes } = graphOf(model)
  const ending = new Set(nodes.filter(({ next }) => next.size === 0))
  for (let size = 0; size < ending.size;) {
    size = ending.size
    for (const node of nodes) {
      if ([...node.next].some((other) => ending.has(other))) ending.add(node)
    }
  }
  expect(ending.size).toBe(nodes.length)
})
