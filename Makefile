# tracegate - one file builds, tests and shows.  `make help` lists what there is.
#
#   MODE=release|debug|plain|asan|fuzz   CC=gcc|clang   V=1
#
# Out of tree: build/<MODE>/ (build/<MODE>-clang/ with clang).

MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/bash
.DELETE_ON_ERROR:
.SECONDARY:
.DEFAULT_GOAL := build

VERSION := 0.1.0
MODE ?= release
ifeq ($(origin CC),default)
CC := gcc
endif
CLANG := $(findstring clang,$(CC))
B := build/$(MODE)$(if $(CLANG),-clang)
Q := $(if $(V),,@)

DIRS := base regions policies redactors pipeline/sources pipeline/bundle \
	pipeline/ledger pipeline/sinks pipeline report cli
PKGS := yaml-0.1 libpcre2-8 libsodium jansson libcurl libzstd zlib libcrypto

# Warnings and hardening: docs/STYLE.md, "Tool chain".
WARN := -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow \
	-Wcast-qual -Wwrite-strings -Wstrict-prototypes -Wmissing-prototypes \
	-Wformat=2 -Wundef -Wvla -Wnull-dereference -Wimplicit-fallthrough \
	-Wswitch-enum -Wfloat-equal
WARN_GCC := -Wlogical-op -Wduplicated-cond -Wduplicated-branches \
	-Warith-conversion -Wstringop-overflow=4 -Wformat-truncation \
	-Wuse-after-free=3 -Wdangling-pointer=2
WARN_CLANG := -Wmissing-variable-declarations -Wcomma -Wassign-enum \
	-Wconditional-uninitialized -Wunreachable-code-aggressive \
	-Wshorten-64-to-32
HARD := -D_FORTIFY_SOURCE=3 -fstack-protector-strong \
	-fstack-clash-protection -fcf-protection \
	$(if $(CLANG),,-ftrivial-auto-var-init=zero)
OPT_release := -O2 -g $(HARD)
OPT_debug := -Og -g
OPT_plain := -O0 # to see what a compiler says of the sources
OPT_asan := -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
OPT_fuzz := $(OPT_asan) -fsanitize=fuzzer-no-link
LD_release := -Wl,-z,relro,-z,now,-z,noexecstack -pie
LD_asan := -fsanitize=address,undefined
LD_fuzz := $(LD_asan)

CPPFLAGS += -I. -D_GNU_SOURCE -DTG_VERSION='"$(VERSION)"'
CFLAGS += -std=c11 -fPIE -pthread -ffile-prefix-map=$(CURDIR)=. $(OPT_$(MODE)) \
	-Werror $(WARN) $(if $(CLANG),$(WARN_CLANG),$(WARN_GCC))
LDFLAGS += $(LD_$(MODE)) -pthread
# Asked once, and only when something is built: pkg-config may not be there yet.
PKG_CFLAGS = $(eval PKG_CFLAGS := $(shell pkg-config --cflags $(PKGS)))$(PKG_CFLAGS)
PKG_LIBS = $(eval PKG_LIBS := $(shell pkg-config --libs $(PKGS)))$(PKG_LIBS)
CHECK_CFLAGS = $(eval CHECK_CFLAGS := $(shell pkg-config --cflags check))$(CHECK_CFLAGS)
CHECK_LIBS = $(eval CHECK_LIBS := $(shell pkg-config --libs check))$(CHECK_LIBS)

flat = $(subst /,_,$(1))
lib = $(B)/lib$(call flat,$(1)).a
src = $(sort $(wildcard $(1)/*.c))
obj = $(patsubst %.c,$(B)/%.o,$(1))

# The layers, lowest first: what a folder's tests link beside itself.
NEED_base :=
NEED_regions := base
NEED_policies := regions base
NEED_redactors := base
NEED_pipeline_sources := redactors policies regions base
NEED_pipeline_bundle := base
NEED_pipeline_ledger := pipeline/bundle base
NEED_pipeline_sinks := pipeline/ledger pipeline/bundle base
NEED_pipeline := pipeline/sources pipeline/bundle pipeline/ledger \
	pipeline/sinks redactors policies regions base
NEED_report := pipeline $(NEED_pipeline)
NEED_cli := report $(NEED_report)

# What a folder's tests take from those of another.
MORE_report := tests/unit/pipeline/export.c tests/unit/policies/sandbox.c

# Programs alone; nothing is run.
.PHONY: help build check unit unit-programs demo man fault replay e2e \
	conformance memory clean \
	$(addprefix unit-,$(subst /,_,$(DIRS)))

help: ## this list
	@awk -F':.*## ' '/^[a-z][a-z0-9_-]*:.*## /{printf "  make %-17s %s\n",$$1,$$2}' $(MAKEFILE_LIST)

build: $(B)/tracegate ## the program, build/<MODE>/tracegate

# A generated include so that one set of flags serves all folders.
$(B)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(if $(V),,@echo '  CC   $<')
	$(Q)$(CC) $(CPPFLAGS) $(PKG_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/%.o: CFLAGS += $(CHECK_CFLAGS)

define dir_rules
$(call lib,$(1)): $(call obj,$(call src,$(1))) Makefile
	@mkdir -p $$(@D)
	$(Q)rm -f $$@ && ar rcs $$@ $$(filter %.o,$$^)

# One check program a folder: tests/unit/<folder>/*_test.c and runner.c.
$(B)/unit-$(call flat,$(1)): $(call obj,$(call src,tests/unit/$(1)) \
    $(MORE_$(call flat,$(1)))) \
    $(B)/tests/unit/runner.o \
    $(foreach d,$(1) $(NEED_$(call flat,$(1))),$(call lib,$(d)))
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $$@ $$(filter %.o,$$^) \
	    -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group \
	    $(PKG_LIBS) $(CHECK_LIBS)

unit-$(call flat,$(1)): $(if $(call src,tests/unit/$(1)),$(B)/unit-$(call flat,$(1)))
	$(if $(call src,tests/unit/$(1)),$(Q)TG_ROOT=$(CURDIR) CK_DEFAULT_TIMEOUT=120 $(B)/unit-$(call flat,$(1)))
endef
$(foreach d,$(DIRS),$(eval $(call dir_rules,$(d))))

$(B)/tracegate: $(foreach d,$(DIRS),$(call lib,$(d)))
	$(if $(V),,@echo '  LD   $@')
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(call obj,cli/main.c) \
	    -Wl,--start-group $^ -Wl,--end-group $(PKG_LIBS)

unit: $(addprefix unit-,$(subst /,_,$(DIRS))) ## unit tests (check)

ALL_LIBS := $(foreach d,$(DIRS),$(call lib,$(d)))
LINK = $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
	-Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(PKG_LIBS)

# Each allocation of a scenario fails in turn: tests/fault/*_fault.c.
FAULT_WRAP := $(if $(filter asan,$(MODE)),-Wl$(shell printf ',--wrap=%s' \
	malloc calloc realloc reallocarray))
FAULTS := $(patsubst tests/fault/%.c,$(B)/%,$(wildcard tests/fault/*_fault.c))
$(FAULTS): $(B)/%: $(B)/tests/fault/%.o $(B)/tests/fault/alloc.o \
    $(foreach d,pipeline pipeline/bundle redactors policies regions base,$(call lib,$(d)))
	$(Q)$(LINK) $(FAULT_WRAP)

fault: $(FAULTS) $(B)/tracegate ## every allocation of every loader fails once
	$(Q)set -e; for f in $(FAULTS); do TG_ROOT=$(CURDIR) $$f; done
	$(Q)B=$(B) tests/run.sh tests/fault/people_alloc.sh tests/fault/ledger_strace.sh

man: $(B)/tracegate ## docs/man/*.1 from the tables of the program
	$(Q)mkdir -p docs/man
	$(Q)$< help --man >docs/man/tracegate.1
	$(Q)for v in $$(sed -n 's/^TG_CMD(\(.*\))$$/\1/p' cli/cmds.def); do \
	    $< help --man $$v >docs/man/tracegate-$$v.1; done

e2e: $(B)/tracegate ## the issue of each promise, whole program
	$(Q)tests/run.sh $(filter-out tests/e2e/lib.sh,$(wildcard tests/e2e/*.sh))

conformance: $(B)/tracegate ## against age, minisign, Go sumdb, Swift, botocore
	$(Q)B=$(B) tests/run.sh $(addprefix tests/conformance/,evidence-demo.sh \
	    ledger-go.sh age-cctv.sh s3-swift.sh sigv4-botocore.py)

# Without -D_FORTIFY_SOURCE: valgrind 3.19 takes its memmove for a memcpy.
memory: ## unit tests under valgrind: no leak, no invalid access
	$(Q)$(MAKE) -j2 MODE=debug unit-programs
	$(Q)ls build/debug/unit-* | grep -v '[.]d$$' | \
	    xargs -P2 -n1 tests/memory.sh

unit-programs: $(foreach d,$(DIRS),$(if $(call src,tests/unit/$(d)),$(B)/unit-$(call flat,$(d))))

demo: ## install what is missing, build, the whole way with invented data
	$(Q)$(MAKE) setup-demo
	$(Q)$(MAKE) -j2 MODE=release CC=gcc build
	$(Q)demo/run.sh build/release/tracegate demo-out

check: ## install what is missing, build, every test
	$(Q)$(MAKE) setup-check
	$(Q)tests/check.sh

clean: ## remove build/ and demo-out/
	rm -rf build demo-out

include tests/setup/setup.mk tests/lint/lint.mk tests/fuzz/fuzz.mk \
	tests/proof.mk bench/bench.mk
-include $(shell find $(B) -name '*.d' 2>/dev/null)
