/** What `kamisama check` finds out about the place where it runs. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"

const cli = fileURLToPath(new URL("../../src/command/cli.ts", import.meta.url))

/** Loaded first, it plays a container with this much memory; 0 for no limit. */
function container(mebibytes: number): string {
  return `--import=data:text/javascript,process.constrainedMemory=()=>${mebibytes}*2**20`
}

interface Checked {
  readonly code: number | null
  readonly findings: readonly string[]
}

/** What a check of two workers finds, without what it says of the options. */
function check(
  flags: readonly string[],
  environment: { readonly [variable: string]: string } = {},
  mebibytes = 512,
): Checked {
  const words = [container(mebibytes), cli, "check", "--workers=2", ...flags]
  const { KAMISAMA_GRACE_SECONDS: _grace, ...others } = process.env
  const env = { ...others, NODE_OPTIONS: "", ...environment }
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { env, encoding: "utf8" })
  expect(stderr).toBe("")
  const isFinding = (line: string): boolean => /^(warn|info): /.test(line)
  return { code: status, findings: stdout.split("\n").filter(isFinding) }
}

/** The same where memory has no limit, with this grace period. */
function checkGrace(text: string, ...flags: readonly string[]): Checked {
  return check(flags, { KAMISAMA_GRACE_SECONDS: text }, 0)
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

describe("check with KAMISAMA_GRACE_SECONDS", () => {
  test.each([
    ["5", "5 s"],
    ["5s", "5 s"],
    ["10000ms", "10 s"],
  ])("%s: fails if timeout does not fit", (text, grace) => {
    expect(checkGrace(text)).toEqual({
      code: 1,
      findings: [
        expect.stringContaining(`timeout is 10 s, but all of the program is killed after ${grace}`),
      ],
    })
  })

  test.each(["30", "30s", "1min", "infinity", " "])("%j: passes if it fits", (text) => {
    expect(checkGrace(text)).toEqual({ code: 0, findings: [] })
  })

  test("fails if it cannot be read, and says so in one line", () => {
    expect(checkGrace("\u001b[2J soon")).toEqual({
      code: 1,
      findings: [
        expect.stringMatching(/^warn: grace-unreadable: .*, got "\\u001b\[2J soon"\. Set it to /),
      ],
    })
  })

  test("takes it from a file of --env-file, too", () => {
    const folder = mkdtempSync(join(tmpdir(), "kamisama-check-"))
    const file = join(folder, ".env")
    writeFileSync(file, "KAMISAMA_GRACE_SECONDS=7s\n")
    try {
      const { code, findings } = check([`--env-file=${file}`], {}, 0)
      expect(findings).toEqual([expect.stringContaining("killed after 7 s")])
      expect(code).toBe(1)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
