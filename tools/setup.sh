#!/usr/bin/env bash
# Installs what a stage of the work needs and this machine lacks; nothing else.
#   tools/setup.sh STAGE...    stages: build test lint bench fuzz
# Debian's packages come through apt-get (as root or through sudo); DuckDB's library and C header
# come from npm, pinned by tools/npm/package-lock.json, and so does what builds the report's page
# (web/package-lock.json). A second call asks no network.
# PERENNIAL_DUCKDB_DIR=<folder with include/duckdb.h and lib/libduckdb.so> uses that one instead.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
say() { printf 'setup: %s\n' "$*" >&2; }

declare -A packages=(
  [build]="g++ cmake ninja-build pkg-config ccache libfmt-dev nlohmann-json3-dev libcli11-dev
           libtomlplusplus-dev libeigen3-dev libxgboost-dev zlib1g-dev libzstd-dev
           libssl-dev"
  [test]="libgtest-dev liblinear-dev libsvm-dev chromium fonts-dejavu-core"
  [lint]="clang-14 clang-tidy-14 clang-format-14"
  [bench]="python3-sklearn python3-pandas python3-scipy python3-xgboost liblinear-dev"
  [fuzz]="clang-14 libclang-rt-14-dev"
)
declare -A reasons=(
  [build]="to compile the program"
  [test]="to compile and run the tests"
  [lint]="to check format and code"
  [bench]="to run the benchmarks and their Python peers"
  [fuzz]="to compile the fuzzers"
)

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_packages() {  # reason, package...
  local reason=$1 as_root=()
  shift
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
      say "these Debian packages are missing ($reason): $*"
      say "run as root: apt-get install --no-install-recommends $*"
      exit 1
    }
    as_root=(sudo)
  fi
  say "installing from Debian, $reason: $*"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
  local install=("${apt[@]}" install -y --no-install-recommends "$@")
  # The list of packages may be absent or too old: refresh it once if the first attempt fails.
  "${install[@]}" >/dev/null 2>&1 || { "${apt[@]}" update && "${install[@]}" >/dev/null; }
}

missing_of() {  # package... -> those that are not installed
  local one
  for one in "$@"; do is_installed "$one" || printf '%s ' "$one"; done
}

need_packages() {  # stage
  local missing
  if ! command -v dpkg-query >/dev/null; then
    say "this is not a Debian system: please provide what these packages hold: ${packages[$1]}"
    return
  fi
  # shellcheck disable=SC2086  # lists of words
  missing=$(missing_of ${packages[$1]})
  # shellcheck disable=SC2086
  if [ -n "$missing" ]; then install_packages "${reasons[$1]}" $missing; fi
}

need_node() {
  if command -v node >/dev/null && command -v npm >/dev/null; then return; fi
  command -v dpkg-query >/dev/null || { say "npm is missing: please install Node.js"; exit 1; }
  install_packages "to fetch DuckDB's library and to build the report's page" nodejs npm
}

need_web() {  # what builds the page of report.html; asks npm only when the lock file has changed
  need_node
  node "$root/web/build.mjs" --install
}

need_browser_driver() {  # what drives Chromium in web/test
  need_node
  node "$root/web/build.mjs" --install "$root/web/test"
}

put() {  # source target: replaces the target in one step, and only when it differs
  if cmp -s "$1" "$2"; then return; fi
  mkdir -p "$(dirname "$2")"
  cp "$1" "$2.new"
  mv -f "$2.new" "$2"
}

need_duckdb() {
  if [ -n "${PERENNIAL_DUCKDB_DIR:-}" ]; then
    local file
    for file in include/duckdb.h lib/libduckdb.so; do
      [ -e "$PERENNIAL_DUCKDB_DIR/$file" ] ||
        { say "PERENNIAL_DUCKDB_DIR is $PERENNIAL_DUCKDB_DIR, but $file is not in it"; exit 1; }
    done
    return
  fi
  local target=$root/.deps/duckdb work=$root/.deps/npm machine stamp
  stamp=$target/stamp
  case $(uname -m) in
    x86_64) machine=x64 ;;
    aarch64 | arm64) machine=arm64 ;;
    *) say "DuckDB's library is fetched for x86-64 and arm64 only; set PERENNIAL_DUCKDB_DIR"; exit 1 ;;
  esac
  local want
  want="$machine $(sha256sum <"$root/tools/npm/package-lock.json")"
  if [ -e "$target/include/duckdb.h" ] && [ -e "$target/lib/libduckdb.so" ] &&
    [ "$(cat "$stamp" 2>/dev/null)" = "$want" ]; then
    return
  fi
  need_node
  say "fetching DuckDB's library and header from npm (pinned by tools/npm/package-lock.json)"
  rm -rf "$work"
  mkdir -p "$work"
  cp "$root"/tools/npm/{package.json,package-lock.json,.npmrc} "$work/"
  # No package's own scripts run: only files are unpacked, their hashes checked against the lock.
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
  put "$work/node_modules/duckdb/src/duckdb/src/include/duckdb.h" "$target/include/duckdb.h"
  put "$work/node_modules/@duckdb/node-bindings-linux-$machine/libduckdb.so" \
    "$target/lib/libduckdb.so"
  put "$work/node_modules/@duckdb/node-bindings-linux-$machine/LICENSE" "$target/LICENSE"
  printf '%s\n' "$want" >"$stamp"
  rm -rf "$work"
}

[ $# -gt 0 ] || { say "usage: tools/setup.sh STAGE... (stages: build test lint bench fuzz)"; exit 2; }
for stage in "$@"; do
  [ -n "${packages[$stage]:-}" ] || { say "no stage \"$stage\"; stages: build test lint bench fuzz"; exit 2; }
  need_packages "$stage"
  case $stage in
    build) need_duckdb; need_web ;;
    test) need_browser_driver ;;
  esac
done
