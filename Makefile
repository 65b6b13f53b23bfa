# newsfold: `make help` says what there is.
PYTHON ?= python3
BIN := .venv/bin
OUT ?= out/warehouse
NIGHTS := $(sort $(wildcard examples/dumps/*))

.DEFAULT_GOAL := help
.PHONY: help run test test-slow check format docs lock bench clean

help: ## say what each target does
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/ready: requirements.lock pyproject.toml
	@echo "setting up .venv (once, a minute or two)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "newsfold needs Python 3.11 or newer, this is " + sys.version.split()[0])'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: .venv/ready ## run the example: one night per folder of examples/dumps into out/warehouse, from nothing
	@rm -rf out/warehouse
	@for dump in $(NIGHTS); do \
		echo; echo "newsfold run $$dump --warehouse $(OUT) --night $$(basename $$dump)"; \
		$(BIN)/newsfold run $$dump --warehouse $(OUT) --night $$(basename $$dump) || exit $$?; \
	done
	@echo; echo "Who broke a story?  $(BIN)/newsfold sql \"$$(cat examples/who_broke_it.sql)\" --warehouse $(OUT)"
	@$(BIN)/newsfold sql "$$(cat examples/who_broke_it.sql)" --warehouse $(OUT)

test: .venv/ready ## the everyday tests, some three and a half minutes on two idle cores
	$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile --no-loadscope-reorder

test-slow: .venv/ready ## real servers, kills and whole nights
	$(BIN)/python -m pytest -m slow -n 2 --dist load

check: .venv/ready ## lint, format, types, import walls, generated docs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest tests/test_walls.py
	$(BIN)/python -m warehouse.dictionary --check

format: .venv/ready ## put the code into form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/ready ## write docs/data-dictionary.md from warehouse/schema.py
	$(BIN)/python -m warehouse.dictionary --write

bench: .venv/ready ## list what is measured and by which command
	@grep -h -m1 '"""' bench/*.py | sed 's/"""//g'

lock: ## renew requirements.lock from pyproject.toml (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --no-strip-extras --extra dev pyproject.toml -o requirements.lock

clean: ## remove what was built
	rm -rf .venv out build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
