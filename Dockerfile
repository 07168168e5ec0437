# One image, one program: `grantor controller`, `grantor issuer`.
FROM node:24-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY src src
COPY tools tools
RUN node tools/build.ts

FROM gcr.io/distroless/nodejs24-debian12:nonroot
COPY --from=build /src/dist /grantor
USER 65532:65532
# Ten thousand bindings fit into 150 to 160 MiB with these: what a start reads is garbage soon, and need not pile up first (docs/performance.md).
ENV MALLOC_ARENA_MAX=1
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=2", "--initial-old-space-size=32", "--no-parallel-scavenge", "/grantor/grantor.js"]
