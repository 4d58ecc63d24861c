import { describe, expect, test } from "vitest"
import { optionFlags } from "../../src/command/flags.ts"
import { parseArguments } from "../../src/command/parse.ts"
import { UsageError } from "../../src/command/usage-error.ts"

const parse = (line: string) =>
  parseArguments(line === "" ? [] : line.split(" "), (name) => name === "--inspect")

/** The flags that were given, each as "name text". */
const flagsIn = (line: string) => parse(line).flags.map(({ flag, text }) => `${flag.name} ${text}`)

describe("parseArguments()", () => {
  test("takes flags before the script, and leaves the rest to it", () => {
    const { verb, script, args } = parse("-w 4 --timeout=5s server.js --workers 9 -- -x")
    expect({ verb, script, args }).toEqual({
      verb: "run",
      script: "server.js",
      args: ["--workers", "9", "--", "-x"],
    })
    expect(flagsIn("-w 4 --timeout=5s server.js --workers 9")).toEqual(["workers 4", "timeout 5s"])
  })

  test("takes a switch with and without its negation", () => {
    expect(flagsIn("--stdin --no-wait-for-workers server.js")).toEqual([
      "stdin on",
      "wait-for-workers off",
    ])
  })

  test("knows the verbs, and a script behind one", () => {
    expect(parse("check -w 2 server.js")).toMatchObject({ verb: "check", script: "server.js" })
    expect(parse("completion zsh")).toMatchObject({ verb: "completion", script: "zsh" })
    expect(parse("--help")).toMatchObject({ verb: "help" })
    expect(parse("")).toMatchObject({ verb: "run", script: undefined, args: [] })
  })

  test("passes flags of the runtime on", () => {
    const { runtimeFlags, script } = parse(
      "--import ./a.js -r b --inspect --env-file=.env server.js",
    )
    expect(runtimeFlags).toEqual(["--import=./a.js", "--require=b", "--inspect", "--env-file=.env"])
    expect(script).toBe("server.js")
  })

  test("takes --watch with globs and without", () => {
    expect(parse("--watch server.js")).toMatchObject({ watch: [], script: "server.js" })
    expect(parse("--watch=src/**,*.env server.js").watch).toEqual(["src/**", "*.env"])
    const braces = "src/**/*.{js,pug},*.env"
    expect(parse(`--watch=${braces} server.js`).watch).toEqual(["src/**/*.{js,pug}", "*.env"])
    expect(parse("server.js").watch).toBeUndefined()
  })

  test.each([
    ["--timeuot 5s server.js", "there is no flag --timeuot. Did you mean --timeout?"],
    ["--frobnicate server.js", "there is no flag --frobnicate. See kamisama --help."],
    ["--timeout", "--timeout needs a value, such as --timeout=…"],
    ["--config", "--config needs a file, such as --config=…"],
  ])("refuses %j", (line, message) => {
    expect(() => parse(line)).toThrow(new UsageError(message))
  })
})

test("every flag has a name and a variable of its own", () => {
  for (const part of ["name", "variable"] as const) {
    const all = optionFlags.map((flag) => flag[part])
    expect(new Set(all).size).toBe(all.length)
  }
})
