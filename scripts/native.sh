#!/bin/sh
# Builds the Node addons: the bridge to libtorch, and the decoder of JPEGs. CMake decides what is out of date.
set -eu
. "$(dirname -- "$0")/env.sh"
. "$ROOT/scripts/system.sh"

# Called from make: its flags are not meant for the make that CMake runs.
unset MAKEFLAGS MAKELEVEL MFLAGS

# build_addon NAME ROOM  Configures where nothing is configured yet, and builds; false if one of them fails.
build_addon() {
  build=packages/$2/build
  configured=$build/.configured
  # A checkout that moved or another LIBTORCH needs a fresh configuration.
  identity="$ROOT ${LIBTORCH-}"
  if [ "$(cat "$configured" 2>/dev/null)" != "$identity" ]; then
    say "$1: cmake configures"
    rm -rf "$build"
    cmake -S "packages/$2/native" -B "$build" -DCMAKE_BUILD_TYPE=Release || return 1
    printf '%s\n' "$identity" >"$configured"
  fi
  say "$1: cmake builds what changed"
  cmake --build "$build" --parallel "$(getconf _NPROCESSORS_ONLN)"
}

build_addon 'Bridge to libtorch' libtorch ||
  fail "the bridge to libtorch does not build (see above). For this system: $(system_hint); if libtorch was replaced since, \"make clean\" first"
build_addon 'Decoder of JPEGs' data ||
  say "The decoder of JPEGs does not build (see above): images are decoded by sharp, several times slower. For this system: $(system_hint)"
