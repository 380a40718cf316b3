# Benchmarks.  Included by the Makefile; rates are of one thread, in CPU time.

BENCHES := $(patsubst bench/%_bench.c,%,$(wildcard bench/*_bench.c))
BENCH_BINS := $(BENCHES:%=$(B)/%_bench)

.PHONY: bench-redact bench-jscan bench-instr bench-instr-gate bench-tensors \
	score bench classes-soak setup-bench

$(BENCH_BINS): $(B)/%_bench: $(B)/bench/%_bench.o $(ALL_LIBS)
	$(Q)$(LINK)

bench-redact: $(B)/redact_bench ## MB/s of the redaction engine, MIB=4
	$(Q)TG_ROOT=$(CURDIR) $< $(or $(MIB),4)
	$(Q)TG_ROOT=$(CURDIR) bench/rg.sh $< $(or $(MIB),4)

bench-jscan: $(B)/jscan_bench ## MB/s of the JSON scanner against jansson
	$(Q)$< $(or $(MIB),16)

# Instructions a byte do not depend on the load of the machine.
bench-instr: $(B)/redact_bench ## instructions a byte of the engine (valgrind)
	$(Q)TG_ROOT=$(CURDIR) bench/instr.sh $<

bench-instr-gate: $(B)/redact_bench ## the same, failing over the maxima in instr.sh
	$(Q)TG_ROOT=$(CURDIR) bench/instr.sh $< gate

bench-tensors: $(B)/tracegate ## CPU and memory of a tensor file, MIB=2048
	$(Q)TRACEGATE_DATA_DIR=$(CURDIR) bench/tensors.sh $< $(or $(MIB),2048)

# Exit 1 when a figure falls below its line in bench/floors.txt.
score: $(B)/tracegate ## detection by type, disguise, validity, beside the goals
	$(Q)PYTHONDONTWRITEBYTECODE=1 python3 bench/score.py --bin $< $(SCORE_FLAGS)

# The program beside its peers: bench/run.py says what is measured and how.
BENCH_TOOLS := $(B)/traces_gen $(B)/peer_jansson $(B)/classes_soak
$(BENCH_TOOLS): $(B)/%: $(B)/bench/%.o $(ALL_LIBS)
	$(Q)$(LINK)

bench: $(B)/tracegate $(BENCH_TOOLS) ## beside rg, perl, python, jansson + PCRE2
	$(Q)TG_ROOT=$(CURDIR) python3 bench/run.py --build $(B) $(BENCH_FLAGS)
	$(Q)TRACEGATE_DATA_DIR=$(CURDIR) bench/tensors.sh $< 2048

# Equivalence classes: the peak of memory does not grow with the rows.  It is at
# most four sorted sets of 4 MiB and as much to merge them (pipeline/anonymity.h,
# base/sorter.h), 32 MiB, and the program: 18 MiB for 300,000 rows, where little
# is merged, 29 for 10 million, 33 for 40 million.
classes-soak: $(B)/classes_soak ## 10 million rows in constant memory, N=10000000
	$(Q)$< $(or $(N),10000000) $(or $(MIB),48)

setup-bench: ## install the peers of make bench (Debian 12)
	@tests/setup/install.sh build bench
