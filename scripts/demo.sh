#!/bin/sh
# The whole way once: draw faces, train on some people, measure on others, export, compare two pairs.
set -eu
. "$(dirname -- "$0")/env.sh"

demo=runs/demo
arcface() { node packages/cli/bin/arcface.js "$@"; }

say "Synthetic faces into $demo/data: 120 people to train on, 60 others to test with"
rm -rf "$demo"
mkdir -p "$demo"
arcface synthesize "$demo/data/train" --people 120 --images 30 --seed 1
arcface synthesize "$demo/data/test" --people 60 --images 12 --seed 2 --pairs "$demo/data/test-pairs.txt"

say 'Training (at most three minutes on two cores)'
arcface train examples/demo.yaml

say 'Verification on the people it has never seen'
arcface evaluate verification --model "$demo/run" --images "$demo/data/test" \
  --pairs "$demo/data/test-pairs.txt" --flip --report "$demo/report"

say 'Which cosine stands for which false accept rate: all pairs across these people'
arcface evaluate threshold --model "$demo/run" --images "$demo/data/test" --out "$demo/thresholds.json"

say 'Export to ONNX'
arcface export "$demo/run" --onnx "$demo/model.onnx" --thresholds "$demo/thresholds.json"

# Three photographs of two people whom training has not seen.
set -- "$demo"/data/test/*/
one=$1 other=$2
set -- "$one"*
say 'The same person?'
arcface verify "$1" "$2" --model "$demo/model.onnx" --far 1e-2
set -- "$1" "$other"*
say 'And these two?'
arcface verify "$1" "$2" --model "$demo/model.onnx" --far 1e-2

say "Done. Report: $demo/report/report.html   Model: $demo/model.onnx   Run: $demo/run"
