#!/usr/bin/env bash
# The project's own rules, as greps over the files that git knows. A line each: rule, file, line.
#   tests/check_rules.sh
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
bad=0
git rev-parse --git-dir >/dev/null 2>&1 || { echo "not a git checkout: nothing to check"; exit 0; }

tracked() { git ls-files -z -- "$@" | xargs -0 -r ls -d 2>/dev/null; }
sources() { tracked 'src/*.h' 'src/*.cc' 'apps/*.h' 'apps/*.cc' 'fuzz/*.cc' 'bench/*.cc'; }
library() { tracked 'src/*.h' 'src/*.cc' | grep -v '_test\.cc$'; }

# A finding is a line of code that matches; what follows // is not code.
refuse_in() {  # list of files, rule, pattern
  "$1" | RULE=$2 PATTERN=$3 xargs awk '
    { code = $0; sub(/\/\/.*/, "", code) }
    code ~ ENVIRON["PATTERN"] { print ENVIRON["RULE"] ": " FILENAME ":" FNR ":" code; found = 1 }
    END { exit found }' || bad=1
}

word='(^|[^A-Za-z0-9_])'
refuse_in sources "randomness comes from base/seed.h" \
  "std::(random_device|mt19937|minstd_rand|default_random_engine|[a-z_]+_distribution)|${word}s?rand\("
refuse_in library "the library neither prints nor ends the program" \
  "std::(cout|cerr|clog|puts|printf|exit|abort|quick_exit|terminate)|${word}(printf|puts|putchar|exit|abort)\(|fmt::print|fprintf\((stdout|stderr)"
refuse_in sources "no using namespace" "using namespace"
refuse_in sources "no clock decides a result (time is the business of run and apps)" \
  "system_clock|${word}time\((nullptr|NULL|0)\)"
refuse_in library "errors are perennial::Error" "throw std::"
refuse_in sources "no assert: PERENNIAL_CHECK is always on" "${word}assert\("
# (The room table hands memory to DuckDB's C interface, which knows raw pointers only.)
without_table() { sources | grep -v '^src/table/'; }
refuse_in without_table "owners hold memory, not new and delete" "${word}(new [A-Za-z_:]+[(\[{;]|delete[ \[])|malloc\("
sources | xargs grep -nHE '(TO''DO|FIX''ME|\bXX''X\b)' | sed 's|^|no unfinished words: |' | grep . && bad=1

tracked 'src/*.h' 'apps/*.h' | xargs grep -L '^#pragma once' |
  sed 's|^|a header begins with #pragma once: |' | grep . && bad=1
tracked 'src/*' 'apps/*' 'bench/*' 'fuzz/*.cc' 'tests/*' 'tools/*.sh' 'web/*' |
  grep -E '\.(h|cc|sh|py|ts|mjs|css)$' | xargs wc -l | awk '$2 != "total" && $1 > 600 {
    print "a file holds one thing, in at most 600 lines: " $2 " has " $1 }' | grep . && bad=1

# Every tracked text file: no host of a registry, no path of one machine. (Patterns are split so
# that this file does not find itself.)
hosts='registry\.npm''js|pypi\.''org|crates\.''io|pythonhosted''\.org|deb\.''debian\.org'
paths='/ro''ot/|/ho''me/[a-z]|/wo''rk/|/fa''rm/|/tmp/[a-z]'
git grep -nIE "$hosts" -- . && { echo "^ no registry hosts in tracked files"; bad=1; }
git grep -nIE "$paths" -- . && { echo "^ no paths of one machine in tracked files"; bad=1; }

# Files that are too large for a source tree.
tracked . | xargs -d '\n' wc -c | awk '$2 != "total" && $1 > 1048576 {
  print "larger than 1 MiB: " $2 }' | grep . && bad=1

[ "$bad" -eq 0 ] && echo "the rules are kept"
exit "$bad"
