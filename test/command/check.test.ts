/** What `kamisama check` finds out about the place where it runs. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"

const cli = fileURLToPath(new URL("../../src/command/cli.ts", import.meta.url))

/** Loaded first, it plays a container of 512 MiB. */
const container = "data:text/javascript,process.constrainedMemory=()=>512*2**20"

interface Checked {
  readonly code: number | null
  readonly findings: readonly string[]
}

/** What a check of two workers finds, without what it says of the options. */
function check(
  flags: readonly string[],
  environment: { readonly [variable: string]: string } = {},
): Checked {
  const words = ["--import", container, cli, "check", "--workers=2", ...flags]
  const env = { ...process.env, NODE_OPTIONS: "", KAMISAMA_GRACE_SECONDS: "", ...environment }
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { env, encoding: "utf8" })
  expect(stderr).toBe("")
  const isFinding = (line: string): boolean => /^(warn|info): /.test(line)
  return { code: status, findings: stdout.split("\n").filter(isFinding) }
}

describe("check in a container", () => {
  test("advises flags for the heap, and is content with them in either place", () => {
    const { code, findings } = check([])
    expect(findings).toEqual([expect.stringMatching(/^info: memory-beyond-limit: /)])
    expect(code).toBe(0)
    const flags = findings[0]?.match(/--max-[a-z-]+=\d+/g) ?? []
    expect(flags).toHaveLength(2)
    expect(check(flags).findings).toEqual([])
    expect(check([], { NODE_OPTIONS: flags.join(" ") }).findings).toEqual([])
  })

  test("looks at the flags that workers get, not at its own", () => {
    const { findings } = check(["--max-old-space-size=4000", "--max-semi-space-size=16"], {
      NODE_OPTIONS: "--max-old-space-size=100 --max-semi-space-size=4",
    })
    expect(findings).toEqual([
      expect.stringContaining("the heap of each worker may grow to 4048 MiB"),
    ])
  })
})
