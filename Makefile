# What one does with a checkout. `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
RUN := .venv/bin/python
MAVEN ?= ../shared/data/maven

.PHONY: help demo test check bench maven assets messages requirements reference wheel screenshots clean runtime dev

help: ## List what can be done
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

demo: runtime ## Serve the product with a demo company (LOUDOU_PORT, LOUDOU_HOME, LOUDOU_DATABASE_URL)
	@$(RUN) -m tools.pdf
	@exec .venv/bin/loudou demo --serve

test: dev ## Run all tests, browser tests included
	@$(RUN) -m tools.browser
	@$(RUN) -m tools.pdf
	@$(RUN) -m pytest -n 2 --dist loadfile

check: dev ## Format, lint, types, layers, translations, generated files
	@$(RUN) -m tools.check

bench: dev ## Measure, and write docs/performance.md
	@$(PYTHON) tools/bootstrap.py --dev --bench
	@$(RUN) -m benchmarks

maven: runtime ## Import the Maven sample files (MAVEN=folder) into an empty LOUDOU_HOME
	@.venv/bin/loudou import --batch examples/maven/batch.toml --data $(MAVEN)

assets: dev ## Fetch front-end packages, draw the icons that are used
	@$(RUN) -m tools.assets

messages: dev ## Update the translations and say what is missing
	@$(RUN) -m tools.messages

reference: dev ## Write docs/reference from the code
	@$(RUN) -m tools.reference

requirements: dev ## Pin the newest allowed Python packages
	@$(RUN) -m tools.requirements

screenshots: dev ## Take the screenshots of the README
	@$(RUN) -m tools.screenshots

wheel: dev ## Build the wheel into dist/
	@$(RUN) -m build --wheel --no-isolation

clean: ## Remove what was built; the database in LOUDOU_HOME stays
	@rm -rf dist build .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache src/loudou/web/static/vendor
	@find src -name '*.mo' -delete

runtime:
	@$(PYTHON) tools/bootstrap.py
	@$(RUN) -m tools.assets
	@$(RUN) -m tools.messages --compile

dev:
	@$(PYTHON) tools/bootstrap.py --dev
	@$(RUN) -m tools.assets
	@$(RUN) -m tools.messages --compile
