# Everything that is done to this repository by hand. `make` alone explains it.

PYTHON ?= python3
ARGS   ?=
BIN    := .venv/bin
SOURCES := journey_service projections clients/python protos/generate.py protos/client_errors.py requirements/install.py \
           tests benchmarks docs
GENERATORS := protos.generate protos.client_errors $(if $(wildcard docs/generate.py),docs.generate)
# What must be covered whole, lines and branches: the rules and the folds.
COVERED_WHOLE := journey_service/domain/*,projections/*

# Where it is set, every program that a test starts would compile all of ours anew: about a second each.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help up test collect coverage lint format types layers schema generate generate-check lock \
        lock-check release-protos bench clean runtime dev

help:  ## this page
	@echo 'Journey: leave off on one device, go on exactly there on another.'
	@echo
	@echo 'Begin with'
	@echo '    make up                          install, start, and watch a first resume (Ctrl-C stops)'
	@echo '    make test                        install what the tests need and run them all'
	@echo '    make test ARGS="tests/domain"    only some; ARGS goes to pytest'
	@echo
	@echo 'Everything'
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/    make \1|\2/' \
		| awk -F'|' '{ printf "%-36s %s\n", $$1, $$2 }'
	@echo
	@echo 'PYTHON=python3.12 picks another interpreter, 3.11 or newer.'

up: runtime  ## install from the lock, start the service, play the first resume (ARGS go to journey up)
	@exec $(BIN)/journey up $(ARGS)

# Three on two cores: tests wait for kills, restarts and streams more than they compute.
test: dev  ## all tests, in parallel, on a PostgreSQL of their own (ARGS go to pytest)
	@tests/install-system-packages
	@$(BIN)/pytest -n 3 --dist loadfile --no-loadscope-reorder --cov --cov-report= $(ARGS)

collect: dev  ## read all tests and what they need, run none
	@$(BIN)/pytest --collect-only -qq --no-header

coverage: dev  ## after make test: what no test reached, and the two gates
	@$(BIN)/coverage report --skip-covered --show-missing --fail-under=95
	@$(BIN)/coverage report --include='$(COVERED_WHOLE)' --skip-covered --show-missing --fail-under=100

lint: dev  ## style and likely mistakes
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

format: dev  ## lay out the code, mend what can be mended by itself
	@$(BIN)/ruff format
	@$(BIN)/ruff check --fix

types: dev  ## strict type check, tests too
	@$(BIN)/mypy $(SOURCES)

layers: dev  ## who may import whom (sizes, names and SQL: tests/architecture)
	@$(BIN)/lint-imports --no-logo

schema: dev  ## buf: lint, layout, and nothing broken since the last release
	@$(BIN)/python -m protos.generate --gather
	@$(BIN)/buf lint
	@$(BIN)/buf format --diff --exit-code --exclude-path protos/google
	@$(BIN)/buf breaking --against protos/released.binpb

generate: dev  ## write generated code and reference pages anew
	@for module in $(GENERATORS); do $(BIN)/python -m $$module || exit 1; done

generate-check: dev  ## are they fresh? changes nothing
	@for module in $(GENERATORS); do $(BIN)/python -m $$module --check || exit 1; done

lock: dev  ## pin anew what pyproject.toml and requirements/*.in ask for (ARGS="--upgrade" for newer)
	@$(BIN)/python requirements/lock.py $(ARGS)

lock-check: dev  ## do the locks still say what pyproject.toml asks for?
	@$(BIN)/python requirements/lock.py --check

release-protos: dev  ## make today's schema the one that may not be broken
	@$(BIN)/python -m protos.generate --gather
	@$(BIN)/buf build --output protos/released.binpb

bench: dev  ## every measurement, short (ARGS: names, --quick, --write; see benchmarks/README.md)
	@$(PYTHON) requirements/install.py bench
	@$(BIN)/python -m benchmarks $(or $(ARGS),--quick)

clean:  ## remove environments and what tools left; data directories stay
	rm -rf .venv .venv-generate build dist protos/google .coverage .coverage.* \
		.mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

runtime:
	@$(PYTHON) requirements/install.py runtime

dev:
	@$(PYTHON) requirements/install.py dev
