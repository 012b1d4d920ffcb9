#!/bin/sh
# Tests of the libtorch room and of the trainer against the torch of a python3, in a build of its own beside the ordinary
# one. The TypeScript is compiled before (npx tsc -b).
#   scripts/test-libtorch.sh [PYTHON [TEST...]]
set -eu
. "$(dirname -- "$0")/env.sh"
. "$ROOT/scripts/system.sh"

python=$(PYTHON=${1-${PYTHON-}} python_with_torch) || fail 'no python3 that can import torch; name one: scripts/test-libtorch.sh PYTHON'
[ $# = 0 ] || shift
[ $# != 0 ] || set -- packages/libtorch packages/train

LIBTORCH=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))')
version=$("$python" -c 'import torch; print(torch.__version__)')
[ -e "$LIBTORCH/include/ATen/ATen.h" ] || fail "the torch $version of $python has no headers: take that of pip"
ARCFACE_TORCH_BUILD=$ROOT/build/libtorch-$version
export LIBTORCH ARCFACE_TORCH_BUILD

mkdir -p "$ARCFACE_TORCH_BUILD"
sh packages/libtorch/native/build.sh "Bridge to libtorch $version" packages/libtorch "$ARCFACE_TORCH_BUILD"
say "Tests against the torch $version of $python"
exec npx vitest run "$@"
