#!/bin/sh
# A browser for the tests of pages: one that is there, or Debian's Chromium. Without one they are skipped by name.
set -eu
. "$(dirname -- "$0")/env.sh"
. "$ROOT/scripts/system.sh"

# What the tests themselves look for.
node --input-type=module -e '
  const { chromium } = await import("./packages/testing/dist/chromium/executable.js")
  process.exitCode = chromium ? 0 : 1' && exit 0

skipped='The tests of pages will be skipped'
case $(. /etc/os-release 2>/dev/null && echo "${ID-} ${ID_LIKE-}") in
  *ubuntu*)
    # Its package only fetches the snap, for which most containers have no service.
    say "$skipped: Ubuntu has Chromium as a snap alone. To run them: snap install chromium, or CHROMIUM=FILE of a Chromium or Chrome"
    ;;
  *debian*)
    # Who is not root may need the sandbox of its own.
    (apt_install 'The tests of pages' chromium chromium-sandbox) || say "$skipped"
    ;;
  *) say "$skipped: there is no Chromium or Chrome in PATH, and CHROMIUM names none" ;;
esac
