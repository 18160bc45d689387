# `make help` is the contract: what is printed there works on a fresh Debian 12 machine, everything else is a detail.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PYTHON := $(VENV)/bin/python
STAMP := $(VENV)/.ready

.PHONY: help
help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMP)  ## install what is missing (apt-get, pip into .venv); instant when nothing changed

$(STAMP): pyproject.toml compat/libnmstate/pyproject.toml .ci/setup
	.ci/setup $(VENV)
	@touch $@

.PHONY: run
run: $(STAMP)  ## the demonstration: a document becomes a network, in a throw-away namespace
	@$(VENV)/bin/linkhold demo

.PHONY: test
test: $(STAMP)  ## all tests in all places: checks, here, in namespaces, in the lab
	@$(PYTHON) tests/lab/everything.py

.PHONY: lint
lint: $(STAMP)  ## ruff, and the layers
	$(VENV)/bin/ruff check .
	$(VENV)/bin/lint-imports

.PHONY: types
types: $(STAMP)  ## mypy --strict
	$(VENV)/bin/mypy

.PHONY: unit
unit: $(STAMP)  ## the tests that need no kernel of their own (ARGS="-k vlan" for pytest)
	$(PYTHON) -m pytest $(wildcard $(addprefix tests/,architecture unit cases contract docs)) $(ARGS)

.PHONY: kernel
kernel: $(STAMP)  ## the tests on this machine's kernel, each in a fresh network namespace
	$(PYTHON) -m pytest tests/kernel tests/services tests/compat tests/agent $(ARGS)

.PHONY: lab
lab: $(STAMP)  ## the tests on a kernel that has bonds, VLANs, VRFs, …: a User-Mode Linux guest
	$(PYTHON) tests/lab/run.py $(if $(ARGS),-- $(ARGS))

.PHONY: bench
bench: $(STAMP)  ## measure against ip and Python, print the table
	$(PYTHON) -m benchmarks $(ARGS)

.PHONY: docs
docs: $(STAMP)  ## write the generated pages of docs/reference anew
	$(PYTHON) docs/generate.py

.PHONY: deb
deb: $(STAMP)  ## Debian packages, in dist/
	@$(PYTHON) packaging/debian/build.py dist

.PHONY: clean
clean:  ## remove everything that was built
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
