/**
 * Makes the images: from scratch, with node, its libraries, two users and a program with the packed package. There is no sh, no
 * other command and no /tmp, as in a distroless image. A second one has sh, and nothing else more. A third one has what Google's
 * distroless image has: where node is, that it is the entry point, and the user. No program is in it.
 */
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, realpathSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { installInto, pack } from "../package/packed.ts"
import { build, type Engine } from "./engine.ts"

/** The images. */
export const bare = "localhost/bare:latest"
export const withShell = "localhost/with-shell:latest"
export const likeDistroless = "localhost/like-distroless:latest"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** The command, as `kamisama init docker` writes it. */
export const cli = "node_modules/kamisama/dist/cli.js"

/** What the command prints in the folder of the program. */
export function printed(...words: readonly string[]): string {
  return execFileSync(process.execPath, [join(root, "dist/cli.js"), ...words], {
    cwd: join(root, "test/container/app"),
    encoding: "utf8",
  })
}

/** @throws {Error} if an image cannot be built. */
export async function makeImages(engine: Engine): Promise<void> {
  const files = join(engine.folder, "bare/files")
  for (const folder of ["usr/bin", "etc", "app"]) {
    mkdirSync(join(files, folder), { recursive: true })
  }
  copyProgram(process.execPath, files, "usr/bin/node")
  writeFileSync(join(files, "etc/passwd"), "root:x:0:0::/:\nnode:x:1000:1000::/:\n")
  writeFileSync(join(files, "etc/group"), "root:x:0:\nnode:x:1000:\n")
  installApp(join(files, "app"), engine.folder)
  writeFileSync(
    join(engine.folder, "bare/Containerfile"),
    `FROM scratch\nCOPY files /\nWORKDIR /app\nCMD ${JSON.stringify(["node", cli, "shop.js"])}\n`,
  )
  await made(engine, bare, join(engine.folder, "bare"))
  const shell = join(engine.folder, "with-shell")
  mkdirSync(join(shell, "files/bin"), { recursive: true })
  copyProgram(realpathSync("/bin/sh"), join(shell, "files"), "bin/sh")
  writeFileSync(join(shell, "Containerfile"), `FROM ${bare}\nCOPY files /\n`)
  await made(engine, withShell, shell)
  const like = join(engine.folder, "like-distroless")
  mkdirSync(join(like, "files/nodejs/bin"), { recursive: true })
  mkdirSync(join(like, "files/etc"))
  copyProgram(process.execPath, join(like, "files"), "nodejs/bin/node")
  const users = "root:x:0:0::/:\nnonroot:x:65532:65532::/home/nonroot:\n"
  writeFileSync(join(like, "files/etc/passwd"), users)
  writeFileSync(join(like, "files/etc/group"), "root:x:0:\nnonroot:x:65532:\n")
  const path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
  writeFileSync(
    join(like, "Containerfile"),
    `FROM scratch\nCOPY files /\nENV PATH=${path}\nUSER nonroot\nENTRYPOINT ["/nodejs/bin/node"]\n`,
  )
  await made(engine, likeDistroless, like)
}

/** Copies the program that the images have to a folder. */
export function copyApp({ folder }: Engine, to: string): void {
  cpSync(join(folder, "bare/files/app"), to, { recursive: true })
}

/** @throws {Error} if the image cannot be built. */
export async function made(engine: Engine, name: string, context: string): Promise<void> {
  const { code, out } = await build(engine, name, context)
  if (code !== 0) throw new Error(`the image ${name} cannot be built: ${out.slice(-2_000)}`)
}

/** A program, its libraries, and what loads them. */
function copyProgram(program: string, files: string, path: string): void {
  cpSync(program, join(files, path))
  const libraries = execFileSync("ldd", [program], { encoding: "utf8" })
  for (const [library] of libraries.matchAll(/\/[^\s)]+/g)) {
    mkdirSync(join(files, dirname(library)), { recursive: true })
    cpSync(realpathSync(library), join(files, library))
  }
}

function installApp(app: string, scratch: string): void {
  installInto(app, pack(scratch))
  cpSync(join(root, "test/container/app"), app, { recursive: true })
}
