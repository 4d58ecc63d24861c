/**
 * A Containerfile, as text.
 */
import { cli, graceText, type Installation } from "./figures.ts"

export function containerfile(installation: Installation): string {
  const { name, words, graceSeconds } = installation
  const start = JSON.stringify(["node", cli, ...words])
  const probe = JSON.stringify(["node", cli, "health"])
  return `# Build: docker build -t ${name} .
# Run:   docker run --init --read-only --tmpfs /tmp --stop-timeout ${graceSeconds} -p 3000:3000 ${name}
#
# --init reaps what workers leave behind; without it, ended children of ended workers stay as zombies.
# --stop-timeout is ${graceText(installation)} Docker itself waits 10 s.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=root:root /app ./
# It needs to write nothing but its control socket, in /tmp.
USER node
EXPOSE 3000
# Starts at once, and looks every 10 s. The pool answers from its own state, so busy workers do not make it unhealthy.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ${probe}
# No npm and no shell in between: they do not pass signals on.
CMD ${start}
`
}
