// server.mjs
import { createServer } from "node:http"
import { setTimeout as sleep } from "node:timers/promises"
import { createSchema, createYoga } from "graphql-yoga"

const yoga = createYoga({
  logging: false,
  schema: createSchema({
    typeDefs: "type Query { hello: String }",
    resolvers: {
      Query: {
        async hello() {
          await sleep(50) // Your work.
          return "world"
        },
      },
    },
  }),
})

createServer(yoga).listen(process.env.PORT ?? 3000)
