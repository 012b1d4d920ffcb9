#!/bin/sh
# Node 20.15 or newer, npm, and the npm packages of the lock file. Quick when all is there.
set -eu
. "$(dirname -- "$0")/env.sh"
. "$ROOT/scripts/system.sh"

NODE_OLDEST=20.15
NODE_RELEASE=22.23.3
NPM_RELEASE=10.9.9

major() { sed 's/^[^0-9]*//; s/^[0-9]*://; s/\..*//'; }
node_is_good() {
  have node && node -e 'var v = process.versions.node.split("."), least = process.argv[1].split("."); process.exit((v[0] - least[0] || v[1] - least[1]) >= 0 ? 0 : 1)' "$NODE_OLDEST"
}

# For a distribution whose Node is too old: its npm fetches a newer Node from the npm registry.
node_from_npm() {
  case $(uname -m) in
    x86_64) cpu=x64 ;;
    aarch64 | arm64) cpu=arm64 ;;
    *) fail "Node $NODE_OLDEST or newer is needed; install it by hand for $(uname -m)" ;;
  esac
  have npm || apt_install 'npm, to fetch Node' npm ca-certificates
  say "Node $NODE_RELEASE and npm $NPM_RELEASE from the npm registry into .tools/node"
  npm install --global --prefix "$ROOT/.tools/node" --no-audit --no-fund --loglevel=error \
    "node-linux-$cpu@$NODE_RELEASE" "npm@$NPM_RELEASE"
}

if ! node_is_good || ! have npm; then
  have apt-get || fail "Node $NODE_OLDEST or newer with npm is needed. For this system: $(system_hint)"
  if ! node_is_good; then
    [ -n "$(apt-cache policy nodejs 2>/dev/null)" ] || apt_install 'Package lists' ca-certificates
    offered=$(apt-cache policy nodejs | sed -n 's/^ *Candidate: *//p' | major)
    if [ "${offered:-0}" -ge "${NODE_OLDEST%.*}" ]; then
      apt_install "Node $NODE_OLDEST or newer" nodejs npm ca-certificates
    else
      node_from_npm
    fi
  else
    apt_install npm npm ca-certificates
  fi
  hash -r
  node_is_good || fail "Node $(node --version) is still first in PATH; Node $NODE_OLDEST or newer is needed"
fi

# npm writes node_modules/.package-lock.json last, so it is the stamp of a finished installation.
stamp=node_modules/.package-lock.json
if [ ! -e "$stamp" ] || [ -n "$(find package-lock.json -newer "$stamp")" ]; then
  say "npm ci (Node $(node --version))"
  npm ci --no-audit --no-fund --loglevel=error
fi
