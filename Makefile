# Everything installs itself: a fresh clone needs git, make, Node.js (any version >= 18, for its npm) and Go (only where the
# official control-plane binaries cannot be downloaded).
SHELL := /bin/sh
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: help
help: ## This list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

node_modules/.installed: package.json package-lock.json
	@echo "installing the packages that package-lock.json names (about half a minute)"
	@npm ci --loglevel=error
	@node -e 'process.exit(process.versions.node.split(".")[0] >= 24 ? 0 : 1)' || { echo "no Node.js >= 24: the pinned one comes with npm on linux; elsewhere install Node.js 24" >&2; exit 1; }
	@touch $@

.PHONY: install
install: node_modules/.installed ## Install packages and the pinned Node.js

.PHONY: demo
demo: install ## Watch tokens being obtained and renewed; ONCE=1 ends by itself with a line of JSON
	@node test/demo/demo.ts $(if $(ONCE),--once)

.PHONY: test
test: install ## Run everything that this machine can run; ends with "N passed, N failed"
	@node test/run.ts

.PHONY: soak
soak: install ## Live through faults and killed leaders with 1,000 bindings for MINUTES=10; prints figures
	@node bench/soak.ts $(if $(MINUTES),--minutes $(MINUTES)) $(if $(SEED),--seed $(SEED))

.PHONY: unit
unit: install ## Run the tests that need no control plane (seconds)
	@vitest run --project unit

.PHONY: bench
bench: install ## Measure against bare loops; BENCH="rotate idle" runs some of them (docs/performance.md)
	@node bench/run.ts $(BENCH)

.PHONY: bench-volumes
bench-volumes: install ## Measure a full node of volumes (root, Linux; about two minutes)
	@node bench/volumes.ts

.PHONY: check
check: install ## Types, lint, format, dead code, generated files (under a minute)
	@node tools/check.ts

.PHONY: format
format: install ## Format the sources
	@biome check --write --log-level=warn .

.PHONY: generate
generate: install ## Write crds/, docs/reference/ and what the chart says of its values from their definitions
	@node tools/generate.ts

.PHONY: manifests
manifests: install ## Write deploy/ from charts/grantor, for those who do not use Helm
	@node tools/manifests.ts

.PHONY: verify
verify: install ## Fail when generated files are stale
	@node tools/generate.ts --check

.PHONY: cluster
cluster: install ## Start a local control plane (etcd, kube-apiserver), with NODES=1 also a node, and say how to use it
	@node test/cluster/cluster.ts up $(if $(NODES),--nodes $(NODES))

.PHONY: cluster-down
cluster-down: install ## Stop it
	@node test/cluster/cluster.ts down

.PHONY: e2e-kind
e2e-kind: install ## Run the tests of the chart on a cluster of kind (needs Docker and kind)
	@node test/chart/kind.ts

.PHONY: issuers
issuers: install ## Fetch and build the Keycloak and Hydra that tests run, once (3 to 4 minutes)
	@node test/issuers/issuers.ts provide

.PHONY: site
site: install ## Make the documentation into static pages in dist/site
	@node tools/site.ts

.PHONY: build
build: install ## Bundle the program into dist/ as the image carries it
	@node tools/build.ts

.PHONY: image
image: install ## Make the OCI image for amd64 and arm64 in dist/image/, without Docker (docs/image.md)
	@node tools/image.ts $(if $(REPOSITORY),--repository $(REPOSITORY))

.PHONY: pictures
pictures: install ## Draw docs/pictures/kubectl-grantor-*.svg anew, of what the plug-in prints before a real control plane
	@GRANTOR_PICTURES=1 vitest run --project cluster test/kubectl -t 'the pictures of the docs'

.PHONY: clean
clean: ## Remove what was built and what runs left behind
	@rm -rf dist .run
