/** A respawn loop that loads nothing else; the server is loaded by the workers. */
import { supervise } from "./raw-loop.js"

await supervise(async () => (await import("./serve.js")).serve())
