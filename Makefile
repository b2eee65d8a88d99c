# Everything runs in .venv, made from requirements.lock and brought up to date when that or pyproject.toml changes.
# Needs Python 3.11 or later with venv, and nothing else.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
AXE := tests/page/node_modules/.package-lock.json
NODE_DEVICE := tests/interop/node/node_modules/.package-lock.json
PIP := $(BIN)/python -m pip --disable-pip-version-check
ARGS ?=
# The tests wait more than they compute. 0: one after the other, as breakpoints and --capture=no need it.
SIDE_BY_SIDE ?= 3

.DEFAULT_GOAL := help
.PHONY: help install demo test interop page lint types imports check lock audit deb wheelhouse windows clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

demo: $(INSTALLED)  ## a simulated building, the bridge and a strict stand-in for the platform; Ctrl-C ends it
	$(BIN)/bacnet-bridge demo $(ARGS)

test: $(INSTALLED)  ## the test suite; ARGS='-k outbox' and the like go to pytest
	$(BIN)/python -m pytest --numprocesses $(SIDE_BY_SIDE) $(ARGS)

interop: $(INSTALLED) $(NODE_DEVICE)  ## the same tests against devices of three BACnet stacks; one needs Node.js 20 and npm
	$(BIN)/python -m pytest -m interop $(ARGS)

page: $(INSTALLED) $(AXE)  ## the status page in Chromium; needs Debian's chromium, and npm; DOCS_PICTURES=1 makes the docs' pictures anew
	$(BIN)/python -m pytest -m page $(ARGS)

lint: $(INSTALLED)  ## ruff: rules and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED)  ## mypy, strict
	$(BIN)/mypy

imports: $(INSTALLED)  ## import-linter: dependencies point one way
	$(BIN)/lint-imports

check: lint types imports  ## lint, types and imports

install: $(INSTALLED)  ## .venv with everything in it

lock: $(INSTALLED)  ## requirements.lock anew from pyproject.toml; ARGS='--upgrade' takes the newest versions
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --all-extras \
		--custom-compile-command 'make lock' $(ARGS) --output-file requirements.lock pyproject.toml

audit: $(INSTALLED)  ## known weaknesses of what requirements.lock names, where the index tells them
	$(BIN)/python -m tools.audit

deb: $(INSTALLED)  ## the Debian package, with its own virtual environment, in dist/
	sh packaging/deb.sh

wheelhouse: $(INSTALLED)  ## all wheels that an installation without internet needs, in dist/
	sh packaging/wheelhouse.sh

windows: $(INSTALLED)  ## one zip with all that Windows needs without internet, in dist/
	sh packaging/windows.sh

clean:  ## remove .venv and what the tools leave behind
	rm -rf $(VENV) tests/interop/node/node_modules tests/page/node_modules benchmarks/.peers build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# npm itself writes these files last.
$(NODE_DEVICE): tests/interop/node/package.json tests/interop/node/package-lock.json
$(AXE): tests/page/package.json tests/page/package-lock.json
$(NODE_DEVICE) $(AXE):
	npm ci --prefix $(dir $<) --ignore-scripts --no-audit --no-fund

# The stamp is touched last: an install that was cut short is done again.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or later is needed; name one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
