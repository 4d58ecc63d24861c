/** The same pool with kamisama. The server is loaded by the workers alone here too. */
import kamisama from "kamisama"
import { optionsFrom } from "./options.js"

kamisama({
  ...optionsFrom(process.argv),
  run: async () => (await import("./serve.js")).serve(),
})
