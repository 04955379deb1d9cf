#!/usr/bin/env bash
# Runs the tests of a build folder and prints a summary.
#   tools/test.sh BUILD_FOLDER [CTEST OPTIONS...]
set -uo pipefail
build=$1
shift
rm -rf "$build/test-results"
ctest --test-dir "$build" --output-on-failure --no-tests=error -j "${JOBS:-$(nproc)}" "$@"
code=$?
# Each GoogleTest program leaves an XML file with its counts and the cases that were skipped.
cat "$build"/test-results/*.xml 2>/dev/null | awk '
  /<testsuites / { match($0, /tests="[0-9]+"/); tests += substr($0, RSTART + 7, RLENGTH - 8)
                   match($0, /failures="[0-9]+"/); failed += substr($0, RSTART + 10, RLENGTH - 11) }
  /result="skipped"/ { skipped++ }
  END { printf "\n%d test cases: %d passed, %d failed, %d skipped\n",
               tests, tests - failed - skipped, failed, skipped
        if (skipped) print "(skipped: they need real data; see HACKING.md, \"Tests\")" }'
exit "$code"
