#!/usr/bin/env bash
# Builds the fuzzers and runs each for a while from its seeds in fuzz/corpus/<name>.
#   fuzz/run.sh [SECONDS]      60 s each unless told otherwise
# What is found new is kept in build-fuzz/corpus; an input that breaks a fuzzer is left in
# build-fuzz/findings and belongs into a test.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
seconds=${1:-60}
cmake --preset fuzz >/dev/null || exit 1
mapfile -t names < <(for f in fuzz/fuzz_*.cc; do basename "$f" .cc; done)
cmake --build build-fuzz -j "$(nproc)" --target "${names[@]}" || exit 1
bad=0
for name in "${names[@]}"; do
  seeds=fuzz/corpus/${name#fuzz_}
  found=build-fuzz/corpus/$name
  mkdir -p "$found" build-fuzz/findings "$seeds"
  echo "== $name, $seconds s"
  log=build-fuzz/$name.log
  if "build-fuzz/fuzz/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=16384 -print_final_stats=1 -artifact_prefix="build-fuzz/findings/$name-" \
    "$found" "$seeds" >"$log" 2>&1; then
    grep -E '^stat::number_of_executed_units|^stat::peak_rss_mb' "$log"
  else
    tail -n 40 "$log"
    echo "$name: a finding, see build-fuzz/findings"
    bad=1
  fi
done
exit "$bad"
