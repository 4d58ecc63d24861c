/** How many connections a server still has, besides the one that asks. */
import { Redis } from "ioredis"
import pg from "pg"

export async function connectionsOf(kind, port) {
  return kind === "postgres" ? ofPostgres(port) : ofRedis(port)
}

async function ofPostgres(port) {
  const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres" })
  await client.connect()
  const others = `select count(*)::int as count from pg_stat_activity
    where backend_type = 'client backend' and pid <> pg_backend_pid()`
  const { rows } = await client.query(others)
  await client.end()
  return rows[0].count
}

async function ofRedis(port) {
  const client = new Redis(port, "127.0.0.1")
  const list = await client.client("LIST")
  client.disconnect()
  return list.trim().split("\n").length - 1
}
