# Everything a person or a machine does with this project. `make` alone lists it.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --no-builtin-rules --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
MANAGE := $(BIN)/python manage.py

# One stamp per environment, named after its lock: nothing is installed twice, a changed lock always is.
RUN_STAMP := $(VENV)/.run-$(shell sha256sum requirements.lock | cut -c1-16)
DEV_STAMP := $(VENV)/.dev-$(shell sha256sum requirements-dev.lock | cut -c1-16)

# Tests and checks never see the settings of the person at the keyboard.
CLEAN := env -u DATABASE_URL -u EMAIL_URL -u SECRET_KEY -u EVIDENCE_KEY -u ALLOWED_HOSTS \
	-u TSA_URL -u TSA_CERTIFICATES -u PORTAL_URL -u PORTAL_MODE VAR_DIR=$(CURDIR)/var/test
TEST_ENV := $(CLEAN) PORTAL_MODE=local
PYTEST := $(BIN)/python -m pytest
# Each worker has its own database. One that crashes is a failure; whoever is done first takes over from the others.
WORKERS ?= auto
SIDE_BY_SIDE := -n $(WORKERS) --maxprocesses 4 --max-worker-restart 0 --dist worksteal

##@ Using

.PHONY: help
help: ## List what can be made
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@ / { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: $(RUN_STAMP) ## Start the portal with demo data on http://127.0.0.1:8000 (PORT=… for another port)
	@export PORTAL_MODE="$${PORTAL_MODE:-local}" PORTAL_URL="$${PORTAL_URL:-http://127.0.0.1:$${PORT:-8000}}"; \
		exec $(MANAGE) serve --demo

.PHONY: setup
setup: $(RUN_STAMP) ## Make .venv with what the portal runs on
	@echo "$(VENV) is ready"

.PHONY: demo
demo: $(RUN_STAMP) ## Throw the local SQLite database away and load the demo data afresh (stop the portal first)
	@if [ -n "$${DATABASE_URL:-}$${VAR_DIR:-}" ]; then \
		echo "make demo only touches the database in var/: unset DATABASE_URL and VAR_DIR first." >&2; exit 1; fi
	@rm -rf var/db.sqlite3 var/db.sqlite3-{shm,wal,journal} var/{mail,media}
	@export PORTAL_MODE="$${PORTAL_MODE:-local}"; \
		$(MANAGE) migrate --verbosity 0 && $(MANAGE) createcachetable && exec $(MANAGE) load_demo

##@ Developing

.PHONY: test
test: $(DEV_STAMP) ## Everything: checks, the suite on SQLite and on PostgreSQL, the journeys in Chromium
	@.ci/parts

.PHONY: check
check: $(DEV_STAMP) ## Lint, format, types, deployment settings, missing migrations, template style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(TEST_ENV) $(BIN)/mypy
	@key="$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))')"; \
		seed="$$($(BIN)/python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')"; \
		echo "manage.py check --deploy (as in production)"; \
		$(CLEAN) SECRET_KEY="$$key" EVIDENCE_KEY="$$seed" ALLOWED_HOSTS=portal.example $(MANAGE) check --deploy --fail-level WARNING
	@$(TEST_ENV) $(MANAGE) makemigrations --check --dry-run
	find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --check --target-version 5.2

.PHONY: test-sqlite
test-sqlite: $(DEV_STAMP) ## The suite on SQLite, without the browser journeys
	@$(TEST_ENV) $(PYTEST) -m "not browser" $(SIDE_BY_SIDE)

# pg_virtualenv talks on standard output before and after: only pytest is let through.
.PHONY: test-pg
test-pg: $(DEV_STAMP) ## The same suite on a throw-away PostgreSQL (apt-get install postgresql)
	@$(TEST_ENV) PATH="$$PATH:/usr/lib/postgresql/15/bin" pg_virtualenv -t -o fsync=off -o track_commit_timestamp=on bash -c \
		'DATABASE_URL="postgres://$$PGUSER:$$PGPASSWORD@$$PGHOST:$$PGPORT/$$PGDATABASE" \
		exec $(PYTEST) -m "not browser" $(SIDE_BY_SIDE) >&3' 3>&1 >/dev/null

.PHONY: test-browser
test-browser: $(DEV_STAMP) ## The journeys in headless Chromium (apt-get install chromium)
	@$(TEST_ENV) $(PYTEST) -m browser $(SIDE_BY_SIDE)

# A part that fails does not keep the other from saying what became of its scenarios.
.PHONY: scenarios
scenarios: $(DEV_STAMP) ## The scenarios in full, on PostgreSQL and in Chromium; writes docs/scenarios.md (an hour)
	@rm -f docs/scenarios.md
	@$(TEST_ENV) SCENARIOS=full PATH="$$PATH:/usr/lib/postgresql/15/bin" pg_virtualenv -t -o fsync=off -o track_commit_timestamp=on bash -c \
		'export DATABASE_URL="postgres://$$PGUSER:$$PGPASSWORD@$$PGHOST:$$PGPORT/$$PGDATABASE"; failed=0; \
		for part in "not browser" browser; do \
			$(PYTEST) -m "scenario and $$part" --scenario-report=docs/scenarios.md >&3 || failed=1; \
		done; exit $$failed' 3>&1 >/dev/null

# As production has it, but for fsync: the disk of the machine at hand would be what is measured.
.PHONY: bench
bench: $(DEV_STAMP) ## Measure the pages against a hand-written floor; writes docs/performance.md (CUSTOMERS=100000)
	@$(CLEAN) PATH="$$PATH:/usr/lib/postgresql/15/bin" pg_virtualenv -t -o fsync=off bash -c \
		'DATABASE_URL="postgres://$$PGUSER:$$PGPASSWORD@$$PGHOST:$$PGPORT/$$PGDATABASE" \
		exec $(BIN)/python -m benchmarks >&3' 3>&1 >/dev/null

.PHONY: fix
fix: $(DEV_STAMP) ## Put right what the linter and the formatters can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find templates -name '*.html' -print0 | xargs -0 $(BIN)/djade --target-version 5.2 || true

.PHONY: messages
messages: $(DEV_STAMP) ## Collect what customers see (locale/SOURCES) and compile the catalogues (apt-get install gettext)
	@$(TEST_ENV) $(MANAGE) makemessages --all --no-location --no-obsolete --ignore=.venv --ignore=var
	@$(TEST_ENV) $(MANAGE) compilemessages --ignore=.venv --ignore=var

# The runtime lock constrains the development lock, so one environment serves both.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate
.PHONY: lock
lock: $(DEV_STAMP) ## Renew both locks after a change of requirements.txt or requirements-dev.txt
	$(LOCK) requirements.txt --output-file requirements.lock
	$(LOCK) requirements-dev.txt --constraint requirements.lock --output-file requirements-dev.lock

# Environments -----------------------------------------------------------------------------------------

define install
	@$(PYTHON) -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Python 3.11 or newer with venv is needed: apt-get install python3 python3-venv" >&2; exit 1; }
	@$(PIP) --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing $(1) into $(VENV) ..."
	@rm -f $(VENV)/.run-* $(VENV)/.dev-*
	@$(PIP) install --quiet --disable-pip-version-check --no-input --require-hashes -r $(1)
endef

$(RUN_STAMP):
	$(call install,requirements.lock)
	@touch $@

# The development lock holds everything in the runtime lock, at the same versions.
$(DEV_STAMP):
	$(call install,requirements-dev.lock)
	@touch $(RUN_STAMP) $@
