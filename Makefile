# embedsvc: every command a newcomer needs. GNU make and a POSIX shell; nothing else but Python 3.11+ and gcc.

VENV   := .venv
PY     := $(VENV)/bin/python
STAMPS := $(VENV)/.stamps
PIP    := $(PY) -m pip --disable-pip-version-check --no-input

# Empty means: what `embedsvc demo` takes by itself.
CANDIDATES ?=
SEED       ?=
PORT       ?=
SERVE      ?= 1
# More for pytest, for example: make test ARGS='-k neighbours'
ARGS       ?=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test browser check format bench clean distclean

help:  ## list the targets
	@echo "make <target>"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
	@echo "Variables: CANDIDATES= SEED= PORT= SERVE=0 (demo), ARGS= (test), PYTHON= (any, the interpreter)"

demo: $(STAMPS)/training  ## sample corpus, training, release, service, three questions; SERVE=0 stops after the answers
	@$(VENV)/bin/embedsvc demo $(if $(CANDIDATES),--candidates $(CANDIDATES)) $(if $(SEED),--seed $(SEED)) \
	  $(if $(PORT),--port $(PORT)) $(if $(filter 0 no false,$(SERVE)),--no-serve,--serve)

test: $(STAMPS)/dev  ## install what the tests need and run them all
	@$(PY) -m pytest $(ARGS)

browser:  ## install Debian's chromium for tests/browser, where it is absent and we are root
	@if command -v chromium >/dev/null; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	  echo "No chromium here, and only root can install Debian's: tests/browser will skip themselves."; exit 0; fi; \
	echo "Installing Debian's chromium for tests/browser."; \
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; } \
	  >/dev/null || echo "It cannot be had: tests/browser will skip themselves."

check: $(STAMPS)/dev  ## ruff, strict types and the import arrows
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m pytest tests/project/test_arrows.py

format: $(STAMPS)/dev  ## let ruff format and mend what it can
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: $(STAMPS)/bench  ## the benchmarks, each beside its baseline (the first needs wrk)
	@$(PY) -m benchmarks.related
	@$(PY) -m benchmarks.text
	@$(PY) -m benchmarks.extract
	@$(PY) -m benchmarks.formats
	@$(PY) -m benchmarks.sources
	@$(VENV)/bin/embedsvc demo --no-serve $(if $(CANDIDATES),--candidates $(CANDIDATES)) $(if $(PORT),--port $(PORT))
	@$(PY) -m benchmarks.word2vec --prepared "$$(ls -dt demo/work/corpus-* | head -n 1)"

clean:  ## remove caches, builds and the demo's folder
	@rm -rf build dist demo .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -path ./$(VENV) -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

distclean: clean  ## clean, and remove .venv too
	@rm -rf $(VENV)

# A stamp is older than pyproject.toml or constraints.txt exactly when something has to be installed.
$(STAMPS)/training $(STAMPS)/dev $(STAMPS)/bench: pyproject.toml constraints.txt | $(STAMPS)/venv
	@echo "Installing embedsvc[$(@F)] into $(VENV): a minute or so, and only when the pinned versions change."
	@$(PIP) install -q -c constraints.txt hatchling editables
	@n=0; { $(PIP) install -c constraints.txt --no-build-isolation -e '.[$(@F)]'; echo $$? >$@.exit; } | \
	  while read -r word rest; do case $$word in \
	    Collecting) n=$$((n + 1)); if [ $$((n % 20)) = 0 ]; then echo "  $$n packages fetched"; fi ;; \
	    Installing) echo "  unpacking" ;; \
	  esac; done
	@test "$$(cat $@.exit)" = 0 || { echo "The installation failed; the lines above say why." >&2; exit 1; }
	@touch $@

$(STAMPS)/venv:
	@if ! $(PY) -m pip --version >/dev/null 2>&1; then \
	  found=; for each in $(or $(PYTHON),python3 python3.13 python3.12 python3.11); do \
	    if "$$each" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	      found=$$each; break; fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "embedsvc needs Python 3.11 or newer with its venv module, and found none;" \
	      "install it, or name it: make PYTHON=/path/to/python3.11 ..." >&2; exit 1; fi; \
	  echo "Creating $(VENV) with $$("$$found" --version)."; \
	  rm -rf $(VENV); "$$found" -m venv $(VENV) || exit; \
	fi; mkdir -p $(STAMPS) && touch $@
