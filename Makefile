# Two commands do everything: `make demo` and `make test`. Both install what is missing first.
BUILD := build/release
JOBS ?= $(shell nproc)
SOURCES := $(shell git ls-files -co --exclude-standard '*.cpp' '*.h')

.PHONY: demo test build dev deps format format-check bench mutations clean

demo: build
	$(BUILD)/overproof check --out out/demo

test: dev
	ctest --preset dev -j $(JOBS)

build: deps
	cmake --preset release
	cmake --build --preset release -j $(JOBS) --target overproof_cli

dev: deps
	cmake --preset dev
	cmake --build --preset dev -j $(JOBS)

deps:
	@scripts/install-deps.sh

format:
	clang-format -i $(SOURCES)

format-check: deps
	clang-format --dry-run -Werror $(SOURCES)

# Ratios against named peers, in one run.
bench: deps
	cmake --preset release -DOVERPROOF_BENCH=ON
	cmake --build --preset release -j $(JOBS) --target overproof_bench
	$(BUILD)/bench/overproof_bench --benchmark_format=console

# Every patch of tests/mutations breaks one term of the proof code; a test must notice.
mutations: deps
	scripts/mutations.sh

clean:
	rm -rf build
