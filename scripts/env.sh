# shellcheck shell=sh
# Sourced by the other scripts: the repository root, a PATH that finds the right Node, two ways to speak.
ROOT=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$ROOT" || exit 1
PATH=$ROOT/.tools/node/bin:$PATH
export PATH

say() { printf '==> %s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }
