/**
 * Containerfiles, and a file for Compose, as text.
 */
import { graceVariable } from "../../platform/node/limits.ts"
import { cli, graceText, type Installation } from "./figures.ts"

/** What the last stage of a Containerfile is made from. */
interface Image {
  readonly build: string
  readonly final: string
  /** What starts Node there, as words of CMD. The entry point of an image may do it already. */
  readonly start: readonly string[]
  readonly probe: readonly string[]
  /** The user of the image that is not root. */
  readonly user: string
  readonly about: string
}

const slim: Image = {
  build: "node:24-slim",
  final: "node:24-slim",
  start: ["node"],
  probe: ["node"],
  user: "node",
  about: "# No npm and no shell in between: they do not pass signals on.",
}

const distroless: Image = {
  build: "node:22-slim",
  final: "gcr.io/distroless/nodejs22-debian12:nonroot",
  start: [],
  probe: ["/nodejs/bin/node"],
  user: "nonroot",
  about:
    "# The entry point is node. There is no sh, so if the primary is killed while it is not pid 1, nothing ends a worker that hangs.",
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
  const start = JSON.stringify([...image.start, cli, ...words])
  const probe = JSON.stringify([...image.probe, cli, "health"])
  return `# Build: docker build -t ${name} .
# Run:   docker run --init --read-only --tmpfs /tmp --stop-timeout ${graceSeconds} --env ${graceVariable}=${graceSeconds} -p 3000:3000 ${name}
#
# --init reaps what workers leave behind; without it, ended children of ended workers stay as zombies.
# --stop-timeout is ${graceText(installation)} Docker itself waits 10 s.
# --env tells the pool that figure, so that it warns if it no longer fits.
FROM ${image.build} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .

FROM ${image.final}
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=root:root /app ./
# It needs to write nothing but its control socket, in /tmp.
USER ${image.user}
EXPOSE 3000
# Starts at once, and looks every 10 s. The pool answers from its own state, so busy workers do not make it unhealthy.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ${probe}
${image.about}
CMD ${start}
`
}

export function compose(installation: Installation): string {
  const { name, graceSeconds } = installation
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
      # The same figure, for the pool: it warns if it no longer fits.
      ${graceVariable}: "${graceSeconds}"
    ports: ["3000:3000"]
    # The number of workers follows the limit of the processor. All of them share the memory.
    cpus: 2
    mem_limit: 1g
    # A pool that gives up is started again. One that was stopped is not.
    restart: on-failure
    # It needs to write nothing but its control socket, in /tmp.
    read_only: true
    tmpfs: [/tmp]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
`
}
