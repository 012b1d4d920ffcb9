# shellcheck shell=sh
# Sourced after env.sh: what differs from one operating system to the next.

# What a package of ours has to know too: the command for another system.
. "$ROOT/packages/libtorch/native/system.sh"

# apt_install REASON PACKAGE...  Says why, then installs; the long output goes to .tools/apt.log.
apt_install() {
  reason=$1
  shift
  have apt-get || fail "$reason needs packages that are missing here ($*). For this system: $(system_hint)"
  sudo=
  if [ "$(id -u)" != 0 ]; then
    have sudo || fail "$reason needs packages that are missing here ($*). As root: $(system_hint | sed 's/^sudo //')"
    sudo=sudo
  fi
  say "$reason: apt-get install $* (log in .tools/apt.log)"
  mkdir -p .tools
  # A broken third-party list must not stop us: the packages may well be in the lists that did load.
  $sudo apt-get update >.tools/apt.log 2>&1 || say 'apt-get update had errors; going on with the lists it has'
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@" \
    >>.tools/apt.log 2>&1 </dev/null || {
    tail -n 20 .tools/apt.log >&2
    fail "apt-get install $* failed"
  }
}

apt_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'install ok installed'; }

# The first python3 that can import torch: $PYTHON, the one in PATH, the system's own.
python_with_torch() {
  for python in ${PYTHON:+"$PYTHON"} python3 /usr/bin/python3; do
    if "$python" -c 'import torch' >/dev/null 2>&1; then
      command -v "$python"
      return 0
    fi
  done
  return 1
}
