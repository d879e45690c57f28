# Everything runs from the environment in .venv, which `make setup` makes from the hashed lock.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The first interpreter that is new enough; setup_env.py says what to install when none is.
PYTHON ?= $(or $(shell for p in python3 python3.13 python3.12 python3.11; do \
  "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done),python3)
BIN := .venv/bin
OUT ?= out/demo
SOAK ?= out/soak
TIME_LIMIT ?= 120
# A gap that the demo's day reaches within a minute; the rule set asks for half of it.
GAP ?= 0.002
# Processes that share the tests of `make test`; a test may use more than one core and a few GB.
JOBS ?= 2
# Tests with servers and deadlines in them; they run by themselves, so that nothing else takes their time.
SERVED := tests/cli tests/client tests/console tests/server

.PHONY: help tools setup setup-demo demo test check oracle lint format lock protos docs contracts audit soak sbom dockerfile-steps clean

help: ## This list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 20

tools:
	@command -v git >/dev/null || { echo "setup: missing: git: apt-get install git"; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "setup: missing: Python 3.11 or newer: apt-get install python3 python3-venv"; exit 1; }

setup: tools ## Environment with every extra that tests need
	@"$(PYTHON)" tools/setup_env.py dev

setup-demo: tools ## Environment for running only (server, command line, reports, demo data)
	@"$(PYTHON)" tools/setup_env.py demo

demo: setup-demo ## Clear the RTS-GMLC day through the server; leaves a report
	$(BIN)/clearing run scenarios/rts-gmlc --time-limit $(TIME_LIMIT) --gap $(GAP) --out $(OUT)
	@echo "report: $(OUT)/$$(cd $(OUT) && ls -- *.html | head -1)"

test: setup ## Everything: fresh protos, buf lint, import contracts, all tests with the slow ones
	@failed=; \
	$(BIN)/python proto/generate.py --check || failed+=" protos"; \
	$(BIN)/buf lint || failed+=" buf-lint"; \
	for image in proto/released/*.binpb; do $(BIN)/buf breaking --against $$image || failed+=" buf-breaking"; done; \
	$(BIN)/lint-imports || failed+=" import-contracts"; \
	if [ -n "$$failed" ]; then echo "make test: failed before the tests:$$failed"; fi; \
	$(BIN)/python -m pytest -m "not oracle" -n $(JOBS) --dist worksteal $(SERVED:%=--ignore=%) || failed+=" pytest"; \
	$(BIN)/python -m pytest -m "not oracle" $(SERVED) || failed+=" pytest-served"; \
	if [ -n "$$failed" ]; then echo "make test: FAILED:$$failed"; exit 1; fi

check: setup lint contracts ## What to run before a commit: lint, types, contracts, fast tests
	$(BIN)/python -m pytest -q -m "not slow and not oracle"

oracle: setup ## The clearing against exhaustive enumeration of hundreds of small cases (minutes)
	$(BIN)/python -m pytest -m oracle

lint: setup ## ruff (rules and format), mypy strict, buf lint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/buf lint

contracts: setup ## Import contracts
	$(BIN)/lint-imports

format: setup ## Let ruff rewrite what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

protos: setup ## Generate src/clearing/v1 from proto/
	$(BIN)/python proto/generate.py

docs: setup ## The site of docs/ in out/docs: no warnings, nothing downloaded
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs out/docs
	@echo "site: out/docs/index.html"

lock: setup ## Rewrite the requirements locks (UPGRADE=--upgrade for newer versions)
	$(BIN)/python tools/lock.py $(UPGRADE)

audit: setup ## Hold the locks against known advisories, offline (RECORDS=folder of OSV records for a newer state)
	$(BIN)/python tools/audit.py $(if $(RECORDS),--records $(RECORDS))

soak: setup ## Every promise of the service once, with figures (ten minutes); parts of the long form: benchmarks/soak/run.py
	$(BIN)/python -m benchmarks.soak.run --short --out $(SOAK)
	$(BIN)/python -m benchmarks.soak.table $(SOAK)

sbom: setup ## Write out/sbom.cdx.json: what the server consists of (CycloneDX), from its lock
	mkdir -p out
	$(BIN)/python -W ignore -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml \
	  --output-reproducible --sv 1.6 --of JSON -o out/sbom.cdx.json

dockerfile-steps: setup ## Run the Dockerfile's steps in a clean directory, without Docker
	$(BIN)/python tools/dockerfile_steps.py

clean: ## Remove caches and outputs, keep .venv
	rm -rf out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
