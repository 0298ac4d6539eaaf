# `make` alone prints this list.
.DEFAULT_GOAL := help
.PHONY: help run run-cluster test check bench bench-soak demo lock static screenshots base dev

PY := .venv/bin/python

help: ## what there is
	@echo "ARW Personas"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

run: base ## serve on 127.0.0.1:$ARW_PORT (8091), with demo data on the first start
	@exec $(PY) -m arw_site.run

run-cluster: base ## the same on PostgreSQL, Redis, two servers and a proxy
	@exec $(PY) -m arw_site.run cluster

demo: base ## put the demo data back as it was on the first start
	@exec $(PY) -m arw_site.run demo

test: dev ## every test: SQLite, PostgreSQL, Redis, a real browser
	@$(PY) -m tests.services.ensure
	@$(PY) -m pytest --database=sqlite -n auto --maxprocesses 4 --dist worksteal
	@$(PY) -m pytest --database=postgresql -n auto --maxprocesses 4 --dist worksteal -m "not browser and not pure"

check: dev ## format, lint, types, import contracts, migrations, templates, deployment
	@$(PY) .ci/check.py

bench: dev ## measure, some 12 minutes; writes docs/benchmarks.md
	@$(PY) .ci/bench.py

bench-soak: dev ## ten minutes of everything at once with 500 readers (or MINUTES=)
	@$(PY) -m tests.bench.soak --minutes=$(or $(MINUTES),10)

screenshots: dev ## docs/screenshots/, by a test run in a real browser
	@$(PY) -m tests.services.ensure chromium
	@ARW_SCREENSHOTS=docs/screenshots $(PY) -m pytest --database=sqlite -m screenshots

lock: dev ## pin .ci/requirements/*.in into *.txt, with hashes
	@$(PY) .ci/lock.py

static: dev ## fetch the vendored front-end files that arw_site/static/vendor/manifest.json names
	@$(PY) .ci/vendor.py

base:
	@sh .ci/install.sh base

dev:
	@sh .ci/install.sh dev
