/** The settings of a program that is measured: the first argument, as JSON. */

/** The options of kamisama. */
export function optionsFrom(argv) {
  const { workers, scheduling, heartbeatTimeout, spares = 0, atOnce = 1 } = JSON.parse(argv[2])
  return {
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
