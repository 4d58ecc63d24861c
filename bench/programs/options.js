/** The settings of a program that is measured: the first argument, as JSON. */

/** The options of kamisama. */
export function optionsFrom(argv) {
  const told = JSON.parse(argv[2])
  const { workers, scheduling, heartbeatTimeout, spares = 0, atOnce = 1, metrics = false } = told
  return {
    metrics: metrics && { port: 0 },
    workers,
    scheduling,
    heartbeatTimeout: heartbeatTimeout || false,
    spares,
    reload: { atOnce },
    signals: { SIGHUP: "reload" },
    respawnLimit: Infinity,
    backoff: false,
    log: "silent",
  }
}
