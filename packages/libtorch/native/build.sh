#!/bin/sh
# Builds the Node addon of a package: what FOLDER/native describes comes into FOLDER/build, or into BUILD. CMake decides
# what is out of date.
#   build.sh NAME FOLDER [BUILD]
#   build.sh --hint         prints the one command that brings what a build needs
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/system.sh"

if [ "$1" = --hint ]; then
  system_hint
  exit
fi

name=$1
folder=$(CDPATH='' cd -- "$2" && pwd)
build=${3:-$folder/build}
configured=$build/.configured

# Called from make: its flags are not meant for the make that CMake runs.
unset MAKEFLAGS MAKELEVEL MFLAGS

# A folder that moved or another LIBTORCH needs a fresh configuration.
identity="$folder ${LIBTORCH-}"
if [ "$(cat "$configured" 2>/dev/null)" != "$identity" ]; then
  echo "==> $name: cmake configures"
  rm -rf "$build"
  cmake -S "$folder/native" -B "$build" -DCMAKE_BUILD_TYPE=Release
  printf '%s\n' "$identity" >"$configured"
fi
echo "==> $name: cmake builds what changed"
cmake --build "$build" --parallel "$(getconf _NPROCESSORS_ONLN)"
