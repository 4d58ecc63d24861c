import { expect, test } from "vitest"
import { completionFor } from "../../src/command/completion.ts"
import { optionFlags } from "../../src/command/flags.ts"
import { checkHelp, helpText, unexplained } from "../../src/command/help.ts"
import { filesIn, isWatched, missingOf, patternOf } from "../../src/command/watch.ts"

test("--help explains every flag, in lines that fit a terminal", () => {
  expect(unexplained()).toEqual([])
  const lines = helpText().split("\n")
  expect(lines.filter((line) => line.length > 100)).toEqual([])
  for (const { name } of optionFlags) expect(helpText()).toContain(`--${name}`)
})

test("check has a help of its own, with its exit codes", () => {
  expect(checkHelp()).toContain("Usage: kamisama check")
  expect(checkHelp()).toContain("Exit code: 0 if all is well, 1 if an option check warns, 2")
})

test.each(["bash", "zsh", "fish"])("completion for %s has every flag", (shell) => {
  const text = completionFor(shell)
  for (const { name } of optionFlags) expect(text).toMatch(new RegExp(`(--|-l )${name}\\b`))
})

test("completion for another shell is refused", () => {
  expect(() => completionFor("tcsh")).toThrow("completion is for bash, zsh, fish, got tcsh")
})

test.each([
  ["src/server.ts", [], true],
  ["package.json", [], true],
  [".env.local", [], true],
  ["data.sqlite", [], false],
  ["node_modules/a/index.js", [], false],
  [".git/config.json", [], false],
  ["src/view.html", ["src/**/*.html"], true],
  ["src/a/view.html", ["src/**/*.html"], true],
  ["src/server.ts", ["src/**/*.html"], false],
  ["src/a.css", ["src/*.{css,html}"], true],
  ["src/a/b.css", ["./src/*.css"], false],
])("a change of %s with %j counts: %s", (file, globs, counts) => {
  expect(isWatched(file, globs.map(patternOf))).toBe(counts)
})

test("a folder to watch stands for what is in it, and a name that is nothing is noticed", () => {
  const folder = import.meta.dirname
  expect(filesIn(folder, "../command/")).toBe("../command/**")
  expect(filesIn(folder, "help.test.ts")).toBe("help.test.ts")
  expect(missingOf(folder, ["help.test.ts", "../command", "*.html", "sorce"])).toEqual(["sorce"])
})
