/**
 * The site: the pages of docs/ as they are, the README, and the pages of this folder. Everything has relative addresses in the end, so
 * that the built folder works under any path.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs"
import { dirname, join, posix, relative, resolve } from "node:path"
import { defineConfig, type DefaultTheme } from "vitepress"
import { makePortable, placeholder } from "./portable.ts"

const root = resolve(import.meta.dirname, "../..")

/** Links to what there is in the repository: VitePress wants its pages in one folder, and in that of its packages. */
const content = join(root, "site/content")

/** Files of the repository that pages lead to. They are copied beside the pages. */
const linked = new Set<string>()

/** The pages in the order in which they are read. */
const sidebar: DefaultTheme.SidebarItem[] = [
  {
    text: "Begin",
    items: [
      { text: "What it is", link: "/" },
      { text: "Getting started", link: "/readme" },
      { text: "The command", link: "/command" },
      { text: "Options", link: "/options" },
      { text: "The pool in code", link: "/pool" },
      { text: "Comparison", link: "/comparison" },
    ],
  },
  {
    text: "See it",
    items: [
      { text: "Playground", link: "/playground" },
      { text: "Incident viewer", link: "/viewer" },
    ],
  },
  { text: "API", collapsed: true, items: api() },
  { text: "Recipes", collapsed: true, items: pagesIn("recipes") },
  {
    text: "Operate",
    items: [
      ...pagesIn("operate"),
      ...pages("control", "metrics", "notices", "lint", "recording", "runtimes"),
    ],
  },
  { text: "Move to it", collapsed: true, items: pagesIn("migrate") },
  { text: "Test with it", collapsed: true, items: pagesIn("fake") },
  {
    text: "Understand",
    collapsed: true,
    items: [
      ...pages("design", "proof", "benchmark"),
      { text: "Decisions", collapsed: true, items: pagesIn("decisions") },
    ],
  },
]

/** What api.ts has written. */
function api(): DefaultTheme.SidebarItem[] {
  const text = readFileSync(join(content, "api/typedoc-sidebar.json"), "utf8")
  return JSON.parse(text) as DefaultTheme.SidebarItem[]
}

function pages(...names: readonly string[]): DefaultTheme.SidebarItem[] {
  return names.map((name) => ({ text: titleOf(`docs/${name}.md`), link: `/${name}` }))
}

function pagesIn(folder: string): DefaultTheme.SidebarItem[] {
  return readdirSync(join(root, "docs", folder))
    .filter((name) => name.endsWith(".md"))
    .sort(
      (one, other) =>
        Number(other === "README.md") - Number(one === "README.md") || (one < other ? -1 : 1),
    )
    .map((name) => ({
      text: titleOf(`docs/${folder}/${name}`),
      link: `/${folder}/${name === "README.md" ? "" : name.replace(/\.md$/, "")}`,
    }))
}

function titleOf(path: string): string {
  const [, title = path] = /^# (.+)$/m.exec(readFileSync(join(root, path), "utf8")) ?? []
  return title.replaceAll("`", "")
}

function partName(heading: string): string {
  const letters = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
  return letters.trim().replaceAll(/\s/g, "-")
}

/** Where a page of the repository is on the site. */
function addressOf(path: string): string {
  if (path === "README.md") return "readme.md"
  return path.replace(/^(docs|pages)\//, "").replace(/(^|\/)README\.md$/, "$1index.md")
}

/** While one writes, the site is at the root. */
const base = process.argv.includes("build") ? placeholder : "/"

export default defineConfig({
  srcDir: content,
  outDir: join(root, "site/dist"),
  cacheDir: join(root, "site/.vitepress/cache"),
  base,
  title: "kamisama",
  description:
    "Turns a program into a supervised pool of worker processes, for Node, Deno and Bun.",
  lang: "en-US",
  head: [["link", { rel: "icon", href: `${base}icon.svg`, type: "image/svg+xml" }]],
  lastUpdated: false,
  // A page loads what it needs, and nothing for those that it leads to.
  router: { prefetchLinks: false },
  rewrites: addressOf,
  ignoreDeadLinks: false,
  markdown: {
    // The names of parts are those that GitHub gives them: pages are read there, too.
    anchor: { slugify: partName },
    // The usual colors are hard to read for some.
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    config(md) {
      md.core.ruler.push("files", (state) => {
        const { path, realPath = path } = state.env as {
          readonly path?: string
          readonly realPath?: string
        }
        if (realPath === undefined) return
        const page = relative(content, realPath)
        for (const token of state.tokens.flatMap(({ children }) => children ?? [])) {
          const href = token.attrGet("href")
          if (href === null || /^([a-z]+:|#|\/)/.test(href)) continue
          const [to = "", hash] = href.split("#")
          const file = relative(content, resolve(dirname(realPath), decodeURI(to)))
          // A link to nothing is left to the check of links.
          if (!existsSync(join(root, file))) continue
          const isPage = file.endsWith(".md")
          if (!isPage) linked.add(file)
          const target = isPage ? addressOf(file) : posix.join("files", `${file}.txt`)
          const address = posix.relative(posix.dirname(addressOf(page)), target)
          token.attrSet("href", hash === undefined ? address : `${address}#${hash}`)
          if (!isPage) token.attrSet("target", "_blank")
        }
      })
    },
  },
  themeConfig: {
    search: { provider: "local" },
    sidebar,
    nav: [
      { text: "Guide", link: "/readme" },
      { text: "Options", link: "/options" },
      { text: "Playground", link: "/playground" },
      { text: "Viewer", link: "/viewer" },
    ],
    outline: { level: [2, 3] },
  },
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag.startsWith("kamisama-") } } },
  vite: {
    resolve: { preserveSymlinks: true, alias: { "@web": join(root, "web") } },
    build: { chunkSizeWarningLimit: 1_000 },
    server: { fs: { allow: [root] } },
  },
  buildEnd({ outDir }) {
    for (const file of linked) {
      const copy = join(outDir, "files", `${file}.txt`)
      mkdirSync(dirname(copy), { recursive: true })
      if (statSync(join(root, file)).isDirectory()) {
        writeFileSync(copy, `${file}\n\n${readdirSync(join(root, file)).join("\n")}\n`)
      } else cpSync(join(root, file), copy)
    }
    makePortable(outDir)
  },
})
