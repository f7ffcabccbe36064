# Everything here needs a Python (3.10 or newer) and make, and sets up the rest by itself.
# `make PYTHON=/path/to/python test` picks another interpreter.
PYTHON ?= $(shell command -v python3 || command -v python)
BIN := .venv/bin
READY := .venv/.ready
DEMO := .demo/venv
DEMO_READY := $(DEMO)/.ready
PIP_OPTIONS := --quiet --disable-pip-version-check

EXAMPLES ?= 50000
SEED ?= 1

.PHONY: help demo test differential check bench format clean

help:
	@echo "make demo    check a small gunicorn program, with its real dependencies"
	@echo "make test    run the tests"
	@echo "make differential  compare fixtures, packages and many random programs with CPython and gevent"
	@echo "make check   lint, formatting, types, and the direction of our own imports"
	@echo "make bench   time patchlint beside Python and other tools (minutes), and write docs/benchmarks.md"
	@echo "make format  put the formatting right"
	@echo "make clean   remove what the others made"

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("patchlint needs Python 3.10 or newer: make PYTHON=...") if sys.version_info < (3, 10) else None'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install $(PIP_OPTIONS) --editable '.[dev]'
	@touch $@

$(DEMO_READY):
	$(PYTHON) -m venv --clear $(DEMO)
	$(DEMO)/bin/python -m pip install $(PIP_OPTIONS) gevent gunicorn packaging requests flask
	@touch $@

demo: $(READY) $(DEMO_READY)
	@echo
	@echo '$$ patchlint tests/fixtures/blog/run.py --python $(DEMO)'
	@echo
	@$(BIN)/patchlint tests/fixtures/blog/run.py --python $(DEMO); status=$$?; echo; \
	if [ $$status -eq 1 ]; then \
	    echo 'patchlint ended with exit status 1, because it found something: that is the demonstration.'; \
	else \
	    echo "patchlint ended with exit status $$status; 1 was expected."; exit 1; \
	fi

test: $(READY)
	$(BIN)/python -m pytest --numprocesses auto

# Another Python, more programs, other programs: make differential DIFFERENTIAL_PYTHON=python3.13 EXAMPLES=50000 SEED=7
differential: $(READY)
	DIFFERENTIAL_EXAMPLES=$(EXAMPLES) DIFFERENTIAL_SEED=$(SEED) $(BIN)/python -m pytest -m '' tests/real/differential

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy --strict
	$(BIN)/lint-imports

bench: $(READY)
	$(BIN)/python tools/bench $(BENCH)

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf .venv .demo .bench .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
