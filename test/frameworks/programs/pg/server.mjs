// server.mjs
import { createServer } from "node:http"
import pg from "pg"

export const database = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  max: 5, // For each worker: four workers open up to 20 connections.
})

createServer(async (_request, response) => {
  const { rows } = await database.query("select pg_sleep(0.05), 'hello' as text")
  response.end(`${rows[0].text}\n`)
}).listen(process.env.PORT ?? 3000)
