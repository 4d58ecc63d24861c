// cluster.mjs
import kamisama from "kamisama"

kamisama({
  async run() {
    const { database } = await import("./server.mjs")
    // The server is drained first. Then the pool of connections is closed.
    return () => database.end()
  },
  signals: { SIGHUP: "reload" },
})
