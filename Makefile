# What one types. A fresh Debian or Ubuntu with git, make, Python 3.11 to 3.13 and its venv is enough.
# Stamp files in the virtual environment make the second run fast.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGE := $(VENV)/.package-installed
DEV := $(VENV)/.dev-installed
DEMO := demo
PYTEST_ARGS ?=
EXTRAS ?= excel,fast,parquet,print
TARGETS ?=

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# pip takes the pins from here also for what it needs to build the package itself.
export PIP_CONSTRAINT := constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format stress bench bundle docs clean

help:  ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*##  *\(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "gridmap needs Python 3.11 to 3.13; name one: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(PACKAGE): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@ $(PACKAGE)

# A demo area that is already there is kept (somebody may have edited it); `make clean` removes it.
demo: $(PACKAGE)  ## Make the demo area, assign it, draw its map, and end with the path of the map
	@test -d $(DEMO) || $(BIN)/gridmap demo $(DEMO)
	@$(BIN)/gridmap assign -C $(DEMO)
	@$(BIN)/gridmap map -C $(DEMO) --audience planner --out $(DEMO)/map.html --force >/dev/null
	@echo "$(CURDIR)/$(DEMO)/map.html"

check: $(DEV)  ## Lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check  ## Everything that must pass, except the long tests
	$(BIN)/python -m pytest -m "not stress" --numprocesses=auto --maxprocesses=8 --dist=loadfile --no-loadscope-reorder $(PYTEST_ARGS)

stress: $(DEV)  ## The long tests at their whole size
	$(BIN)/python -m pytest -m stress --timeout=3600 $(PYTEST_ARGS)

bench: $(DEV)  ## Measure, and write docs/benchmarks.md (about an hour)
	$(BIN)/python -m tests.bench.run

bundle: $(DEV)  ## A folder of wheels for closed networks, dist/bundle (EXTRAS="excel,print", TARGETS="linux-3.11")
	$(BIN)/python -m tools.bundle --targets '$(TARGETS)' --extras '$(EXTRAS)'

docs: $(DEV)  ## Write what is made from the code: commands.md, checks.md, the table in privacy.md and privacy.zh.md
	$(BIN)/python -m tests.contract.reference

format: $(DEV)  ## Put the source in the form that `make check` asks for
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:  ## Remove what was made here, the virtual environment and the demo area too
	rm -rf $(VENV) $(DEMO) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
