# setup.mk - what is missing on a bare Debian 12.  Included by the Makefile.
#
# `make demo` wants the group build, `make check` all of them.

.PHONY: setup setup-demo setup-check

setup: ## install the packages that the program needs (Debian 12)
	@tests/setup/install.sh build

setup-demo: setup

setup-check: ## install the packages that the tests need (Debian 12)
	@tests/setup/install.sh build test browser s3
