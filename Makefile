# The front door. `make help` lists what it opens.
.DEFAULT_GOAL := help
.PHONY: help setup build demo test lint format bench bench-search fuzz sanitize clean
JOBS ?= $(shell nproc)
CMAKE_BUILD = cmake --build

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:  ## install what is missing to build (called by the others)
	@tools/setup.sh build

build: setup  ## the program, at build/perennial
	@[ -f build/CMakeCache.txt ] || cmake --preset release -D PERENNIAL_TESTS=OFF >/dev/null
	@$(CMAKE_BUILD) build --target perennial -j $(JOBS)

demo: build  ## generate a shop of 5,000 customers and run its study
	@build/perennial generate shop --customers 5000 --seed 1 -o out/demo/data
	@build/perennial run examples/shop.toml --data out/demo/data -o out/demo/run
	@for report in out/demo/run/*/report.html; do echo "Open in a browser: $$report"; done

test: setup  ## build everything and run all tests
	@tools/setup.sh test
	@cmake --preset release -D PERENNIAL_TESTS=ON >/dev/null
	@$(CMAKE_BUILD) build -j $(JOBS)
	@tools/test.sh build

# The thread sanitizer looks at the rooms that use threads; the other one at everything.
TSAN_TARGETS = base_test table_test audit_test search_test explain_test perennial determinism_test
sanitize:  ## the tests under the address, undefined-behaviour and thread sanitizers
	@tools/setup.sh build test
	@cmake --preset asan >/dev/null && $(CMAKE_BUILD) build-asan -j $(JOBS)
	@tools/test.sh build-asan -LE slow
	@cmake --preset tsan >/dev/null && $(CMAKE_BUILD) build-tsan -j $(JOBS) --target $(TSAN_TARGETS)
	@tools/test.sh build-tsan -R '^(base|table|audit|search|explain|determinism)_test$$'

lint:  ## format, project rules, clang-tidy
	@tools/setup.sh build test lint
	@tools/lint.sh

format:  ## rewrite the sources in the project's format
	@tools/setup.sh lint
	@git ls-files -co --exclude-standard '*.cc' '*.h' | xargs -r clang-format-14 -i

bench: build  ## measure against the Python stack and LIBLINEAR, in one run
	@tools/setup.sh bench
	@cmake --preset release -D PERENNIAL_BENCH=ON >/dev/null
	@$(CMAKE_BUILD) build -j $(JOBS)
	@bench/run.sh

bench-search: build  ## the default search against tuned XGBoost, six tables, ten seeds (hours)
	@tools/setup.sh bench
	@/usr/bin/python3 bench/compare_search.py

fuzz: setup  ## each fuzzer for 60 s (SECONDS_EACH=n for another time)
	@tools/setup.sh fuzz
	@fuzz/run.sh $(SECONDS_EACH)

clean:  ## remove what was built and generated (not .deps)
	@rm -rf build build-* out
