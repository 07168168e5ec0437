# One image, one program: `grantor controller`, `grantor issuer`.
FROM node:24-trixie-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm install --no-audit --no-fund
COPY src src
COPY tools tools
RUN node tools/build.ts

FROM gcr.io/distroless/nodejs24-debian12:nonroot
COPY --from=build /src/dist /grantor
USER 65532:65532
ENTRYPOINT ["/nodejs/bin/node", "/grantor/grantor.js"]
