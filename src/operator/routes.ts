/**
 * What can be asked of a pool from outside, and how. Pure: a request in, what it asks for out.
 *
 * GET reads, POST changes. The paths are described for programs in docs/control.openapi.json, which a test holds against this table.
 */
import { suggestion } from "../core/plan/suggestion.ts"

/** What a request asks for. */
export type Operation =
  | { readonly type: "about" }
  | { readonly type: "status" }
  | { readonly type: "config" }
  /** The recording, and if `follow` each event from then on. */
  | { readonly type: "recording"; readonly follow: boolean }
  /** The latest `last` notices, and if `follow` each one from then on. */
  | { readonly type: "events"; readonly last: number; readonly follow: boolean }
  /** Of all workers together, or of each one. */
  | { readonly type: "metrics"; readonly by: MetricsBy }
  | { readonly type: "live" }
  | { readonly type: "ready" }
  | { readonly type: "started" }
  | { readonly type: "reload" }
  | { readonly type: "upgrade" }
  /** To a number of workers, or by so many. */
  | { readonly type: "scale"; readonly to: number }
  | { readonly type: "scale"; readonly by: number }
  | { readonly type: "recycle"; readonly id: number }
  | { readonly type: "stop" }

/** Whether the metrics of workers are put together, or are there for each one. */
export type MetricsBy = "pool" | "worker"

/** What cannot be asked, and why. */
export interface Refusal {
  readonly type: "refusal"
  /** The status code of HTTP. */
  readonly status: 400 | 404 | 405
  readonly reason: string
  /** The method that the path takes. */
  readonly allow?: "GET" | "POST"
}

interface Route {
  readonly method: "GET" | "POST"
  /** The names of the parameters. */
  readonly takes: readonly string[]
  readonly read: (parameters: URLSearchParams) => Operation | string
}

/** More than that, asked for in one request, would keep the whole machine busy with starting them. */
const mostWorkers = 1_000

/** At most so many past notices are kept. */
export const mostNotices = 1_000

const plain = (operation: Operation): Omit<Route, "method"> => ({
  takes: [],
  read: () => operation,
})

/** Every path, with its method and parameters. */
export const routes: { readonly [path: string]: Route } = {
  "/": { method: "GET", ...plain({ type: "about" }) },
  "/status": { method: "GET", ...plain({ type: "status" }) },
  "/config": { method: "GET", ...plain({ type: "config" }) },
  "/recording": {
    method: "GET",
    takes: ["follow"],
    read(parameters) {
      const follow = followIn(parameters, false)
      return typeof follow === "string" ? follow : { type: "recording", follow }
    },
  },
  "/events": {
    method: "GET",
    takes: ["last", "follow"],
    read(parameters) {
      const last = wholeNumber(parameters.get("last") ?? "0")
      const follow = followIn(parameters, true)
      if (last === undefined || last < 0) return "last must be a whole number, 0 or more"
      if (typeof follow === "string") return follow
      return { type: "events", last: Math.min(last, mostNotices), follow }
    },
  },
  "/metrics": {
    method: "GET",
    takes: ["by"],
    read(parameters) {
      const by = parameters.get("by") ?? "pool"
      return by === "pool" || by === "worker"
        ? { type: "metrics", by }
        : "by must be pool or worker, such as /metrics?by=worker"
    },
  },
  "/livez": { method: "GET", ...plain({ type: "live" }) },
  "/readyz": { method: "GET", ...plain({ type: "ready" }) },
  "/startupz": { method: "GET", ...plain({ type: "started" }) },
  "/reload": { method: "POST", ...plain({ type: "reload" }) },
  "/upgrade": { method: "POST", ...plain({ type: "upgrade" }) },
  "/scale": {
    method: "POST",
    takes: ["to", "by"],
    read(parameters) {
      const [to, by] = [parameters.get("to"), parameters.get("by")]
      if ((to === null) === (by === null)) return "give either to or by, such as /scale?to=4"
      const number = wholeNumber(to ?? by ?? "")
      if (number !== undefined && Math.abs(number) > mostWorkers) {
        return `${Math.abs(number)} workers is probably a typo: the limit is ${mostWorkers}`
      }
      if (to !== null) {
        return number === undefined || number < 1
          ? "to must be a whole number, 1 or more"
          : { type: "scale", to: number }
      }
      return number === undefined || number === 0
        ? "by must be a whole number other than 0"
        : { type: "scale", by: number }
    },
  },
  "/recycle": {
    method: "POST",
    takes: ["id"],
    read(parameters) {
      const id = wholeNumber(parameters.get("id") ?? "")
      return id === undefined || id < 1
        ? "id must be the number of a worker, such as /recycle?id=2"
        : { type: "recycle", id }
    },
  },
  "/stop": { method: "POST", ...plain({ type: "stop" }) },
}

/** What a request asks for. @param target the path with the parameters, as it stands in the request. */
export function operationOf(method: string, target: string): Operation | Refusal {
  const [path = "", query = ""] = target.split("?", 2)
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined
  if (route === undefined) {
    const named = Object.keys(routes).filter((one) => one !== "/")
    const meant = suggestion(path, named)
    const advice = meant === undefined ? "" : `. Did you mean ${meant}?`
    return { type: "refusal", status: 404, reason: `there is nothing at this path${advice}` }
  }
  if ((method === "HEAD" ? "GET" : method) !== route.method) {
    const reason = `this path takes ${route.method}`
    return { type: "refusal", status: 405, reason, allow: route.method }
  }
  const parameters = new URLSearchParams(query)
  const unknown = [...parameters.keys()].find((name) => !route.takes.includes(name))
  const read = unknown === undefined ? route.read(parameters) : unknownText(route)
  return typeof read === "string" ? { type: "refusal", status: 400, reason: read } : read
}

function unknownText({ takes }: Route): string {
  return takes.length === 0
    ? "this path takes no parameters"
    : `this path takes only the parameters ${takes.join(", ")}`
}

/** Whether to go on. A text says what is wrong with what was given. */
function followIn(parameters: URLSearchParams, usual: boolean): boolean | string {
  const follow = parameters.get("follow") ?? String(usual)
  return follow === "true" || follow === "false"
    ? follow === "true"
    : "follow must be true or false"
}

function wholeNumber(text: string): number | undefined {
  return /^-?\d{1,9}$/.test(text) ? Number(text) : undefined
}
