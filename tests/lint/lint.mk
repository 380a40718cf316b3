# lint.mk - included by the Makefile.

.PHONY: lint analyze format

lint: $(B)/tracegate ## layers, doors, sizes, names, man pages, spelling, ...
	@B=$(B) tests/lint/run.sh

format: ## clang-format over the tree
	@clang-format -i $$(git ls-files -co --exclude-standard '*.c' '*.h')

# One file a process: over many files clang-tidy 14 reports a va_list that is
# not there.
analyze: ## clang-tidy and cppcheck (slow)
	@tests/setup/install.sh build analysis
	@git ls-files -co --exclude-standard $(addsuffix /*.c,$(DIRS)) | \
	    xargs -P2 -n1 sh -c 'clang-tidy --quiet "$$1" -- $(CPPFLAGS) \
	    -DTG_LINT -std=c11 2>/dev/null || exit 255' clang-tidy
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability \
	    --inline-suppr --error-exitcode=1 -I. $(DIRS)
