# `make demo` and `make test` set up everything they need; Python 3.11 or newer and make are enough.
PYTHON ?= python3
# one more than the cores: many tests wait for sockets and timers, which left two cores 40 % idle
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
RUN := .venv/.installed-run
DEV := .venv/.installed-dev
LOCK := .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet

DENO := DENO_DIR=.venv/.deno DENO_NO_UPDATE_CHECK=1 .venv/bin/deno

.PHONY: demo test check check-format check-lint check-types check-page check-docs format bench lock pages pictures

demo: $(RUN)
	.venv/bin/expanse demo $(ARGS)

test: $(DEV)
	.venv/bin/python -m tests.support.browser.chromium
	.venv/bin/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

# each check is a target of its own, so that `make --keep-going check` runs the rest after one failed
check: check-format check-lint check-page check-docs check-types

check-format: $(DEV)
	.venv/bin/ruff format --check .

check-lint: $(DEV)
	.venv/bin/ruff check .

check-types: $(DEV)
	.venv/bin/mypy

check-page: $(DEV)
	$(DENO) fmt --check
	$(DENO) lint

check-docs: $(DEV)
	.venv/bin/python -m pytest -q -n auto tests/meta

format: $(DEV)
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .
	$(DENO) fmt

bench: $(DEV)
	.venv/bin/python -m bench $(ARGS)

# each page is moved into place when it is complete, so that an error leaves the old one
pages: $(DEV)
	.venv/bin/python -m bot.config.loader > .venv/page && mv .venv/page config.example.toml
	.venv/bin/python -m bot.ui.texts.errors.errors_doc > .venv/page && mv .venv/page docs/errors.md
	.venv/bin/python -m bot.ui.texts.settings.settings_doc > .venv/page && mv .venv/page docs/settings.md

pictures: $(DEV)
	.venv/bin/python docs/pictures.py

lock: $(DEV)
	$(LOCK) --extra sandbox --group build -o requirements.lock
	$(LOCK) --extra sandbox --group build --group dev -c requirements.lock -o requirements-dev.lock

$(RUN): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Expanse needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.11 ...")'
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --require-hashes -r requirements.lock
	.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

$(DEV): $(RUN) requirements-dev.lock
	.venv/bin/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	touch $@
