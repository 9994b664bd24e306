# The chores of auskunft. `make help` lists them; `make run` and `make test` set up whatever they need.

SHELL := /bin/bash
PYTHON := .venv/bin/python
RUN_READY := .venv/.run-ready
TEST_READY := .venv/.test-ready
BENCH_READY := .venv/.bench-ready

.DEFAULT_GOAL := help
.PHONY: help run test test-long lint types contracts audit image check bench lock reset clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(RUN_READY) ## start the bot: in a messenger on this computer, or in Telegram with TELEGRAM_TOKEN set
	@exec $(PYTHON) bot.py

test: $(TEST_READY) ## the tests that every change must pass (under five minutes)
	$(PYTHON) -m pytest --numprocesses auto --dist loadfile

test-long: $(TEST_READY) ## the tests that take minutes: floods, kills, the speed of long hostile text
	$(PYTHON) -m pytest -m long

lint: $(TEST_READY) ## style, and what is likely a mistake
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

types: $(TEST_READY) ## mypy, strict
	$(PYTHON) -m mypy .

contracts: $(TEST_READY) ## which part may import which
	.venv/bin/lint-imports

audit: $(TEST_READY) ## known weaknesses of the packages, the list of them (var/sbom.json), secrets in files and history
	scripts/audit

image: ## the container image that deploy/compose.yaml starts
	docker build -f deploy/Dockerfile -t auskunft:latest .

check: $(RUN_READY) ## settings, texts, FAQ files, database and token, before a start
	@$(PYTHON) bot.py check

bench: $(BENCH_READY) ## measure what docs/benchmarks.md reports
	$(PYTHON) -m benchmarks

lock: $(TEST_READY) ## write the lock files anew from requirements/*.in
	scripts/lock

reset: ## throw the demonstration's data away (the folder var)
	rm -rf var

clean: ## throw everything away that can be made again
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

$(RUN_READY): requirements/run.txt scripts/setup
	scripts/setup requirements/run.txt
	@touch $@

$(TEST_READY): requirements/test.txt scripts/setup scripts/system-packages
	scripts/setup requirements/test.txt
	scripts/system-packages
	@touch $@ $(RUN_READY)

$(BENCH_READY): requirements/bench.txt scripts/setup
	scripts/setup requirements/bench.txt
	@touch $@ $(RUN_READY)
