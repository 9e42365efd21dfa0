# Each target sets up what it needs, also on a fresh machine: see .venv/.ready below.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# uv, where it is there, installs several times as quickly as pip; both check the same hashes.
UV := $(shell command -v uv)
ifeq ($(UV),)
INSTALL = $(BIN)/python -m pip install --quiet
else
INSTALL = $(UV) pip install --quiet --python $(BIN)/python
endif

PERIOD := 2026-10
AS_OF := 2026-11-16T06:00
PYTEST := $(BIN)/python -m pytest -p no:benchmark --numprocesses auto --dist loadfile \
	--no-loadscope-reorder
COMPILE := CUSTOM_COMPILE_COMMAND="make requirements" $(BIN)/pip-compile --quiet \
	--generate-hashes --allow-unsafe --strip-extras \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links

.PHONY: help demo test prove faults evidence spark lint wheel bench format reference requirements clean

help:
	@echo "make demo    generate an invented company's facts and its scorecards of $(PERIOD)"
	@echo "make test    run the tests, with small proofs"
	@echo "make prove   run the proofs at their full size"
	@echo "make lint    check style and types"
	@echo "More: faults, evidence, spark, wheel, bench, format, reference, requirements, clean (see CONTRIBUTING.md)."

# The checkout is itself a project, so the demonstration runs here, with the metrics and
# templates beside this file. The facts end with October 2026; the books close in November.
demo: $(READY)
	$(BIN)/scorecard demo . --customers 5000 --months 24 --seed 1
	$(BIN)/scorecard backfill --project . --from 2024-11 --to $(PERIOD) --as-of $(AS_OF)
	$(BIN)/scorecard run --project . --period $(PERIOD) --as-of $(AS_OF)
	@echo "Open these:"
	@ls -1 output/$(PERIOD)/*.pdf output/$(PERIOD)/*/*.pdf
	@echo "What its schedules would send next, were it real:"
	@$(BIN)/scorecard next --project . --count 1

# Each file of tests goes to one process, since the tests of a file share what they lay out; the
# slowest go first, see tests/conftest.py.
test: $(READY)
	$(PYTEST)

# Nobody gets a message twice and no run is lost, with thousands of recipients, dozens of kills and
# months of clock time.
prove: $(READY)
	$(PYTEST) -m prove

# Every fault at every step from the facts to a mail that came back: the table of docs/faults.md.
faults: $(READY)
	$(BIN)/python tests/fault_matrix.py

# How often intervals hold the truth and words are wrong: writes docs/evidence.md, and prints the
# tables of docs/signals.md, docs/tier-movement.md and docs/affected.md.
evidence: $(READY)
	$(BIN)/python tests/evidence.py docs/evidence.md
	PYTHONPATH=tests $(BIN)/python tests/signal_error_rates.py
	PYTHONPATH=tests $(BIN)/python tests/tier_movement.py
	PYTHONPATH=tests $(BIN)/python tests/affected_error_rates.py

# The same figures and pages on Spark; skipped, and said so, where there is no Java.
spark: $(READY)
	$(INSTALL) --require-hashes --requirement requirements-spark.txt
	$(BIN)/python -m pytest -p no:benchmark -m spark -s

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tests/bench/bench.py --list

# Builds the wheel, reads its content, installs it into an empty environment and uses it.
wheel: $(READY)
	$(BIN)/python -m pytest -m wheel tests/test_wheel.py

# What the work costs beside others. More rows: make bench BENCH="--rows 1.2 --rows 10"
BENCH ?= --json .bench.json
bench: $(READY)
	$(BIN)/python tests/bench/bench.py $(BENCH)

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

reference: $(READY)
	$(BIN)/python .ci/reference.py > REFERENCE.md.new
	mv REFERENCE.md.new REFERENCE.md

# Keeps the versions that are pinned already; "rm requirements*.txt" first to take the newest.
requirements: $(READY)
	$(COMPILE) --output-file requirements.txt pyproject.toml
	$(COMPILE) --extra dev --extra desk --output-file requirements-dev.txt pyproject.toml
	$(COMPILE) --extra desk --constraint requirements-dev.txt \
		--output-file requirements-desk.txt pyproject.toml
	$(COMPILE) --extra pyspark --constraint requirements-dev.txt \
		--output-file requirements-spark.txt pyproject.toml

# Facts and the ledger stay: in a checkout that somebody works in they may be real.
clean:
	rm -rf .venv build dist .benchmarks .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find output -mindepth 1 ! -name .gitignore -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "scorecard needs Python 3.11 or newer: make PYTHON=python3.12 …" >&2; exit 1; }
ifeq ($(UV),)
	.ci/system-libraries $(PYTHON) ensurepip
	$(PYTHON) -m venv .venv
else
	$(UV) venv --quiet --allow-existing --python $(PYTHON) .venv
endif
	$(INSTALL) --require-hashes --requirement requirements-dev.txt
	$(INSTALL) --no-deps --no-build-isolation --editable .
	.ci/system-libraries $(BIN)/python weasyprint
	@touch $@
