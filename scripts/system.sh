# shellcheck shell=sh
# Sourced after env.sh: what differs from one operating system to the next.

# The one command that prepares a system on which we do not install packages ourselves.
system_hint() {
  system=$(uname -s)
  [ ! -r /etc/os-release ] || system=$(. /etc/os-release && printf '%s %s' "${ID-}" "${ID_LIKE-}")
  case $system in
    *debian* | *ubuntu*) echo 'sudo apt-get install libtorch-dev libgloo-dev libopenblas0-pthread libjpeg-dev cmake g++ npm' ;;
    *fedora* | *rhel*) echo 'sudo dnf install pytorch-devel openblas-threads libjpeg-turbo-devel cmake gcc-c++ nodejs npm' ;;
    *arch*) echo 'sudo pacman -S --needed python-pytorch libjpeg-turbo cmake gcc nodejs npm' ;;
    *suse*) echo 'sudo zypper install libjpeg8-devel cmake gcc-c++ nodejs npm python3-pip && pip install torch' ;;
    *alpine*) echo 'Alpine is not supported: libtorch and ONNX Runtime need glibc; use Debian or Ubuntu' ;;
    *Darwin*) echo 'brew install pytorch jpeg-turbo cmake node' ;;
    *) echo 'install CMake, a C++17 compiler, libjpeg-turbo, Node 20 or newer, and "pip install torch" (or unpack libtorch and set LIBTORCH)' ;;
  esac
}

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
