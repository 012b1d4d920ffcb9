#!/bin/sh
# Python's requests for the test of the example that uses it: of the system's python3, or Debian's package. Without it that
# test is skipped by name.
set -eu
. "$(dirname -- "$0")/env.sh"
. "$ROOT/scripts/system.sh"

for python in python3 /usr/bin/python3; do
  "$python" -c 'import requests' 2>/dev/null && exit 0
done
(apt_install 'The example of a client in Python' python3-requests) || say 'The test of it will be skipped'
