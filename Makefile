# `make demo` and `make test` set up everything they need; Python 3.11 or newer and make are enough.
PYTHON ?= python3
RUN := .venv/.installed-run
DEV := .venv/.installed-dev
LOCK := .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet

.PHONY: demo test check bench lock pictures

demo: $(RUN)
	.venv/bin/expanse demo $(ARGS)

test: $(DEV)
	.venv/bin/python -m tests.support.browser.chromium
	.venv/bin/python -m pytest -n auto --dist worksteal $(ARGS)

check: $(DEV)
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

bench: $(DEV)
	.venv/bin/python -m bench $(ARGS)

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
