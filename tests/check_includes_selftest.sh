#!/usr/bin/env bash
# check_includes.sh must find each kind of wrong include; else it would prove nothing.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT

build_house() {
  rm -rf "${house:?}"/*
  mkdir -p "$house"/src/{base,table,audit} "$house"/{apps/cli,bench,fuzz}
  printf 'foreach(room base table\n  audit)\nendforeach()\n' >"$house/CMakeLists.txt"
  echo 'perennial_room(base LIBRARIES fmt::fmt)' >"$house/src/base/CMakeLists.txt"
  echo 'perennial_room(table DEPENDS base LIBRARIES duckdb)' >"$house/src/table/CMakeLists.txt"
  echo 'perennial_room(audit DEPENDS base)' >"$house/src/audit/CMakeLists.txt"
  echo '#include <string>' >"$house/src/base/text.h"
  printf '#include <duckdb.h>\n#include "base/text.h"\n' >"$house/src/table/table.h"
  echo '#include "base/text.h"' >"$house/src/audit/audit.cc"
}
must_pass() { "$here/check_includes.sh" "$house" >/dev/null || { echo "refused: $1"; exit 1; }; }
must_fail() {
  if "$here/check_includes.sh" "$house" >/dev/null; then echo "not found: $1"; exit 1; fi
}

build_house
must_pass "a house in order"
echo '#include "table/table.h"' >>"$house/src/audit/audit.cc"
must_fail "an include of a room that is not declared"
build_house
echo '  #  include "audit/audit.h"' >>"$house/src/base/text.h"
touch "$house/src/audit/audit.h"
must_fail "an include that points down"
build_house
echo 'perennial_room(base DEPENDS table)' >"$house/src/base/CMakeLists.txt"
must_fail "a dependency that points down"
build_house
echo '#include <duckdb.h>' >>"$house/src/audit/audit.cc"
must_fail "DuckDB outside the room table"
build_house
echo '#include "base/absent.h"' >>"$house/src/audit/audit.cc"
must_fail "an include of a file that does not exist"
build_house
mkdir "$house/src/cellar"
must_fail "a folder that is no room"
build_house
mkdir "$house/src/search"
echo '#include "search/search.h"' >"$house/apps/cli/main.cc"
must_fail "an app that looks into an inner room"
echo "each kind of wrong include is found"
