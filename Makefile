# `make` alone lists the targets. Plain POSIX make: GNU 3.81 (macOS) and BSD make run it too.
# PYTHON=… chooses the interpreter of .venv, ARGS=… is passed on to the command of a target.

BIN = .venv/bin
READY = .venv/.ready
PYTHON =
ARGS =

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(READY) assets ## everything in one process: database, sandbox catalog, API; prints keys and a first curl
	@$(BIN)/sonograph demo $(ARGS)

serve: $(READY) ## the API alone, from the SONOGRAPH_* settings
	@$(BIN)/sonograph serve $(ARGS)

test: $(READY) ## all tests; needs no service and no root (ARGS="-k search" to choose)
	@$(BIN)/pytest -q $(ARGS)

lint: $(READY) ## ruff, format check, mypy, import contracts; prints nothing when all is well
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check . || { echo 'not formatted: make format'; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@scripts/quietly $(BIN)/lint-imports --no-logo

format: $(READY) ## format the code and mend what ruff can mend
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check -q --fix .

docs: $(READY) ## write the generated reference pages anew
	@$(BIN)/python -m api.reference

lock: ## resolve both lock files anew (ARGS=--upgrade to move versions); needs uv, which nothing else does
	@uv=$$(PATH="$$PWD/.venv/bin:$$PATH" command -v uv) || { echo 'uv is needed to lock: pip install uv' >&2; exit 1; }; \
	for lock in 'requirements.lock' 'requirements-dev.lock --group dev'; do \
	    "$$uv" pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes -c scripts/lock-constraints.txt \
	        --custom-compile-command 'make lock' $(ARGS) -o $$lock || exit 1; \
	done

assets: ## page assets from npm, by lock file; without npm the pages use pinned CDN links
	@scripts/page-assets

bench: $(READY) ## list the benchmarks; each is a command that prints its figures
	@ls benchmarks/*.py 2>/dev/null | sed 's|^|$(BIN)/python |' || true

clean: ## remove .venv, caches and page assets; data/ stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist api/pages/node_modules
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements-dev.lock pyproject.toml scripts/setup-venv
	@PYTHON='$(PYTHON)' scripts/setup-venv
	@touch $(READY)

.PHONY: help demo serve test lint format docs lock assets bench clean
