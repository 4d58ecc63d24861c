/** Builds the app of Nitro, which runs as its build only, once before the tests. */
import { execFileSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const cwd = fileURLToPath(new URL("programs/nitro/", import.meta.url))

export default function setup(): void {
  const program = fileURLToPath(new URL("node_modules/.bin/nitropack", import.meta.url))
  execFileSync(program, ["build"], { cwd, stdio: "ignore" })
}
