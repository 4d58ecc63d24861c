// server.mjs
import "reflect-metadata"
import { setTimeout as sleep } from "node:timers/promises"
import { Controller, Get, Module } from "@nestjs/common"
import { NestFactory } from "@nestjs/core"

// In TypeScript, these calls are decorators: @Controller(), @Get(), @Module().
class Hello {
  async get() {
    await sleep(50) // Your work.
    return "hello\n"
  }
}
Get()(Hello.prototype, "get", Object.getOwnPropertyDescriptor(Hello.prototype, "get"))
Controller()(Hello)

class App {
  onApplicationShutdown(signal) {
    console.log(`closed at ${signal}`)
  }
}
Module({ controllers: [Hello] })(App)

const app = await NestFactory.create(App, { logger: ["warn", "error"] })
app.enableShutdownHooks(["SIGTERM", "SIGINT"]) // Deno refuses some of the signals that are the default.
await app.listen(process.env.PORT ?? 3000)
