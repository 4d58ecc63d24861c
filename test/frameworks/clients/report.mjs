/**
 * What became of the requests of some clients, as test/real/harness/load.ts counts them, and clients that go on until they are
 * told to end.
 */

/**
 * @param {number} clients
 * @param {(report: { answered: number, refused: number, reset: number, lost: string[] }, hasEnded: () => boolean) => Promise<void>} client
 *   asks until it is refused or told to end.
 */
export function startAll(clients, client) {
  const report = { answered: 0, refused: 0, reset: 0, lost: [] }
  let isEnding = false
  const all = Promise.all(Array.from({ length: clients }, () => client(report, () => isEnding)))
  return {
    report,
    async end() {
      isEnding = true
      await all
      return report
    },
  }
}
