/**
 * Measures the requests of this process: how many are in progress, and how long those that have ended took, by method and class of
 * the status. Nothing is measured before somebody asks. The names are those of OpenTelemetry's semantic conventions.
 */
import type { ServerResponse } from "node:http"
import { now } from "./clock.ts"

/** What is known of an exchange: as much of `ServerResponse` as is needed. */
interface Response extends Pick<ServerResponse, "statusCode" | "writableFinished" | "on"> {
  readonly req?: { readonly method?: string | undefined }
}

/** Metrics as `prom-client` calls JSON. */
export interface MetricJson {
  readonly name: string
  readonly help: string
  readonly type: "gauge" | "histogram"
  readonly values: readonly {
    readonly metricName?: string
    readonly labels: { readonly [name: string]: string | number }
    readonly value: number
  }[]
}

/** The upper bounds of the buckets, in seconds, as OpenTelemetry advises. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]
const methods = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
])
/** Any other method, so that clients cannot make series. */
const other = "_OTHER"

/** How long the requests of one method and class took. */
interface Durations {
  /** How many were in each bucket, and in no smaller one. */
  readonly counts: number[]
  sum: number
}

/** By method, and by the class of the status: 2 for 200 to 299, and 0 if nothing was sent. */
const durations = new Map<string, (Durations | undefined)[]>()
let inProgress = 0
let isMeasuring = false

/** A request that is measured keeps here when it began. */
const beganAt: unique symbol = Symbol("kamisama.beganAt")

interface Measured extends Response {
  [beganAt]?: number
}

/** From now on, requests are measured. */
export function measureRequests(): void {
  isMeasuring = true
}

/** Whether they are. */
export function isMeasuringRequests(): boolean {
  return isMeasuring
}

/** A request has begun. One that the program emits again is measured once. */
export function measureRequest(response: Measured): void {
  if (!isMeasuring || response[beganAt] !== undefined) return
  response[beganAt] = now()
  inProgress += 1
  response.on("close", ended)
}

/** The response is complete, or its client has gone. */
function ended(this: Measured): void {
  inProgress -= 1
  const status = this.writableFinished ? this.statusCode : 0
  note(this.req?.method, status, now() - (this[beganAt] ?? 0))
}

/** Measures a handler of `Deno.serve()` or `Bun.serve()`: until it has a response. */
export function measureHandler(method: unknown, result: unknown): void {
  if (!isMeasuring) return
  const began = now()
  inProgress += 1
  const end = (response: unknown): void => {
    inProgress -= 1
    const { status }: { readonly status?: unknown } = Object(response) as object
    note(method, typeof status === "number" ? status : 0, now() - began)
  }
  void Promise.resolve(result).then(end, end)
}

/** @param status 0 if nothing was sent. */
function note(method: unknown, status: number, ms: number): void {
  const known = typeof method === "string" && methods.has(method) ? method : other
  const kind = Math.floor(status / 100)
  let kinds = durations.get(known)
  if (kinds === undefined) durations.set(known, (kinds = []))
  const one = (kinds[kind] ??= {
    counts: Array<number>(bounds.length + 1).fill(0),
    sum: 0,
  })
  const seconds = ms / 1_000
  let bucket = 0
  while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket += 1
  one.counts[bucket] = (one.counts[bucket] ?? 0) + 1
  one.sum += seconds
}

/** What was measured so far; nothing before it began. */
export function httpMetrics(): readonly MetricJson[] {
  if (!isMeasuring) return []
  const name = "http_server_request_duration_seconds"
  return [
    {
      name: "http_server_active_requests",
      help: "Requests in progress.",
      type: "gauge",
      values: [{ labels: {}, value: inProgress }],
    },
    {
      name,
      help: "How long requests took, until the response was sent.",
      type: "histogram",
      values: measured().flatMap(({ method, kind, counts, sum }) => {
        const status = kind === 0 ? "none" : `${kind}xx`
        const labels = { http_request_method: method, http_response_status_class: status }
        let count = 0
        const buckets = counts.map((one, index) => {
          count += one
          const le = bounds[index] ?? "+Inf"
          return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: count }
        })
        return [
          ...buckets,
          { metricName: `${name}_sum`, labels, value: sum },
          { metricName: `${name}_count`, labels, value: count },
        ]
      }),
    },
  ]
}

function measured(): readonly (Durations & { readonly method: string; readonly kind: number })[] {
  return [...durations].flatMap(([method, kinds]) =>
    [...kinds.entries()].flatMap(([kind, one]) =>
      one === undefined ? [] : { method, kind, ...one },
    ),
  )
}
