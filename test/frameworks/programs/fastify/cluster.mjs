// cluster.mjs
import kamisama from "kamisama"

kamisama({
  async run() {
    const { app } = await import("./server.mjs")
    return app
  },
  signals: { SIGHUP: "reload" },
})
