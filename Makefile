# Everything a developer or a CI machine does with Lodge. `make` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
.SILENT:
.DELETE_ON_ERROR:
.PHONY: help run assets test test-containers test-safety check bench sbom lock clean

BIN := .venv/bin
# The environment belongs to the contents of these two files, whatever their dates say, and to the folder it is in.
ENV := .venv/made-for-$(shell { pwd; cat requirements.lock pyproject.toml; } | cksum | tr ' ' '-')

help: ## list the targets
	awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-16s %s\n", $$1, $$2 }' Makefile

run: assets ## start Lodge with its demo companies
	exec $(BIN)/lodge serve --demo

assets: $(ENV) ## collect scripts, styles and fonts for the console
	$(BIN)/python -m core.web.assets

test: assets ## run all tests on the embedded PostgreSQL
	$(BIN)/python -m tests.browser.find >/dev/null
	$(BIN)/pytest --catalogue

test-containers: export LODGE_TEST_POSTGRES = containers
# what asks no database, or starts Lodge as its users do, on the embedded one, need not be run again
test-containers: export PYTEST_ADDOPTS = $(addprefix --ignore=tests/,browser faults core/cli core/sla)
test-containers: test ## run all tests on a PostgreSQL container (needs Docker)

test-safety: export LODGE_TEST_SAFETY = all
test-safety: assets ## run the long part of the safety catalogue (an hour)
	$(BIN)/pytest --catalogue tests/safety

check: $(ENV) ## lint, types, import rules and architecture tests
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy --no-error-summary
	$(BIN)/lint-imports --no-cache >.venv/lint-imports.log || { cat .venv/lint-imports.log; exit 1; }
	$(BIN)/pytest -q tests/arch

bench: assets ## measure the figures of the README
	$(BIN)/python -m tests.bench

sbom: $(ENV) ## list what Lodge is made of, with licences, in sbom.json
	$(BIN)/python -m deploy.sbom

lock: $(BIN)/uv ## pin all dependencies again, with hashes
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --extra dev pyproject.toml \
		-o requirements.lock -q --no-emit-index-url --no-emit-find-links --no-annotate \
		--custom-compile-command "make lock"

clean: ## remove the environment and whatever is built (not .lodge, the data)
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache test-results bench.json sbom.json
	rm -rf core/web/static/dist node_modules
	find . -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/uv:
	$(MAKE) --no-print-directory $(ENV)

$(ENV):
	find_python() {
		for python in python3 python3.13 python3.12 python3.11; do
			$$python -c 'import sys, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
		done
		return 1
	}
	if ! find_python && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		echo 'installing python3-venv ...'
		apt-get update -qq
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
	fi
	find_python || { echo 'Lodge needs Python 3.11 or later and its venv module: install python3-venv.' >&2; exit 1; }
	$(BIN)/pip --version >/dev/null 2>&1 || $$python -m venv --clear .venv
	echo "installing $$(grep -c '^[a-z0-9].*==' requirements.lock) packages ..."
	$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	rm -f .venv/made-for-*
	touch $@
