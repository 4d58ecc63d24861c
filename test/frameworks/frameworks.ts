/** The software of test/frameworks/programs: how it is run, what its clients do, and where it does not run. */
import type { Runtime } from "../real/harness/runtimes.ts"

/** How a pool of it is started: by the command, or by a script that calls `kamisama()`. */
type Form = "command" | "function"

export interface Framework {
  /** What the test calls it. */
  readonly name: string
  /** Its folder in programs. */
  readonly folder: string
  readonly form: Form
  /** The script, in its folder. */
  readonly script: string
  readonly clients: "http" | "ws" | "socket.io" | "grpc" | "jobs"
  /** The path of its requests, for clients of HTTP. */
  readonly path?: string
  /** What else its clients are told. */
  readonly settings?: { readonly [name: string]: unknown }
  /** The server that it needs. */
  readonly needs?: "redis" | "postgres" | "haproxy"
  /** How the line begins that each worker prints once, when it ends gracefully. */
  readonly farewell?: string
  /** What it logs once for each request. Where it has one, no worker is killed, as what it had not yet written is lost with it. */
  readonly logged?: string
  /** Whether it loses something when one of several workers ends, so that only the end of the pool is tried. */
  readonly isOnlyStopped?: boolean
  /** The runtimes besides Node 24 on which it does not run as it does there, with the reason. */
  readonly exceptions?: { readonly [runtime in Runtime]?: string }
}

type Shared = Omit<Framework, "name" | "folder" | "form" | "script">

function at(folder: string, form: Form, script: string) {
  return { name: folder, folder, form, script } as const
}

/** One that runs without a change by the command, and within a script that calls `kamisama()`. */
function both(folder: string, shared: Shared, script = "server.mjs"): Framework[] {
  return [
    { ...at(folder, "command", script), ...shared },
    { ...at(folder, "function", "cluster.mjs"), ...shared },
  ]
}

export const frameworks: readonly Framework[] = [
  ...both("express", { clients: "http" }),
  { ...at("fastify", "command", "server.mjs"), clients: "http" },
  { ...at("fastify", "function", "cluster.mjs"), clients: "http", farewell: "closed" },
  ...both("koa", { clients: "http" }),
  ...both("hono", { clients: "http" }),
  ...both("nest", { clients: "http", farewell: "closed at SIGTERM" }),
  ...both("nitro", { clients: "http" }, ".output/server/index.mjs"),
  ...both("graphql-yoga", { clients: "http", path: "/graphql?query=%7Bhello%7D" }),
  ...both("ws", { clients: "ws" }),
  {
    ...at("socket.io", "command", "server.mjs"),
    name: "socket.io with WebSockets alone",
    clients: "socket.io",
    settings: { transports: ["websocket"] },
  },
  {
    ...at("socket.io", "function", "cluster.mjs"),
    name: "socket.io with sticky sessions",
    clients: "socket.io",
    isOnlyStopped: true,
    exceptions: {
      deno: "@socket.io/sticky gets no request through on Deno, by node:cluster alone neither",
      bun: "@socket.io/sticky gets no request through on Bun, by node:cluster alone neither",
    },
  },
  {
    ...at("socket.io", "command", "ports.mjs"),
    name: "socket.io behind HAProxy",
    clients: "socket.io",
    needs: "haproxy",
    exceptions: {
      bun: "a worker does not always stop in time on Bun, for a reason that is not known",
    },
  },
  ...both("grpc", { clients: "grpc" }),
  ...both("bullmq", { clients: "jobs", needs: "redis" }, "worker.mjs"),
  ...both("pg", { clients: "http", needs: "postgres" }),
  ...both("pino", {
    clients: "http",
    logged: `"msg":"answered"`,
    exceptions: {
      deno: "a transport of pino is a thread, and Deno ends threads of cluster workers",
    },
  }),
  ...both("winston", { clients: "http", logged: `"message":"answered"` }),
  ...both("prom-client", { clients: "http" }),
]
