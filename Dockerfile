# One image, one program: `grantor controller`, `grantor node`, `grantor issuer`.
FROM node:24-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci
COPY src src
COPY tools tools
RUN node tools/build.ts

# mount and umount, which `grantor node` runs, with those of their libraries that the image has not. Of the same Debian as the image.
FROM debian:12-slim AS mount
RUN libraries=$(ldd /usr/bin/mount /usr/bin/umount | grep -oE '/lib/\S+/lib(mount|blkid|selinux|pcre2-8)\.so\S*' | sort -u) \
  && mkdir /out && cd / && cp --parents --dereference /usr/bin/mount /usr/bin/umount $(echo "$libraries" | sed 's|^|/usr|') /out

FROM gcr.io/distroless/nodejs24-debian12:nonroot
COPY --from=mount /out /
COPY --from=build /src/dist /grantor
USER 65532:65532
# Ten thousand bindings fit into 150 to 160 MiB with these: what a start reads is garbage soon, and need not pile up first (docs/performance.md).
ENV MALLOC_ARENA_MAX=1
ENTRYPOINT ["/nodejs/bin/node", "--max-semi-space-size=2", "--initial-old-space-size=32", "--no-parallel-scavenge", "/grantor/grantor.js"]
