# SPDX-License-Identifier: GPL-2.0
# Darter: the targets a person calls. `make help` lists them.

# Of the machine that `make run` boots.
PORT ?= 6379
CPUS ?= 2
MEM ?= 1024
KERNEL ?= 6.12
CLUSTER ?= no

# Of a measurement.
MODE ?= all
FILE ?= bench/experiments/sample.toml

# Of an installation on this machine.
PREFIX ?= /usr
KDIR ?= /lib/modules/$(shell uname -r)/build

export PORT CPUS MEM KERNEL CLUSTER PREFIX

.PHONY: all help run shell stop test test-debug bench experiment module daemon host install uninstall clean

## make             build the module for the running kernel, the daemon and the tool
all: daemon
	@tests/vm/build-module $(KDIR) build/module/host

help:
	@sed -n 's/^## *//p' Makefile

## make run         boot Darter in a virtual machine, ready on 127.0.0.1:PORT
##                  PORT=6379 CPUS=2 MEM=1024 KERNEL=6.1|6.12|kasan|kcsan CLUSTER=no|single|per-cpu
run:
	@tests/vm/run-darter --check
	@tests/install-packages $(shell cat tests/packages/build tests/packages/vm)
	@$(MAKE) --no-print-directory module daemon
	@tests/vm/run-darter

## make shell       a shell in that machine
shell:
	@tests/vm/shell

## make stop        stop what `make run` started
stop:
	@tests/vm/stop

## make test        run every test; the last line is "N passed, M failed"
test:
	@tests/install-packages $(shell cat tests/packages/build tests/packages/vm tests/packages/test)
	@tests/run

## make test-debug  the module under kernels that look for mistakes, which takes hours
##                  with the first run building them
test-debug:
	@tests/install-packages $(shell cat tests/packages/build tests/packages/vm tests/packages/test)
	@tests/run selftests-kasan load-kasan selftests-kcsan load-kcsan

## make bench       measure Darter beside redis-server and valkey-server
##                  MODE=icount|smp|topology|memory|stages|scaling|all KERNEL=6.1|6.12 CPUS=2
bench:
	@tests/install-packages $(shell cat tests/packages/build tests/packages/vm) \
		redis-server python3 gnuplot=gnuplot-nox
	@bench/run $(MODE)

## make experiment  measure what an experiment's file lists, see docs/experiments.md
##                  FILE=bench/experiments/sample.toml
experiment:
	@tests/install-packages $(shell cat tests/packages/build tests/packages/vm) \
		redis-server python3 gnuplot=gnuplot-nox
	@bench/experiment $(FILE)

module:
	@headers=$$(tests/vm/fetch-kernel $(KERNEL)) && \
		tests/vm/build-module $$headers build/module/$(KERNEL)

daemon:
	@$(MAKE) --no-print-directory -C daemon

## make host        build the core as a userspace server, for tests and profiles
host:
	@$(MAKE) --no-print-directory -C tests/host

## make install     install what `make` built; `make uninstall` removes it
install:
	install -D -m 644 build/module/host/darter.ko \
		$(DESTDIR)/lib/modules/$(shell uname -r)/updates/darter.ko
	[ -n "$(DESTDIR)" ] || depmod
	$(MAKE) --no-print-directory -C daemon install

uninstall:
	rm -f $(DESTDIR)/lib/modules/*/updates/darter.ko
	[ -n "$(DESTDIR)" ] || depmod
	$(MAKE) --no-print-directory -C daemon uninstall

## make clean       remove everything that was built
clean:
	@tests/vm/stop >/dev/null 2>&1 || true
	@rm -rf build
