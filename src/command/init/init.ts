/**
 * The verb `init`: prints the files of an installation, from the options in use. It writes nothing.
 */
import { UsageError } from "../usage-error.ts"
import { suggestion } from "../../core/plan/suggestion.ts"
import { compose, containerfile, distrolessFile } from "./docker.ts"
import type { Installation } from "./figures.ts"
import { manifests } from "./kubernetes.ts"
import { nomadJob } from "./nomad.ts"
import { systemdSocket, systemdUnit } from "./systemd.ts"

const kinds: { readonly [kind: string]: (installation: Installation) => string } = {
  systemd: systemdUnit,
  "systemd-socket": systemdSocket,
  docker: containerfile,
  distroless: distrolessFile,
  compose,
  kubernetes: manifests,
  nomad: nomadJob,
}

/** @throws {UsageError} if there is no such kind. */
export function writerFor(kind: string | undefined): (installation: Installation) => string {
  const writer = kind !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
  if (writer !== undefined) return writer
  const names = Object.keys(kinds)
  const meant = suggestion(kind ?? "", names)
  const advice = meant === undefined ? "" : `. Did you mean ${meant}?`
  throw new UsageError(`init is for ${names.join(", ")}, got ${kind ?? "nothing"}${advice}`)
}

export function initHelp(): string {
  return [
    `Usage: kamisama init ${Object.keys(kinds).join("|")} [options] script`,
    "  print a unit, a Containerfile, manifests, or a job, with figures from the options in use",
    "It takes the options that kamisama --help lists, and writes nothing: kamisama init docker server.js > Dockerfile",
    "Variables such as KAMISAMA_TIMEOUT do not count: the service will not have those of this shell.",
    "Exit code: 0, or 2 for a wrong call or configuration.",
  ].join("\n")
}
