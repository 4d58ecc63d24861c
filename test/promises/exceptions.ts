/**
 * What a runtime cannot keep, and why. The list is checked: once one of these works, the test fails and says so.
 */
import type { Runtime } from "../real/harness/runtimes.ts"

export interface Exception {
  readonly runtime: Runtime
  /** The name of the promise. */
  readonly promise: string
  readonly reason: string
}

export const exceptions: readonly Exception[] = [
  {
    runtime: "bun",
    promise: "… also port 0",
    reason: "On Bun each worker opens its own port, so port 0 is another one in each",
  },
  {
    runtime: "bun",
    promise: "… and a unix socket",
    reason: "On Bun each worker opens its own socket, and the second finds it in use",
  },
  {
    runtime: "bun",
    promise: "… nor a connection that no worker has seen",
    reason:
      "On Bun each worker has a queue of its own for the port (SO_REUSEPORT): what waits in it is reset when the worker closes it",
  },
  {
    runtime: "deno",
    promise: "a thread of a worker does nothing",
    reason:
      "Deno 2.9 takes a thread of node:worker_threads in a cluster worker for a worker, and ends it; a Worker of the web works",
  },
  {
    runtime: "deno",
    promise: "orphans: also of an uncaught error",
    reason:
      "Deno kills the children of a process that ends by an uncaught error: nothing is left, but no shutdown runs; with process.exit() in a listener to uncaughtException it does",
  },
  {
    runtime: "bun",
    promise: "a server that cannot listen is an error of run",
    reason:
      "Bun tells the error of listen() before run has returned the server: the worker dies of it, and Bun prints it each time",
  },
]
