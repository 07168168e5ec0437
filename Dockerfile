# One image, one program: `grantor controller`, `grantor node`, `grantor issuer`. `make image` makes the same files into an image without a
# container daemon, and tools/image/settings.ts reads below how it runs.
FROM --platform=$BUILDPLATFORM node:24-trixie-slim AS build
ARG TARGETARCH
WORKDIR /src
COPY package.json package-lock.json LICENSE ./
RUN npm ci
COPY tsconfig.json ./
COPY src src
COPY tools tools
COPY test/provision test/provision
RUN node tools/image.ts --rootfs /rootfs --platform $TARGETARCH

FROM scratch
COPY --from=build /rootfs /
USER 65532:65532
ENV PATH=/nodejs/bin:/usr/bin
# Ten thousand bindings fit into 150 to 160 MiB with these: what a start reads is garbage soon, and need not pile up first (docs/performance.md).
ENV MALLOC_ARENA_MAX=1
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=2", "--initial-old-space-size=32", "--no-parallel-scavenge", "/grantor/grantor.js"]
