/**
 * Runs podman and buildah where they can do no harm: with storage, mounts and processes of their own. Whatever becomes of this
 * process, the kernel ends and unmounts all of it.
 *
 * The first process of the engine waits for the end of its input, which this process holds. It is pid 1 of a namespace, so
 * containers and their monitors end with it, and so do the mounts.
 */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"

/** Where the engine is. Plain data, so that each file of tests can be told. */
export interface Engine {
  /** Everything that it stores. */
  readonly folder: string
  /** Its first process. */
  readonly pid: number
}

/** How a command has ended. */
export interface Ran {
  readonly code: number
  /** What it has written to stdout and stderr. */
  readonly out: string
}

/** The commands that are needed. */
export const commands = ["podman", "buildah", "catatonit", "nsenter", "unshare"]

/** Podman refuses control groups of both versions at once. Its state and its locks are shared by all that run, if nobody hides them. */
const prepare = `
umount /sys/fs/cgroup/unified 2>/dev/null
mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /dev/shm && mkdir /run/lock && echo prepared && exec catatonit -- cat`

/** Without these, it wants more than a process without CAP_SYS_RESOURCE may have. */
const settings = `[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4000:4000"]
`

/**
 * @param folder an empty one.
 * @returns the engine and its end; the reason if the kernel refuses.
 */
export async function startEngine(
  folder: string,
): Promise<{ readonly engine: Engine; readonly end: () => Promise<void> } | string> {
  mkdirSync(join(folder, ".config/containers"), { recursive: true })
  writeFileSync(
    join(folder, ".config/containers/policy.json"),
    `{ "default": [{ "type": "insecureAcceptAnything" }] }`,
  )
  writeFileSync(join(folder, "containers.conf"), settings)
  const namespaces = ["--mount", "--pid", "--fork", "--mount-proc"]
  const outer = spawn("unshare", [...namespaces, "sh", "-c", prepare], {
    stdio: ["pipe", "pipe", "pipe"],
  })
  let said = ""
  outer.stderr.on("data", (part: Buffer) => (said += part.toString()))
  const exited = once(outer, "exit")
  const isPrepared = await Promise.race([once(outer.stdout, "data"), exited.then(() => false)])
  if (isPrepared === false) return said.trim().split("\n").at(-1) ?? ""
  const [pid] = readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, "utf8").split(" ")
  return {
    engine: { folder, pid: Number(pid) },
    async end() {
      outer.stdin.end()
      await exited
    },
  }
}

/** Runs a command of the engine. */
export function podman(engine: Engine, ...args: readonly string[]): Promise<Ran> {
  return run(engine, "podman", [`--tmpdir=${engine.folder}/tmp`, ...args])
}

/** Builds an image from what is in a folder. */
export function build(engine: Engine, name: string, context: string): Promise<Ran> {
  const quick = ["--isolation=chroot", "--format=docker", "--pull-never", "--quiet"]
  return run(engine, "buildah", ["bud", ...quick, "--tag", name, context])
}

function run(
  { folder, pid }: Engine,
  command: "podman" | "buildah",
  args: readonly string[],
): Promise<Ran> {
  const storage = [`--root=${folder}/root`, `--runroot=${folder}/run`, "--storage-driver=vfs"]
  const inside = [`--target=${pid}`, "--mount", "--pid", command, ...storage, ...args]
  const environment = {
    PATH: process.env["PATH"],
    HOME: folder,
    TMPDIR: folder,
    CONTAINERS_CONF: join(folder, "containers.conf"),
  }
  const options = { env: environment, maxBuffer: 2 ** 26, timeout: 120_000 }
  return new Promise((resolve) => {
    const child = execFile("nsenter", inside, options, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, out: `${stdout}${stderr}`.trim() }),
    )
  })
}
