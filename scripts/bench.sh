#!/bin/sh
# Ours beside the peers, interleaved in one run. The peers need a python3 with torch.
set -eu
. "$(dirname -- "$0")/env.sh"
. "$ROOT/scripts/system.sh"

python_with_torch >/dev/null || apt_install "PyTorch, the peer of the benchmarks" python3-torch
PYTHON=$(python_with_torch) || fail 'no python3 that can import torch; set PYTHON to one'
export PYTHON
"$PYTHON" -c 'import torchvision' 2>/dev/null || apt_install "torchvision, the peer of the loader" python3-torchvision
"$PYTHON" -c 'import torchvision' 2>/dev/null || fail "$PYTHON cannot import torchvision; install it there"
say "Benchmarks against the torch of $PYTHON"
exec node bench/run.mjs "$@"
