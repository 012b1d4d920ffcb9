# shellcheck shell=sh
# Sourced: what differs from one operating system to the next.

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
    *) echo 'install CMake, a C++17 compiler, libjpeg-turbo, Node 20.15 or newer, and "pip install torch" (or unpack libtorch and set LIBTORCH)' ;;
  esac
}
