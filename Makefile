# What a developer does; `make` lists it. PYTHON, HOST, PORT and JOBS may be given: make run PORT=8080.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 7860
JOBS ?= 2

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
export PYTHONUTF8 := 1

# Which interpreter this is, and whether it still holds what a stamp says (an environment may be remade).
PROBE := import sys, zlib; from importlib.util import find_spec as has; \
  print('%08x' % zlib.crc32(sys.executable.encode()), 'run' * bool(has('chromadb')), 'dev' * bool(has('pytest')))
INTERPRETER := $(shell $(PYTHON) -c "$(PROBE)" 2>/dev/null)
STAMP := var/.installed-$(or $(firstword $(INTERPRETER)),unknown)

# Why pip could not work here, said before it fails.
define PREFLIGHT
import importlib.util, os, sys, sysconfig
advice = "Make a virtual environment and use its Python:\n\n    python3 -m venv var/venv\n    make $(MAKECMDGOALS) PYTHON=var/venv/bin/python\n"
managed = os.path.join(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED")
if sys.version_info < (3, 11):
    sys.exit("%s is Python %s; Python 3.11 or newer is needed (make PYTHON=python3.11 ...)." % (sys.executable, sys.version.split()[0]))
if sys.prefix == sys.base_prefix and os.path.exists(managed) and not os.environ.get("PIP_BREAK_SYSTEM_PACKAGES"):
    sys.exit("%s belongs to the system, which does not let pip install into it (PEP 668).\n%s" % (sys.executable, advice))
if importlib.util.find_spec("pip") is None:
    sys.exit("%s has no pip.\n%s" % (sys.executable, advice))
endef

export PREFLIGHT

ifeq ($(filter run,$(INTERPRETER)),)
.PHONY: $(STAMP)
endif
ifeq ($(filter dev,$(INTERPRETER)),)
.PHONY: $(STAMP)-dev
endif

# $(call pip-install,what) installs once; errors show, progress and notices do not.
define pip-install
	@$(PYTHON) -c "$$PREFLIGHT"
	@echo "Installing $(1) (first time: a few minutes) ..."
	@$(PYTHON) -m pip install -qq -c constraints.txt -e "$(1)"
	@mkdir -p var && touch $@
endef

.DEFAULT_GOAL := help
.PHONY: help install install-dev run pdf-samples test check evals evals-gate index docs screenshots clean

help: ## list what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(STAMP) ## install what running needs
install-dev: $(STAMP)-dev ## install what running, testing and checking need

$(STAMP): pyproject.toml constraints.txt
	$(call pip-install,.)

$(STAMP)-dev: pyproject.toml constraints.txt
	$(call pip-install,.[dev])
	@touch $(STAMP)

run: install index ## install, build the index and serve the page at http://127.0.0.1:7860
	@$(PYTHON) -m assistant serve --host $(HOST) --port $(PORT)

SAMPLES := var/pdf-samples/pypdf-$(shell sed -n 's/^pypdf==//p' constraints.txt).tar.gz

$(SAMPLES):
	@$(PYTHON) -m pip download -qq --no-deps --no-binary pypdf -d $(@D) "$(subst .tar.gz,,$(subst pypdf-,pypdf==,$(@F)))"

pdf-samples: install-dev $(SAMPLES) ## download the PDFs of pypdf's own tests, once (make test does it)

test: install-dev pdf-samples index ## run the tests (those of the pages need Debian's chromium)
	@$(MAKE) --no-print-directory -j $(JOBS) --output-sync=target test-pages test-others

# The two halves take about as long, and the library of the browser keeps a loop running that others would meet.
.PHONY: test-pages test-others
test-pages:
	@$(PYTHON) -m pytest -q tests/assistant/web
test-others:
	@$(PYTHON) -m pytest -q --ignore tests/assistant/web --cov=assistant/rules --cov-branch --cov-report=term:skip-covered --cov-fail-under=100

check: install-dev ## lint, type-check, and verify that the corpus is coherent
	$(PYTHON) -m ruff check --output-format concise .
	$(PYTHON) -m mypy --strict
	$(PYTHON) -m yamllint --strict .
	$(PYTHON) -m corpus verify

evals: install-dev index ## measure everything over evals/sets and write var/reports/evals.html
	@$(PYTHON) -m evals run all --jobs $(JOBS)
	@$(PYTHON) -m evals run all --system quickstart
	@$(PYTHON) -m evals report

evals-gate: install-dev index ## refuse answers worse than those accepted (evals/baselines/fast.json)
	@$(PYTHON) -m evals gate --jobs $(JOBS)

index: install ## build the index of the passages, if it is not current
	@$(PYTHON) -m index build

docs: install-dev ## write docs/rules.md and docs/corpus-coverage.md, and check that the documents tell the truth
	@$(PYTHON) docs/rules_page.py
	@$(PYTHON) docs/coverage_page.py
	@$(PYTHON) -m pytest tests/test_docs.py

screenshots: install-dev ## photograph every screen into docs/images (needs chromium)
	@$(PYTHON) docs/screenshots.py docs/images

clean: ## remove what was built (the documents added under var/documents stay)
	rm -rf var/index var/cache var/pdf-samples var/.installed-* build dist *.egg-info
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -not -path "./var/*" -prune -exec rm -rf {} +
