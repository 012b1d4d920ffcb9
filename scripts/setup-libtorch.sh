#!/bin/sh
# CMake, a C++ compiler, libjpeg-turbo, and a libtorch: that of LIBTORCH, the system's, or that of a python3.
set -eu
. "$(dirname -- "$0")/env.sh"
. "$ROOT/scripts/system.sh"

python_libtorch() {
  python=$(python_with_torch) &&
    "$python" -c 'import os, sys, torch; sys.exit(not os.path.exists(os.path.join(torch.utils.cmake_prefix_path, "Torch", "TorchConfig.cmake")))'
}

missing=
have cmake || missing="$missing cmake"
have c++ || have g++ || have clang++ || missing="$missing g++"
have make || have ninja || missing="$missing make"

# Elsewhere than on Debian only CMake itself knows whether it finds a libtorch; native.sh tells.
if [ -z "${LIBTORCH-}" ] && have apt-get; then
  if apt_installed libtorch-dev || ! python_libtorch; then
    # Gloo connects several processes. Without the threaded OpenBLAS matrix products fall to the reference BLAS, many
    # times slower.
    for package in libtorch-dev libgloo-dev libopenblas0-pthread; do
      apt_installed "$package" || missing="$missing $package"
    done
  fi
fi

# On Debian and on Ubuntu this is libjpeg-turbo, though their names of it differ.
! have apt-get || apt_installed libjpeg-dev || missing="$missing libjpeg-dev"

# shellcheck disable=SC2086 # a list of words
[ -z "$missing" ] || apt_install 'The native addons' $missing
