/**
 * The system that the portable promises are tried on: the one that the tests run on, or Windows as Wine plays it.
 */
import type { ChildProcess } from "node:child_process"

export interface System {
  readonly name: string
  readonly isWindows: boolean
  readonly isNode: boolean
  /** Whether Ctrl-C can be pressed there, by `interrupt`. */
  readonly hasConsole: boolean
  /** Why the command `kamisama` does not run on the runtime that is tested; undefined if it does. */
  readonly whyOtherRuntime: string | undefined
  /** The folders that may have the files of control sockets, as the tests see them. */
  readonly controlFolders: readonly string[]
  /** Prepares it, once. */
  prepare(): void
  /** The path of a file, as programs there know it. */
  pathOf(path: string): string
  /** Starts a script on the runtime, or the command `kamisama`. */
  launch(launched: Launched): ChildProcess
  /** Presses Ctrl-C, which reaches all processes of a program. */
  interrupt(child: ChildProcess): void
  /** Ends a process by force: that of a program, not those that it started. */
  kill(child: ChildProcess): void
  /** Those processes that live of a program. */
  processes(program: Watched): readonly number[]
}

/** What is started. */
export interface Launched {
  readonly folder: string
  /** A script and its arguments, or what the command is given. */
  readonly words: readonly string[]
  /** The folder of commands, as npm makes it, if `kamisama` is started from there. */
  readonly commands: string | undefined
  readonly environment: { readonly [variable: string]: string | undefined }
  /** The descriptors of files, for what it prints. */
  readonly stdout: number
  readonly stderr: number
}

/** How the processes of a program are known. */
export interface Watched {
  /** Nothing else is started in it. */
  readonly folder: string
  /** What it has said about its processes. */
  readonly pids: readonly number[]
}
