/**
 * Every relative link of the documentation leads to a file that exists and, after a `#`, to one of its headings. Every path
 * in backticks that begins with a directory of the repository exists.
 */
import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The text of a page without what is code, where a bracket is no link and a `#` no heading. */
function withoutFences(page: string): string {
  return page.replaceAll(/^( *)(`{3,}).*\n(?:.*\n)*?\1\2 *$/gm, "")
}

/** The anchors of a page's headings: those that GitHub, npm and JSR make. */
function anchorsOf(page: string): string[] {
  const seen = new Map<string, number>()
  return [...withoutFences(page).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map(([, heading = ""]) => {
    const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    const slug = text.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    const anchor = slug.trim().replaceAll(/\s/g, "-")
    const count = seen.get(anchor) ?? 0
    seen.set(anchor, count + 1)
    return count === 0 ? anchor : `${anchor}-${count}`
  })
}

/** The targets of a page's relative links and pictures. */
function linksOf(page: string): string[] {
  const prose = withoutFences(page).replaceAll(/`[^`\n]*`(?!\]\()/g, "")
  return [...prose.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/i.test(target))
}

/** The links of the page at `path` that lead nowhere. */
function brokenLinks(path: string, page: string): string[] {
  return linksOf(page).filter((target) => {
    const [file = "", anchor] = target.split("#", 2)
    const at = file === "" ? path : join(dirname(path), decodeURI(file))
    if (!existsSync(at)) return true
    if (anchor === undefined) return false
    return !anchorsOf(file === "" ? page : readFileSync(at, "utf8")).includes(anchor)
  })
}

/** Where the paths begin that must exist. Files that only a program of the reader has begin elsewhere. */
const repositoryPath = /`((?:bench|docs|examples|scripts|soak|src|test)\/[\w./…-]+)(?::\d+)?`/g

/** The paths in backticks that do not exist. "…" stands for anything. */
function missingPaths(page: string): string[] {
  return [...withoutFences(page).matchAll(repositoryPath)]
    .map(([, path = ""]) => path)
    .filter((path) => globSync(path.replaceAll("…", "*"), { cwd: root }).length === 0)
}

const pages = ["*.md", "docs/**/*.md"].flatMap((pattern) => globSync(pattern, { cwd: root }))

describe("every relative link leads to a file and a heading", () => {
  test.each(pages.toSorted())("in %s", (name) => {
    const path = join(root, name)
    expect(brokenLinks(path, readFileSync(path, "utf8"))).toEqual([])
  })
})

describe("every path of the repository exists", () => {
  // The paths of docs/comparison.md are those of other projects.
  const own = pages.filter((name) => name !== join("docs", "comparison.md"))
  test.each(own.toSorted())("in %s", (name) => {
    expect(missingPaths(readFileSync(join(root, name), "utf8"))).toEqual([])
  })
})

describe("missingPaths()", () => {
  test("finds a file and a directory that do not exist", () => {
    const page = "`src/index.ts` `src/none.ts` `test/docs` `test/none` `docs/decisions/none.md`"
    expect(missingPaths(page)).toEqual(["src/none.ts", "test/none", "docs/decisions/none.md"])
  })

  test("finds a pattern that no file matches", () => {
    const page = "`test/transcripts/pids-…` `test/transcripts/none-…`"
    expect(missingPaths(page)).toEqual(["test/transcripts/none-…"])
  })

  test("leaves out code, other directories and what is no path", () => {
    const page = "`lib/none.js` `src` `node src/none.js`\n\n```sh\ncat `src/none`\n```\n"
    expect(missingPaths(page)).toEqual([])
  })
})

describe("brokenLinks()", () => {
  const path = join(root, "README.md")

  test("finds a file that does not exist, also a picture", () => {
    const page = "[a](docs/none.md) ![b](docs/none.svg) [`c`](LICENSE) [d](docs)"
    expect(brokenLinks(path, page)).toEqual(["docs/none.md", "docs/none.svg"])
  })

  test("finds a heading that does not exist, here and on another page", () => {
    const page =
      "# One `two()`: three\n\n[a](#one-two-three) [b](#four) [c](docs/options.md#none)\n"
    expect(brokenLinks(path, page)).toEqual(["#four", "docs/options.md#none"])
  })

  test("leaves out code, and links to other hosts", () => {
    const page = "`[a](none)` [b](https://example.org/none)\n\n```md\n[c](none)\n```\n"
    expect(brokenLinks(path, page)).toEqual([])
  })

  test("numbers headings of the same text", () => {
    expect(anchorsOf("# A\n\n# B\n\n## A\n")).toEqual(["a", "b", "a-1"])
  })
})

test("no page of docs is without a link that leads to it", () => {
  const linked = new Set(
    pages.flatMap((name) =>
      linksOf(readFileSync(join(root, name), "utf8")).map((target) =>
        relative(root, join(root, dirname(name), target.split("#")[0] ?? "")),
      ),
    ),
  )
  const unlinked = pages.filter(
    (name) => name.startsWith("docs/") && !linked.has(name) && !linked.has(dirname(name)),
  )
  expect(unlinked).toEqual([])
})
