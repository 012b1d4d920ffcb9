# Every target first installs what is missing on Debian or Ubuntu (packages, Node, npm packages) and
# says so; on another system it prints the command that installs it. The work is done in scripts/.

# Where the distribution's Node is too old, scripts/setup-node.sh puts a newer one here.
export PATH := $(CURDIR)/.tools/node/bin:$(PATH)

.PHONY: help node native build test packages lint bench demo clean
.NOTPARALLEL:

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

demo: build ## train on synthetic faces, measure, export, verify two pairs (minutes)
	@sh scripts/demo.sh

test: build ## build everything, run all tests, look into the packages
	@sh scripts/setup-chromium.sh
	@sh scripts/setup-requests.sh
	@sh scripts/test.sh
	@node scripts/packages.mjs

packages: build ## pack every room, install the tarballs into empty projects, use them (needs the npm registry)
	@node scripts/packages.mjs --install

bench: build ## a training step beside PyTorch's, and the cost of a call
	@sh scripts/bench.sh

lint: node ## check format and style (needs no libtorch)
	npx biome check .

native: node ## build the Node addons: over libtorch, and over libjpeg-turbo
	@sh scripts/setup-libtorch.sh
	@sh scripts/native.sh

build: native ## native, then compile the TypeScript and build the pages of the studio
	npm run --silent build

node: ## Node 20.15 or newer and the npm packages (all that serving needs)
	@sh scripts/setup-node.sh

clean: ## remove what was built (not node_modules, not runs)
	rm -rf build packages/*/dist packages/*/build packages/server/studio examples/*/dist
