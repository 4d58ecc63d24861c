/**
 * The promises that a runtime cannot keep, and why. The list is checked: if one of them works, the test fails and says so.
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
    promise: "workers share port 0",
    reason: "On Bun, each worker opens its own port, so port 0 is a different port in each",
  },
  {
    runtime: "bun",
    promise: "workers share a unix socket",
    reason: "On Bun, each worker opens its own socket, and the second worker finds it in use",
  },
  {
    runtime: "bun",
    promise: "stopping one worker after another loses no new connection",
    reason:
      "On Bun, each worker has its own queue for the port (SO_REUSEPORT). Connections that wait in it are reset when the worker closes it",
  },
  {
    runtime: "bun",
    promise: "connections wait for the next worker",
    reason:
      "On Bun, each worker opens its own port, and closes it when it dies. Its connections are reset or refused",
  },
  {
    runtime: "bun",
    promise: "the next worker gets the same port 0",
    reason: "On Bun, each worker opens its own port, so port 0 is a different port in each",
  },
  {
    runtime: "bun",
    promise: "connections before a worker that hangs are answered by another",
    reason:
      "On Bun, each worker has its own queue for the port (SO_REUSEPORT). Connections that wait in it are reset when the worker is killed",
  },
  {
    runtime: "bun",
    promise: "a passed descriptor stays open",
    reason: "Bun 1.4 ignores the fd that listen() is given, and opens another port",
  },
  {
    runtime: "bun",
    promise: "a unix socket that nobody listens on is no obstacle",
    reason: "On Bun, each worker opens its own socket, and the error is known only there",
  },
  {
    runtime: "deno",
    promise: "a thread of a worker does nothing",
    reason:
      "Deno 2.9 treats a thread of node:worker_threads in a cluster worker as a worker, and ends it. A web Worker works",
  },
  {
    runtime: "deno",
    promise: "orphans of an uncaught error shut down",
    reason:
      "Deno kills the children of a process that an uncaught error ends. Nothing is left, but no shutdown runs. It does run if a listener to uncaughtException calls process.exit()",
  },
  {
    runtime: "bun",
    promise: "lists of processes show the part of each process",
    reason: "Bun accepts process.title, and shows it nowhere. Only the reaper has its name",
  },
]
