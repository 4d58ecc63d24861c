/** What a real program loads: several frameworks and clients of databases, some hundred modules. */
import "reflect-metadata"
import { Module } from "@nestjs/common"
import { NestFactory } from "@nestjs/core"
import express from "express"
import fastify from "fastify"
import { Redis } from "ioredis"
import pg from "pg"
import { z } from "zod"

const settings = z.object({ PORT: z.coerce.number() }).parse(process.env)

class AppModule {}
Module({})(AppModule)

/** Prints a line once it listens. Nothing connects to a database: what is measured is the program. */
export async function serve() {
  const database = new pg.Pool({ max: 1 })
  const cache = new Redis({ lazyConnect: true })
  const nest = await NestFactory.create(AppModule, { logger: false })
  await nest.init()
  const other = fastify()
  other.get("/fastify", () => "hello")
  await other.ready()
  const app = express()
  app.get("/", (_request, response) => response.end("hello"))
  const server = app.listen(settings.PORT, "127.0.0.1", () =>
    process.stdout.write(`up ${process.pid}\n`),
  )
  server.on("close", () => {
    void database.end()
    cache.disconnect()
  })
  return server
}
