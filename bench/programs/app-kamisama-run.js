/** The same, and only the workers import the program. */
import kamisama from "kamisama"
import { optionsFrom } from "./options.js"

kamisama({
  ...optionsFrom(process.argv),
  run: async () => (await import("../app/app.js")).serve(),
})
