/**
 * Loaded before a program under test, and before each of its workers, which inherit the flag: writes what the platform
 * observes to the file that the environment names, a JSON line an entry.
 */
import { subscribe } from "node:diagnostics_channel"
import { appendFileSync } from "node:fs"
import { lineOf } from "./log-file.ts"

const file = process.env["KAMISAMA_TEST_LOG"]

subscribe("kamisama:log", (entry) => {
  if (file !== undefined) appendFileSync(file, lineOf(process.pid, entry))
})
