/**
 * A Fastify app. `run` returns the app once it listens. When a worker stops, kamisama drains the server of the app first,
 * then closes the app with everything that its plugins opened.
 */
import fastify, { type FastifyInstance } from "fastify"
import kamisama from "kamisama"

const port = Number(process.env["PORT"] ?? 3000)

async function serve(id: number): Promise<FastifyInstance> {
  const app = fastify()
  app.get("/", () => ({ worker: id, pid: process.pid }))
  app.addHook("onClose", () => console.log(`worker ${id} closes its database connections`))
  await app.listen({ port })
  console.log(`worker ${id} serves http://localhost:${port}`)
  return app
}

kamisama({ run: serve, timeout: 5_000 })
