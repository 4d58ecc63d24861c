// cluster.mjs
import kamisama from "kamisama"

kamisama({
  run: () => import("./.output/server/index.mjs"),
  signals: { SIGHUP: "reload" },
})
