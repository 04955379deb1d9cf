#!/usr/bin/env bash
# Proves that code does NOT compile. Each .cc here compiles as it stands (the twin, so that the test
# cannot pass for a wrong reason) and must fail with -DMUST_NOT_COMPILE=1..n, with an error that
# matches the line `// expect <n>: <regular expression>`.
#   check.sh COMPILER FLAGS...
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bad=0
compile() { "$@" 2>&1; }
for file in "$here"/*.cc; do
  name=$(basename "$file")
  if ! output=$(compile "$@" -fsyntax-only "$file"); then
    printf '%s: the twin that must compile does not:\n%s\n' "$name" "$output"
    bad=1
    continue
  fi
  count=0
  while IFS= read -r line; do
    number=$(sed -E 's|^// expect ([0-9]+): .*|\1|' <<<"$line")
    expected=$(sed -E 's|^// expect [0-9]+: (.*)|\1|' <<<"$line")
    count=$((count + 1))
    if output=$(compile "$@" -fsyntax-only -DMUST_NOT_COMPILE="$number" "$file"); then
      echo "$name, case $number: compiles, and must not"
      bad=1
    elif ! grep -qE "error: .*($expected)" <<<"$output"; then
      printf '%s, case %s: fails, but not with "%s":\n%s\n' "$name" "$number" "$expected" "$output"
      bad=1
    fi
  done < <(grep -E '^// expect [0-9]+: ' "$file")
  [ "$count" -gt 0 ] || { echo "$name: no case in it"; bad=1; }
  [ "$bad" -eq 0 ] && echo "$name: $count cases do not compile, their twin does"
done
exit "$bad"
