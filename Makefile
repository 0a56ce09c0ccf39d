# SPDX-License-Identifier: GPL-2.0
# Darter: the targets a person calls. `make help` lists them.

.PHONY: help run test clean
help:
	@sed -n 's/^## *//p' Makefile

## make test   run every test; the last line is "N passed, M failed"
test:
	@tests/install-packages build-essential libcmocka-dev
	@$(MAKE) --no-print-directory -C tests/unit check

## make run    boot Darter in a virtual machine
run:
	@echo "make run: there is no server to boot yet, see README.md" >&2
	@exit 1

## make clean  remove everything that was built
clean:
	@rm -rf build
