/**
 * Makes a built site work under any path. It is built for a path that there is nowhere, and each place where that stands is replaced: in
 * markup and styles by a relative address, in scripts by the path that the page finds out when it is opened.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, relative, sep } from "node:path"
import { parseAst } from "vite"

/** Where the site is built for. */
export const placeholder = "/__base__/"

const variable = "globalThis.__SITE_BASE__"

/** Replaces the placeholder in every file of a folder. */
export function makePortable(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const file = join(folder, name)
    const change = changes[/\.(html|js|css)$/.exec(name)?.[1] ?? ""]
    if (change === undefined) continue
    const text = readFileSync(file, "utf8")
    if (!text.includes(placeholder)) continue
    const up = relative(dirname(file), folder).replaceAll(sep, "/")
    const changed = change(text, up === "" ? "./" : `${up}/`)
    if (changed.includes(placeholder)) throw new Error(`${name} works only at ${placeholder}`)
    writeFileSync(file, changed)
  }
}

/** @param up leads from the folder of the file to that of the site. */
type Change = (text: string, up: string) => string

const changes: { readonly [ending: string]: Change } = {
  html(text, up) {
    const base = `<script>${variable}=new URL("${up}",location.href).pathname</script>`
    const data = JSON.stringify(placeholder).replaceAll('"', '\\"')
    return text
      .replace("<head>", `<head>${base}`)
      .replaceAll(`\\"base\\":${data}`, `\\"base\\":\\""+${variable}+"\\"`)
      .replaceAll(`"${placeholder}`, `"${up}`)
  },
  css: (text, up) => text.replaceAll(placeholder, up),
  js(text) {
    let changed = text
    // From the end on, so that the places before it stay where they are.
    for (const { start, end, value } of stringsIn(parseAst(text)).reverse()) {
      const parts = value.split(placeholder).map((part) => JSON.stringify(part))
      changed = `${changed.slice(0, start)}(${parts.join(`+${variable}+`)})${changed.slice(end)}`
    }
    return changed
  },
}

interface Place {
  readonly start: number
  readonly end: number
  readonly value: string
}

/** The texts of a script that have the placeholder, in their order. */
function stringsIn(node: unknown): Place[] {
  if (typeof node !== "object" || node === null) return []
  const { type, value, start, end, quasis, expressions } = node as Partial<Place> & {
    readonly type?: string
    readonly quasis?: readonly { readonly value: { readonly cooked: string } }[]
    readonly expressions?: readonly unknown[]
  }
  if (type === "Literal" && typeof value === "string" && value.includes(placeholder)) {
    return [{ start: start ?? 0, end: end ?? 0, value }]
  }
  if (type === "TemplateLiteral" && expressions?.length === 0) {
    const text = quasis?.[0]?.value.cooked ?? ""
    return text.includes(placeholder) ? [{ start: start ?? 0, end: end ?? 0, value: text }] : []
  }
  return Object.values(node).flatMap(stringsIn)
}
