# What there is to do in this repository: `make help`. Both `make demo` and `make test` set up all they need.

PORT    ?=
ARGS    ?=
PYTEST  ?=
WORKERS ?= 2

# Relative paths only: the clone may lie anywhere, in a folder with spaces too.
PYTHON_IN_VENV := .venv/bin/python
SOURCES := imgwidgets tests

# A virtual environment belongs to one folder and one Python. Where the clone was moved, or that Python is
# gone, the marks of a finished set-up no longer count.
MADE_FOR := $(shell $(PYTHON_IN_VENV) -c 'print(open(".venv/made-for").read(), end="")' 2>/dev/null)
ifneq "$(MADE_FOR)" "$(shell pwd -P)"
.PHONY: .venv/ready-demo .venv/ready-test
endif

unexport PYTHONPATH
unexport PYTHONHOME

RUN_PYTEST := $(PYTHON_IN_VENV) -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder
NBVAL := --nbval --nbval-current-env --nbval-sanitize-with notebooks/sanitize.cfg --nbval-cell-timeout 60
QUICK := -m "not slow"

.DEFAULT_GOAL := help
.PHONY: help demo test test-all lint format types javascript unit notebooks-test browser bench chromium clean

help: ## List the targets
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  \1|\2/p' Makefile | while IFS='|' read -r name what; do \
		printf '%-17s %s\n' "$$name" "$$what"; done
	@echo
	@echo "  make demo PORT=9000 ARGS=--no-browser    on that port, opening no browser"
	@echo "  make unit PYTEST=\"-k mask -x\"            further options for pytest"
	@echo "  make test WORKERS=0                      in one process, one test after another"

demo: .venv/ready-demo ## JupyterLab on notebooks/01-quickstart.ipynb (no API key needed)
	@exec env JUPYTER_CONFIG_DIR="$(CURDIR)/.venv/jupyter-config" \
		$(PYTHON_IN_VENV) -m imgwidgets.cli lab $(if $(PORT),--port $(PORT)) $(ARGS)

test: lint types javascript chromium ## All checks and tests but the slow ones; what CI runs
	$(RUN_PYTEST) $(QUICK) $(NBVAL) tests imgwidgets notebooks $(PYTEST)

test-all: lint types javascript chromium ## The same with the slow tests
	$(RUN_PYTEST) --hypothesis-profile=full $(NBVAL) tests imgwidgets notebooks $(PYTEST)

lint: .venv/ready-test ## ruff: rules and format
	$(PYTHON_IN_VENV) -m ruff check .
	$(PYTHON_IN_VENV) -m ruff format --check .

format: .venv/ready-test ## Let ruff repair and format what it can
	$(PYTHON_IN_VENV) -m ruff check --fix .
	$(PYTHON_IN_VENV) -m ruff format .

types: .venv/ready-test ## mypy, strict
	$(PYTHON_IN_VENV) -m mypy

javascript: ## The JavaScript tests, with Node's own test runner
	@.ci/javascript

unit: .venv/ready-test ## pytest and doctest without notebooks and browser
	$(RUN_PYTEST) -m "not slow and not browser" tests imgwidgets $(PYTEST)

notebooks-test: .venv/ready-test ## Run the notebooks and compare their outputs
	$(RUN_PYTEST) $(NBVAL) tests/test_notebooks.py notebooks $(PYTEST)

browser: chromium ## The tests in JupyterLab and Chromium
	$(RUN_PYTEST) $(QUICK) tests/browser $(PYTEST)

bench: .venv/ready-test ## Measure: tests/benchmarks/bench_*.py, one after the other
	@for file in tests/benchmarks/bench_*.py; do \
		echo "== $$file"; $(PYTHON_IN_VENV) "$$file" || exit 1; done

chromium: .venv/ready-test
	@.ci/setup chromium

.venv/ready-demo: pyproject.toml Makefile .ci/setup
	@.ci/setup venv demo

.venv/ready-test: pyproject.toml Makefile .ci/setup
	@.ci/setup venv test

clean: ## Remove .venv and everything else that these targets made
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -type d -prune -exec rm -rf {} +
