#!/bin/sh
# All tests. Ends with vitest's summary, the names of skipped tests, and one line of totals.
set -eu
. "$(dirname -- "$0")/env.sh"

results=build/test-results.json
rm -f "$results"
status=0
npx vitest run --reporter=default --reporter=json --outputFile.json="$results" "$@" || status=$?
node scripts/test-totals.mjs "$results" || status=1
exit "$status"
