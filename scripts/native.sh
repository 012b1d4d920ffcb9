#!/bin/sh
# Builds the Node addon over libtorch. CMake decides what is out of date.
set -eu
. "$(dirname -- "$0")/env.sh"
. "$ROOT/scripts/system.sh"

# Called from make: its flags are not meant for the make that CMake runs.
unset MAKEFLAGS MAKELEVEL MFLAGS

build=packages/libtorch/build
configured=$build/.configured
# A checkout that moved or another LIBTORCH needs a fresh configuration.
identity="$ROOT ${LIBTORCH-}"

if [ "$(cat "$configured" 2>/dev/null)" != "$identity" ]; then
  say 'Native bridge: cmake configures'
  rm -rf "$build"
  cmake -S packages/libtorch/native -B "$build" -DCMAKE_BUILD_TYPE=Release ||
    fail "the native bridge cannot be configured (see above). For this system: $(system_hint)"
  printf '%s\n' "$identity" >"$configured"
fi
say 'Native bridge: cmake builds what changed'
cmake --build "$build" --parallel "$(getconf _NPROCESSORS_ONLN)" ||
  fail 'the native bridge does not build (see above); if libtorch was replaced since, "make clean" first'
