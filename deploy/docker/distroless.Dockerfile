# Build: docker build -t shop .
# Run:   docker run --init --read-only --tmpfs /tmp --stop-timeout 30 --env KAMISAMA_GRACE_SECONDS=30 -p 3000:3000 shop
#
# --init reaps what workers leave behind; without it, ended children of ended workers stay as zombies.
# --stop-timeout is stopDelay (5000 ms) + timeout (20000 ms) + the 5 s that a kill may take. Docker itself waits 10 s.
# --env tells the pool that figure, so that it warns if it no longer fits.
FROM node:22-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev
COPY . .

FROM gcr.io/distroless/nodejs22-debian12:nonroot
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=root:root /app ./
# It needs to write nothing but its control socket, in /tmp.
USER nonroot
EXPOSE 3000
# Starts at once, and looks every 10 s. The pool answers from its own state, so busy workers do not make it unhealthy.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["/nodejs/bin/node","node_modules/kamisama/dist/cli.js","health"]
# The entry point is node. There is no sh, so if the primary is killed while it is not pid 1, nothing ends a worker that hangs.
CMD ["node_modules/kamisama/dist/cli.js","--stop-delay=5s","--timeout=20s","--health=0.0.0.0:9091","--metrics=0.0.0.0:9090","shop.js"]
