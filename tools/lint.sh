#!/usr/bin/env bash
# Format and the project's rules over every source that git knows, clang-tidy over all but tests.
#   tools/lint.sh
# clang-tidy is the slow part: a file is looked at again only when it, a header of ours that it
# includes, its compile command or the checks have changed (build-lint/passed keeps the hashes).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
export LINT_BUILD=build-lint
bad=0

mapfile -t formatted < <(git ls-files -co --exclude-standard '*.cc' '*.h')
if ! clang-format-14 --dry-run -Werror "${formatted[@]}"; then
  echo "lint: run \`make format\`"
  bad=1
fi
tests/check_rules.sh || bad=1
tests/check_includes.sh || bad=1

CC=clang-14 CXX=clang++-14 cmake --preset clang -B "$LINT_BUILD" >/dev/null || exit 1
mkdir -p "$LINT_BUILD/passed"

tidy_one() {  # file: one source, unless nothing about it changed since it last passed
  local file=$1 command key output
  command=$(node -e '
    const [database, file] = process.argv.slice(1);
    const entry = require(database).find((e) => e.file === file);
    if (entry) console.log(entry.command.replace(/^\S*ccache /, ""));' \
    "$PWD/$LINT_BUILD/compile_commands.json" "$PWD/$file")
  [ -n "$command" ] || return 0  # not built in this configuration
  key=$({
    cat .clang-tidy
    printf '%s\n' "$command"
    # The preprocessor lists what the file includes; ours are hashed.
    eval "${command% -c *} -MM -MT x $file" | tr -d '\\\n' | tr ' ' '\n' | grep -E '\.(h|cc)$' |
      sort -u | xargs sha256sum
  } 2>/dev/null | sha256sum | cut -c1-32)
  [ -e "$LINT_BUILD/passed/$key" ] && return 0
  if output=$(clang-tidy-14 --quiet -p "$LINT_BUILD" "$file" 2>/dev/null); then
    : >"$LINT_BUILD/passed/$key"
  else
    printf '%s\n' "$output"
    return 1
  fi
}
export -f tidy_one
# Tests are left to the compilers' warnings: a test may copy what it likes.
git ls-files -co --exclude-standard 'src/*.cc' 'apps/*.cc' 'bench/*.cc' | grep -v '_test\.cc$' |
  xargs -r -P "${JOBS:-$(nproc)}" -I{} bash -c 'tidy_one "$@"' _ {} || bad=1

[ "$bad" -eq 0 ] && echo "lint: clean"
exit "$bad"
