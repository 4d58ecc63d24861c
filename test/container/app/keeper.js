/**
 * Starts the pool and outlives it, as an entry script does, or whatever runs several programs in one container.
 */
import { spawn } from "node:child_process"

const [program, ...args] = process.argv.slice(2)
const child = spawn(program, args, { stdio: "inherit" })
child.on("exit", (code, signal) => console.log(`keeper: the pool ended by ${signal ?? code}`))
process.on("SIGTERM", () => process.exit(0))
setInterval(() => undefined, 1e6)
