# The two commands are `make demo` and `make test`. Both set everything up themselves; `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test check format bench clean

BIN := .venv/bin
WORKERS ?= 2
HOME_DIR ?= demo
# real archives are used when they are found beside the project
DATA ?= $(wildcard ../shared/data/tcga)
PYTEST_ARGS ?=

# `make demo LANG=zh` means the language of the words; LANG is the C library's locale as well, so it is kept from there.
# Without it hilum goes by the locale.
ifeq ($(origin LANG),command line)
language := $(LANG)
override LANG := C.UTF-8
endif

help: ## this list · 本列表
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | awk -F '\t' '{printf "  make %-8s %s\n", $$1, $$2}'

demo: ## the main job on real or synthetic files: [DATA=path] [HOME_DIR=demo] [LANG=zh|en] · 演示
	@scripts/setup.sh run
	@$(BIN)/hilum demo $(if $(DATA),--data "$(DATA)") --into "$(HOME_DIR)" $(if $(language),--lang $(language))

test: check ## every check and every test: [WORKERS=2] [PYTEST_ARGS=…] · 全部检查与测试
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(PYTEST_ARGS)

check: ## lint, format, types and import contracts, without the tests · 静态检查
	@scripts/setup.sh dev
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: ## let ruff put the code in its form · 整理代码格式
	@scripts/setup.sh dev
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

bench: ## the benchmarks, as described in benchmarks/README.md · 性能基准
	@scripts/setup.sh dev
	@$(BIN)/python -m benchmarks

clean: ## remove what make made: .venv, caches, the demo bank · 清理
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist src/*.egg-info demo
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
