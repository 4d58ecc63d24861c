/** Holds the contract of the real platform on this runtime, and prints which articles are kept. */
import { articles, hold } from "./contract.ts"
import { realWorld } from "./real-world.ts"

for (const name of Object.keys(articles)) {
  await hold(name, realWorld).then(
    () => console.log(`kept: ${name}`),
    (error: unknown) => console.log(`broken: ${name}:`, error),
  )
}
process.exit(0)
