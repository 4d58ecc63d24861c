/**
 * A fastify app. `run` returns the app once it listens; at a stop its server is drained first, then the app is closed,
 * and with it whatever its plugins have opened.
 */
import fastify, { type FastifyInstance } from "fastify"
import kamisama from "kamisama"

const port = Number(process.env["PORT"] ?? 3000)

async function serve(id: number): Promise<FastifyInstance> {
  const app = fastify()
  app.get("/", () => ({ worker: id, pid: process.pid }))
  app.addHook("onClose", () => console.log(`worker ${id} closes its connections to the database`))
  await app.listen({ port })
  console.log(`worker ${id} serves http://localhost:${port}`)
  return app
}

kamisama({ run: serve, timeout: 5_000 })
