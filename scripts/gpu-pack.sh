#!/bin/sh
# Packs what scripts/gpu-check.sh needs on a machine that has neither Node nor a network: a Node binary without its symbols,
# the compiled rooms, their part of node_modules, the sources of the addons. Compile first (npx tsc -b).
#   scripts/gpu-pack.sh [FILE]     arcface-gpu.tar.xz
set -eu
. "$(dirname -- "$0")/env.sh"

MOST=60000000
file=${1-arcface-gpu.tar.xz}
case $file in /*) ;; *) file=$PWD/$file ;; esac
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
into=$folder/arcface-gpu
mkdir -p "$into/.tools/node/bin" "$into/node_modules/@arcface"

node=$(node -p process.execPath)
cp "$node" "$into/.tools/node/bin/node"
strip "$into/.tools/node/bin/node"

git rev-parse --short HEAD >"$into/COMMIT"
rooms=$(node -e "import('./scripts/gpu/rooms.mjs').then(({ rooms }) => console.log(rooms.join(' ')))")
git ls-files package.json vitest.config.ts tsconfig.json tsconfig.base.json scripts bench examples/*.yaml |
  grep -v '^bench/results/' | tar -c -T - | tar -x -C "$into"
for room in $rooms; do
  git ls-files "packages/$room" | tar -c -T - | tar -x -C "$into"
  tar -c --exclude='*.test.*' "packages/$room/dist" | tar -x -C "$into"
  ln -s "../../packages/$room" "$into/node_modules/@arcface/$room"
done
node scripts/gpu/closure.mjs | tar -c --exclude='*.map' --exclude='*.md' --exclude='*.d.ts' --exclude='*.d.cts' \
  --exclude='*.d.mts' --exclude='echarts/dist' --exclude='echarts/types' --exclude='echarts/i18n' -T - | tar -x -C "$into"

tar -c -C "$folder" arcface-gpu | xz -T0 -6 >"$file"
size=$(wc -c <"$file")
say "$file: $size bytes, $((size / 1000000)) MB"
[ "$size" -lt "$MOST" ] || fail "more than $((MOST / 1000000)) MB: something came in that training does not need"
