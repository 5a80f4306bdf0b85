# Two commands do everything: `make demo` and `make test`. Both install what is missing first.
BUILD := build/release
JOBS ?= $(shell nproc)
SOURCES := $(shell git ls-files -co --exclude-standard '*.cpp' '*.h')

.PHONY: demo test build dev deps format format-check bench bench-peers mutations clean

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

# Ratios against named peers, in one run; also build/release/bench/overproof_bench.json. OVERPROOF_BENCH_LARGE=1 adds
# the cases that take minutes.
bench: deps
	cmake --preset release -DOVERPROOF_BENCH=ON
	cmake --build --preset release -j $(JOBS) --target overproof_bench
	$(BUILD)/bench/overproof_bench --benchmark_counters_tabular=true \
	  --benchmark_out=$(BUILD)/bench/overproof_bench.json --benchmark_out_format=json

# The same problems solved by NumPy, SciPy, Arb and mpmath; also build/peers/peers.json. PEERS=--large adds n = 10000,
# THREADS=2 is for all programs. Does nothing where the package registry does not answer.
bench-peers: deps
	cmake --preset release -DOVERPROOF_BENCH=ON
	cmake --build --preset release -j $(JOBS) --target overproof_ours
	bench/peers/run.sh $(BUILD)/bench/overproof_ours $(PEERS)

# Every patch of tests/mutations breaks one term of the proof code; a test must notice.
mutations: deps
	scripts/mutations.sh

clean:
	rm -rf build
