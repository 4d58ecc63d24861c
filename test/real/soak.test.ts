/** Runs the soak itself: a few dozen faults, and how to repeat a finding. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"

const script = fileURLToPath(new URL("../../soak/run.ts", import.meta.url))

interface Ended {
  readonly code: number
  readonly output: string
}

function soak(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr })
    })
  })
}

/** A figure of the table. */
function figure(output: string, name: string): number {
  const line = output.split("\n").find((other) => other.startsWith(name)) ?? ""
  return Number(line.slice(name.length))
}

describe("the soak", () => {
  test("finds nothing wrong in a few dozen faults", async () => {
    const options = ["--minutes", "0.4", "--pace", "3", "--seed", "3091", "--workers", "3"]
    const { code, output } = await soak(...options)
    expect(code, output).toBe(0)
    expect(figure(output, "faults"), output).toBeGreaterThan(12)
    // How many depends on how fast the machine starts processes.
    expect(figure(output, "answered"), output).toBeGreaterThan(0)
    expect(figure(output, "lost, not excused"), output).toBe(0)
    expect(figure(output, "rule violations"), output).toBe(0)
    expect(figure(output, "leftover processes"), output).toBe(0)
  }, 120_000)

  test("prints the same faults for the same seed, and runs none", async () => {
    const [one, other] = await Promise.all([
      soak("--print", "--minutes", "0.5", "--seed", "3"),
      soak("--print", "--minutes", "0.5", "--seed", "3"),
    ])
    expect(one.output.split("\n").length).toBeGreaterThan(100)
    expect(one).toEqual(other)
  })

  test.for([
    ["--minutes", "0", "a number above 0"],
    ["--seed", "0.5", "a whole number, 0 or more"],
    ["--workers", "0", "a whole number, 1 or more"],
  ] as const)("refuses %s %s", async ([name, value, rule]) => {
    const { code, output } = await soak(name, value)
    expect(code).toBe(1)
    expect(output).toMatch(`soak: ${name} must be ${rule}, got ${value}`)
  })
})
