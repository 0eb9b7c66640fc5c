# Each target sets up what it needs in .venv, from the hash-locked requirements.txt. Start with `make demo`.

BIN := .venv/bin
UV := uv==0.13.9
LOCK := --system-certs --universal --python-version 3.11 --generate-hashes --no-annotate

.PHONY: help environment demo test check bench bench-peers bench-match soak lock clean

help:
	@echo "make demo         the whole job on sandbox platforms, needs no credentials"
	@echo "make test         tests, on SQLite and on a real PostgreSQL"
	@echo "make check        lint, format, types, layers, documentation"
	@echo "make bench        speed and memory of a first and a second run"
	@echo "make bench-peers  the same job with dlt, for comparison"
	@echo "make bench-match  who is who: right how often, beside other matching programs"
	@echo "make soak         the daemon for ten minutes on bad platforms; SOAK='--minutes 1' to try it"
	@echo "make lock         write requirements.txt anew from pyproject.toml"
	@echo "make clean        remove environments and caches"

environment:
	@.ci/environment

demo: environment
	@$(BIN)/rekisteri demo

# Whatever the surroundings say, modules are compiled once and not by each worker and each program that tests start.
test: export PYTHONDONTWRITEBYTECODE :=
test: environment
	@$(BIN)/python -m pytest -n 4 --dist worksteal

check: environment
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m pytest tests/test_docs.py tests/test_house.py

bench: environment
	@$(BIN)/python -m benchmarks.first_load $(BENCH)

bench-peers: environment
	@.ci/environment benchmarks/.venv benchmarks/peers.txt
	@$(BIN)/python -m benchmarks.peers $(BENCH)

bench-match: environment
	@.ci/environment benchmarks/.venv-match benchmarks/match-peers.txt
	@$(BIN)/python -m benchmarks.match_bench --plot benchmarks/match.svg $(BENCH)

soak: environment
	@$(BIN)/python -m benchmarks.soak $(SOAK)

lock: environment
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	export UV_CUSTOM_COMPILE_COMMAND="make lock"; \
	$(BIN)/python -m venv "$$folder"; \
	"$$folder/bin/python" -m pip -qq --disable-pip-version-check install $(UV); \
	"$$folder/bin/uv" --quiet --no-config pip compile pyproject.toml $(LOCK) --extra postgresql --extra xlsx --group dev $(UPGRADE) -o requirements.txt; \
	echo hatchling | "$$folder/bin/uv" --quiet --no-config pip compile pyproject.toml - $(LOCK) --extra postgresql --extra xlsx -c requirements.txt $(UPGRADE) -o docs/deploy/requirements.txt; \
	"$$folder/bin/uv" --quiet --no-config pip compile benchmarks/peers.in $(LOCK) $(UPGRADE) -o benchmarks/peers.txt; \
	"$$folder/bin/uv" --quiet --no-config pip compile benchmarks/match-peers.in $(LOCK) $(UPGRADE) -o benchmarks/match-peers.txt

clean:
	@rm -rf .venv benchmarks/.venv benchmarks/.venv-match .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
