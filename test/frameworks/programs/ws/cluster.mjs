// cluster.mjs
import kamisama from "kamisama"

kamisama({
  run: () => import("./server.mjs"),
  signals: { SIGHUP: "reload" },
})
