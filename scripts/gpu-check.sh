#!/bin/sh
# Builds the bridge against the torch of a python3 and tries everything that a GPU does here, within 8 minutes: tests,
# trainings in bfloat16 and float16, a checkpoint there and back, NCCL, a step beside PyTorch. A table comes last. It needs
# CMake, a C++ compiler, CUDA's headers (nvcc brings them) and a Python with torch; no network. What scripts/gpu-pack.sh
# packed brings Node. Logs lie in gpu-check/.
#   DEVICE=cuda PYTHON=python3 sh scripts/gpu-check.sh
set -u
. "$(dirname -- "$0")/env.sh"
. "$ROOT/scripts/system.sh"

DEVICE=${DEVICE-cuda}
python=$(python_with_torch) || fail 'no python3 that can import torch; name one: PYTHON=... sh scripts/gpu-check.sh'
have node || fail 'no node: unpack what scripts/gpu-pack.sh packed, or install Node 20.15'
logs=${LOGS-$ROOT/gpu-check}
rm -rf "$logs"
mkdir -p "$logs"
table=$logs/table.txt
began=$(date +%s)
bad=0
# A processor only shows that the script works, and takes its time.
slow=1
[ "$DEVICE" != cpu ] || slow=6

LIBTORCH=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))')
ARCFACE_TORCH_BUILD=$logs/build
PYTHON=$python
[ ! -e COMMIT ] || { COMMIT=$(cat COMMIT) && export COMMIT; } # there is no git
export DEVICE PYTHON LIBTORCH ARCFACE_TORCH_BUILD ARCFACE_CACHE="$logs/cache"

# part NAME SECONDS COMMAND...: its log, whether it ended well in time, and what it says last after RESULT.
part() {
  name=$1 limit=$(($2 * slow))
  shift 2
  since=$(date +%s)
  say "$name (at most $limit s)"
  if timeout "$limit" "$@" >"$logs/$name.log" 2>&1; then state=ok; else state="FAILED ($?)" bad=1; fi
  said=$(grep -a '^RESULT' "$logs/$name.log" | tail -n 1 | cut -c 8-)
  [ -n "$said" ] || said=$(grep -a 'Tests  ' "$logs/$name.log" | tail -n 1 | sed 's/^ *//')
  [ -n "$said" ] || said=$(grep -a . "$logs/$name.log" | tail -n 1 | cut -c 1-200)
  printf '%-14s %-13s %4d s  %s\n' "$name" "$state" "$(($(date +%s) - since))" "$said" >>"$table"
  [ "$state" = ok ]
}

"$python" - >"$logs/machine.log" 2>&1 <<'PY'
import torch
print("torch", torch.__version__, "CUDA", torch.version.cuda)
if torch.cuda.is_available():
    print(torch.cuda.get_device_name(0), torch.cuda.get_device_properties(0).total_memory // 2**30, "GiB")
PY
cat "$logs/machine.log"

mkdir -p "$logs/build"
if part build 200 sh packages/libtorch/native/build.sh 'Bridge to libtorch' packages/libtorch "$logs/build"; then
  if [ "$DEVICE" = cpu ]; then
    set -- r10-small 20 64
    half=fp32
  else
    set -- r50 200 128
    half=fp16
  fi
  part train-bf16 90 node scripts/gpu/train.mjs "$logs" "$DEVICE" bf16 "$@"
  part "train-$half" 90 node scripts/gpu/train.mjs "$logs" "$DEVICE" "$half" "$@"
  part ranks 30 node scripts/gpu/ranks.mjs "$logs/ranks.store" "$DEVICE"
  backbone=$1
  [ "$DEVICE" != cpu ] || backbone=mobilefacenet
  part step-bf16 80 node bench/step.mjs "$backbone" bf16
  # Last, in what is left of 8 minutes; float32 is float32 there, not TF32.
  left=$((470 - ($(date +%s) - began) / slow))
  [ "$left" -gt 20 ] || left=20
  part tests "$left" env NVIDIA_TF32_OVERRIDE=0 node node_modules/vitest/vitest.mjs run --reporter=default \
    packages/libtorch/src/optim packages/libtorch/src/nn packages/libtorch/src/kernels packages/libtorch/src/errors.test.ts \
    packages/libtorch/src/tensor.test.ts packages/train/src/head packages/train/src/losses packages/train/src/step
fi

rm -rf "$logs/build" "$logs/faces" "$logs/cache"
echo
echo "$(cat "$logs/machine.log") · DEVICE=$DEVICE · $(($(date +%s) - began)) s · logs in $logs"
cat "$table"
exit $bad
