# fuzz.mk - fuzz targets.  Included by the Makefile.
#
# The libraries are built with the fuzzer's counters too (MODE=fuzz), else it
# would see nothing of what it tries.

# The kept corpora through each fuzz target; `make fuzz` goes on from them.
FUZZ := $(patsubst tests/fuzz/%_fuzz.c,%,$(wildcard tests/fuzz/*_fuzz.c))
REPLAY := $(foreach f,$(FUZZ),$(B)/replay-$(f))
$(REPLAY): $(B)/replay-%: $(B)/tests/fuzz/%_fuzz.o $(B)/tests/fuzz/replay.o \
    $(ALL_LIBS)
	$(Q)$(LINK)

replay: $(REPLAY) ## the kept corpora of the fuzzers
	$(Q)set -e; for f in $(FUZZ); do $(B)/replay-$$f tests/fuzz/corpus/$$f; done

$(B)/fuzz-%: tests/fuzz/%_fuzz.c $(ALL_LIBS)
	$(Q)clang $(CPPFLAGS) $(PKG_CFLAGS) -std=c11 -g -O1 -fPIE \
	    -fsanitize=fuzzer,address,undefined -o $@ $< \
	    -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(PKG_LIBS)

fuzz-%: ## fuzz-NAME: libFuzzer from the kept corpus, SECONDS=60
	$(Q)$(MAKE) MODE=fuzz CC=clang build/fuzz-clang/fuzz-$*
	$(Q)mkdir -p build/corpus/$* build/crashes
	$(Q)TG_ROOT=$(CURDIR) build/fuzz-clang/fuzz-$* -timeout=20 \
	    -artifact_prefix=build/crashes/$*- $(FUZZ_FLAGS) \
	    -max_total_time=$(or $(SECONDS),60) \
	    $(patsubst %,-dict=%,$(wildcard tests/fuzz/dict/$*)) \
	    build/corpus/$* tests/fuzz/corpus/$*

# What the fuzzer found, as few inputs as reach the same, to the kept corpus.
fuzz-keep-%:
	$(Q)build/fuzz-clang/fuzz-$* -merge=1 tests/fuzz/corpus/$* build/corpus/$*
