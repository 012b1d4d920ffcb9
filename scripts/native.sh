#!/bin/sh
# Builds the Node addons: the bridge to libtorch, and the decoder of JPEGs. As `arcface setup train` does it.
set -eu
. "$(dirname -- "$0")/env.sh"
. "$ROOT/scripts/system.sh"

build() { sh packages/libtorch/native/build.sh "$@"; }

build 'Bridge to libtorch' packages/libtorch ||
  fail "the bridge to libtorch does not build (see above). For this system: $(system_hint); if libtorch was replaced since, \"make clean\" first"
build 'Decoder of JPEGs' packages/data ||
  say "The decoder of JPEGs does not build (see above): images are decoded by sharp, several times slower. For this system: $(system_hint)"
