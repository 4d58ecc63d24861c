# Build: docker build -t shop .
# Run:   docker run --init --read-only --tmpfs /tmp --stop-timeout 30 --env KAMISAMA_GRACE_SECONDS=30 -p 3000:3000 shop
#
# --init reaps what workers leave behind; without it, ended children of ended workers stay as zombies.
# --tmpfs is for the control socket, and what workers keep of their compiled code.
# --stop-timeout is stopDelay (5000 ms) + timeout (20000 ms) + the 5 s that a kill may take. Docker itself waits 10 s.
# --env tells the pool the same: it warns if stopDelay and timeout take as long.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# kamisama must be one of the dependencies, not of the devDependencies.
RUN npm ci --omit=dev
# Without node_modules, .git and .env in a .dockerignore, those of this folder get into the image, and replace what npm has installed.
COPY . .

FROM gcr.io/distroless/nodejs22-debian12:nonroot
# Then "node" is a command, as in other images: for probes, and for what kamisama init kubernetes and nomad print.
ENV PATH=/nodejs/bin:$PATH
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=root:root /app ./
USER nonroot
# 3000 is the port of your program: write its own here.
EXPOSE 3000
# Every 10 s; Docker 25 and newer ask every 5 s until the first success. Failures count after that, or after 60 s. The pool answers
# from its own state, so busy workers do not make it unhealthy.
HEALTHCHECK --interval=10s --timeout=3s --start-period=60s --retries=3 CMD ["node","node_modules/kamisama/dist/cli.js","health","--port","9091"]
# The entry point is node. There is no sh, and so no reaper. Neither as pid 1 nor with --init is it missed: if the primary is
# killed, the container ends with all its processes.
CMD ["node_modules/kamisama/dist/cli.js","--stop-delay=5s","--timeout=20s","--health=0.0.0.0:9091","--metrics=0.0.0.0:9090","shop.js"]
