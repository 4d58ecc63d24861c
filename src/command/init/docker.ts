/**
 * Containerfiles, and a file for Compose, as text.
 */
import { graceVariable } from "../../platform/node/limits.ts"
import {
  cli,
  clientPort,
  graceText,
  graceVariableText,
  type Installation,
  portText,
  writableFolders,
  writableText,
} from "./figures.ts"
import { usualHealthPort } from "./endpoint.ts"
import { processorText } from "./room.ts"

/** What the stages of a Containerfile are made from. */
interface Image {
  readonly build: string
  readonly final: string
  /** What the last stage needs to have node in its PATH. */
  readonly path: string
  /** What starts Node there, as words of CMD. The entry point of an image may do it already. */
  readonly start: readonly string[]
  /** The user of the image that is not root. */
  readonly user: string
  readonly about: string
}

const slim: Image = {
  build: "node:24-slim",
  final: "node:24-slim",
  path: "",
  start: ["node"],
  user: "node",
  about: "# No npm and no shell in between: they do not pass signals on.",
}

const distroless: Image = {
  // The same Debian, for modules that are compiled.
  build: "node:22-bookworm-slim",
  final: "gcr.io/distroless/nodejs22-debian12:nonroot",
  path: `# Then "node" is a command, as in other images: for probes, and for what kamisama init kubernetes and nomad print.
ENV PATH=/nodejs/bin:$PATH
`,
  start: [],
  user: "nonroot",
  about: `# The entry point is node. There is no sh, and so no reaper. Neither as pid 1 nor with --init is it missed: if the primary is
# killed, the container ends with all its processes.`,
}

/** An image of Debian, with a shell. */
export function containerfile(installation: Installation): string {
  return fileFor(slim, installation)
}

/** An image with nothing but Node. */
export function distrolessFile(installation: Installation): string {
  return fileFor(distroless, installation)
}

function fileFor(image: Image, installation: Installation): string {
  const { name, words, graceSeconds } = installation
  const mounts = writableFolders(installation).map((folder) => `--tmpfs ${folder}`)
  return `# Build: docker build -t ${name} .
# Run:   docker run --init --read-only ${mounts.join(" ")} --stop-timeout ${graceSeconds} --env ${graceVariable}=${graceSeconds} -p ${clientPort}:${clientPort} ${name}
#
# --init reaps what workers leave behind; without it, ended children of ended workers stay as zombies.
# --tmpfs is for the control socket, and what workers keep of their compiled code.
# --stop-timeout is ${graceText(installation)} Docker itself waits 10 s.
# --env tells the pool the same: it warns if stopDelay and timeout take as long.
FROM ${image.build} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# kamisama must be one of the dependencies, not of the devDependencies.
RUN npm ci --omit=dev
# Without node_modules, .git and .env in a .dockerignore, those of this folder get into the image, and replace what npm has installed.
COPY . .

FROM ${image.final}
${image.path}ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=root:root /app ./
USER ${image.user}
# ${portText}
EXPOSE ${clientPort}
${healthcheck(installation)}${image.about}
CMD ${JSON.stringify([...image.start, cli, ...words])}
`
}

function healthcheck({ healthWords, startSeconds }: Installation): string {
  if (healthWords === undefined) {
    return `# There is no HEALTHCHECK, because nothing in the container can be asked without a control socket: give --health ${usualHealthPort}.
`
  }
  return `# Every 10 s; Docker 25 and newer ask every 5 s until the first success. Failures count after that, or after ${startSeconds} s. The pool answers
# from its own state, so busy workers do not make it unhealthy.
HEALTHCHECK --interval=10s --timeout=3s --start-period=${startSeconds}s --retries=3 CMD ${JSON.stringify(["node", cli, ...healthWords])}
`
}

export function compose(installation: Installation): string {
  const { name, graceSeconds, room } = installation
  const mounts = writableFolders(installation).map((folder) => `"${folder}:size=${room.tmp}m"`)
  return `# docker compose up --build
services:
  ${name}:
    # With the Dockerfile that kamisama init docker prints. It has the command and the health check.
    build: .
    # Reaps what workers leave behind.
    init: true
    # ${graceText(installation)} Compose itself waits 10 s.
    stop_grace_period: ${graceSeconds}s
    environment:
      # ${graceVariableText}
      ${graceVariable}: "${graceSeconds}"
      # ${room.text}
      NODE_OPTIONS: "${room.nodeOptions}"
    # ${portText}
    ports: ["${clientPort}:${clientPort}"]
    # ${processorText(room)} A machine with fewer processors refuses this figure.
    cpus: ${room.workers}
    mem_limit: ${room.memory}m
    # A pool that gives up is started again, and so is one that ran when the machine went down: on-failure would not do that.
    # What docker compose stop has stopped stays so. What kamisama stop has stopped does not.
    restart: unless-stopped
    # ${writableText}
    read_only: true
    tmpfs: [${mounts.join(", ")}]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
`
}
