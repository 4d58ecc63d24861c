/**
 * Images by the Containerfiles that `kamisama init` prints. Their bases are images of these tests, which have no npm: what npm
 * installs is copied with the program, and the step that runs it is left out. All else stands as it is printed.
 */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Engine } from "./engine.ts"
import { bare, copyApp, likeDistroless, made, printed } from "./image.ts"

/** What each is made from, and what is here instead. */
const bases = {
  docker: { "node:24-slim": bare },
  distroless: {
    "node:22-bookworm-slim": bare,
    "gcr.io/distroless/nodejs22-debian12:nonroot": likeDistroless,
  },
} as const

/** An image, and how it is to be run. */
interface ImageByInit {
  readonly image: string
  /** The options of `docker run` that the file names, without what each machine has in its own way: the ports. */
  readonly options: readonly string[]
}

/** @throws {Error} if the file is another one than this knows, or no image can be built with it. */
export async function imageByInit(
  engine: Engine,
  kind: keyof typeof bases,
  context: string,
): Promise<ImageByInit> {
  const folder = join(engine.folder, context)
  mkdirSync(folder)
  copyApp(engine, folder)
  const text = printed("init", kind, "--timeout=5s", "shop.js")
  const npm = "RUN npm ci --omit=dev\n"
  if (!text.includes(npm)) throw new Error(`init ${kind} prints no step that runs npm`)
  const local = text.replaceAll(/^FROM (\S+)/gm, (_, base: string) => {
    const instead = new Map(Object.entries(bases[kind])).get(base)
    if (instead === undefined) throw new Error(`init ${kind} is for the image ${base}`)
    return `FROM ${instead}`
  })
  writeFileSync(join(folder, "Containerfile"), local.replace(npm, ""))
  const image = `localhost/${context}:latest`
  await made(engine, image, folder)
  const [, words = ""] = /^# Run: +docker run (.+?) -p 3000:3000 shop$/m.exec(text) ?? []
  return { image, options: words.split(" ") }
}
