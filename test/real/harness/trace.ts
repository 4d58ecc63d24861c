/**
 * Loaded before a program under test, and before each of its workers, which inherit the flag: writes what the platform
 * observes to the file that the environment names, a JSON line an entry.
 */
import { subscribe } from "node:diagnostics_channel"
import { openSync, writeSync } from "node:fs"
import { lineOf } from "./log-file.ts"

const path = process.env["KAMISAMA_TEST_LOG"]
/** Open from the start on, because a process may run out of descriptors. */
const file = path === undefined ? undefined : openSync(path, "a")
/** Before it dies. */
const parent = process.ppid

subscribe("kamisama:log", (entry) => {
  if (file !== undefined) writeSync(file, lineOf(process.pid, parent, entry))
})
