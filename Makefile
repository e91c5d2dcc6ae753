# Two commands do all the set-up of a fresh machine (Debian 12, Python 3.11, root or sudo): make demo, make test.
.DEFAULT_GOAL := help
.PHONY: help demo test lint unit debian-demo debian-test wheel bench fuzz mutate samples picture clean

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
SUDO   := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)
APT    := DEBIAN_FRONTEND=noninteractive $(SUDO) apt-get

help: ## show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

# The virtual environment, made anew whenever the project's dependencies change.
$(VENV)/.ready: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { $(APT) update -qq && $(APT) install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); }
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

# A demo without Prometheus still ends: what needs metrics then reads "no data". So failing to install is no error.
debian-demo:
	@command -v prometheus >/dev/null || { $(APT) update -qq && $(APT) install -y -qq prometheus; } \
	  || echo "prometheus cannot be installed here: the demo goes on without metrics" >&2
	@ldconfig -p | grep -q libpangoft2-1.0 || { $(APT) update -qq && $(APT) install -y -qq libpango-1.0-0 libpangoft2-1.0-0; } \
	  || echo "Pango cannot be installed here: the demo goes on without PDF" >&2
	@# The demo starts a Prometheus of its own; the packaged service is not needed for it.

debian-test:
	@./.ci/debian-packages $(SUDO)
	@./.ci/systemd-root
	@./.ci/axe-core

demo: $(VENV)/.ready debian-demo ## a whole estate of its own: collect, import, close, report
	rm -rf ./demo
	$(BIN)/kpi-agent demo ./demo

lint: $(VENV)/.ready ## ruff, mypy --strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

unit: $(VENV)/.ready ## the fast tests of the checkout
	$(BIN)/pytest -q tests/unit tests/jobs

# What is tested is the wheel, as a user installs it: in an environment of its own, away from the checkout.
wheel: $(VENV)/.ready
	rm -rf dist build/installed
	$(BIN)/python -m build --quiet --outdir dist .
	$(PYTHON) -m venv build/installed
	build/installed/bin/pip install --quiet --disable-pip-version-check "$$(echo dist/*.whl)[pdf]"
	build/installed/bin/pip install --quiet --disable-pip-version-check pytest hypothesis jsonschema "psycopg[binary]"

test: $(VENV)/.ready debian-test lint wheel ## every test, against the installed wheel
	build/installed/bin/python -m pytest

bench: $(VENV)/.ready ## speed as ratios against named references
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	$(BIN)/python -m benchmarks

FILES ?= 100000
SEED  ?= 1
fuzz: $(VENV)/.ready ## FILES=100000 mutated exports: refused, or every row accounted for; SEED=1 says which
	PYTHONPATH=tests $(BIN)/python -m fuzz --files $(FILES) --seed $(SEED)

mutate: $(VENV)/.ready ## small faults in the arithmetic: 95 % must fail a test; MODULE=calendar for one module
	PYTHONPATH=tests $(BIN)/python -m mutants $(MODULE)

# Both contracts of the demo, one in French and one in English, always of the same day.
samples: $(VENV)/.ready debian-demo ## build/samples: October in French and English, as HTML, PDF, mail, workbook, CSV, text
	rm -rf build/samples
	$(BIN)/kpi-agent demo build/samples/estate --now 2026-11-23T03:00:00Z
	@set -e; cd build/samples; for form in html pdf eml xlsx csv txt json; do \
	  cp estate/reports/acme/2026-10/r1/report.$$form report-fr.$$form; \
	  cp estate/reports/globex/2026-10/r1/report.$$form report-en.$$form; \
	done; ls -l report-*

picture: samples ## the picture in the README, from the demo's October
	mkdir -p docs/images
	chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
	  --hide-scrollbars --user-data-dir="$$(mktemp -d)" --window-size=1180,1330 \
	  --screenshot=docs/images/report-fr.png "file://$(CURDIR)/build/samples/report-fr.html"

clean: ## remove what the targets made
	rm -rf $(VENV) build dist demo
