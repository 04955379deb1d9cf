#!/usr/bin/env bash
# Includes go one way: each room's sources may include only what its CMakeLists.txt declares
# (DEPENDS), each declared room stands above it in the list of rooms, and only `table` sees DuckDB.
# Tests beside the code follow the same rule.
#   tests/check_includes.sh [ROOT]     exit 0: the house stands; 1: the findings, a line each
set -uo pipefail
root=${1:-$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)}
cd "$root" || exit 2

# "foreach(room base table ... run)" of the top CMakeLists.txt, over line ends.
rooms=$(tr '\n' ' ' <CMakeLists.txt | sed -n 's/.*foreach(room \([^)]*\)).*/\1/p')
[ -n "$rooms" ] || { echo "CMakeLists.txt: no list of rooms found"; exit 1; }

declared_of() {  # room -> the rooms after DEPENDS
  tr '\n' ' ' <"src/$1/CMakeLists.txt" |
    sed -n "s/.*perennial_room($1\([^)]*\)).*/\1/p" |
    awk '{on = 0
          for (i = 1; i <= NF; ++i) {
            if ($i == "DEPENDS") on = 1
            else if ($i ~ /LIBRARIES$/) on = 0
            else if (on) printf "%s ", $i}}'
}

bad=0
complain() { echo "$1"; bad=1; }

above=" "
for room in $rooms; do
  allowed=" $room $(declared_of "$room")"
  for need in $(declared_of "$room"); do
    [[ $above == *" $need "* ]] ||
      complain "src/$room/CMakeLists.txt: depends on \"$need\", which does not stand above \"$room\""
  done
  above+="$room "
  while IFS=: read -r file line include; do
    to=${include%%/*}
    [[ $include == */* && $allowed == *" $to "* ]] ||
      complain "$file:$line: includes \"$include\", but \"$room\" declares only:$allowed"
    [ -f "src/$include" ] || complain "$file:$line: includes \"$include\", which does not exist"
  done < <(grep -rnE --include='*.cc' --include='*.h' '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' \
    "src/$room" | sed -E 's/^([^:]*:[0-9]+):[^"]*"([^"]*)".*/\1:\2/')
done

for folder in src/*/; do
  room=$(basename "$folder")
  [[ $above == *" $room "* ]] || complain "$folder: not in the list of rooms in CMakeLists.txt"
done

while IFS= read -r hit; do
  complain "$hit: only the room \"table\" may include DuckDB"
done < <(grep -rnE '#[[:space:]]*include[[:space:]]*[<"]duckdb' src apps bench fuzz --include='*.cc' \
  --include='*.h' | grep -v '^src/table/')

# Apps see the doors of the house, not its inner rooms.
doors=" base table audit study run artifact report generate "
while IFS=: read -r file line include; do
  own=${file#apps/}  # an app may include its own files
  [[ $include != */* || ${include%%/*} == "${own%%/*}" || $doors == *" ${include%%/*} "* ]] ||
    complain "$file:$line: includes \"$include\"; apps may include only:$doors"
done < <(grep -rnE --include='*.cc' --include='*.h' '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' apps |
  sed -E 's/^([^:]*:[0-9]+):[^"]*"([^"]*)".*/\1:\2/')

[ "$bad" -eq 0 ] && echo "includes go one way"
exit "$bad"
