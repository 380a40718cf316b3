# Benchmarks.  Included by the Makefile; rates are of one thread, in CPU time.

BENCHES := $(patsubst bench/%_bench.c,%,$(wildcard bench/*_bench.c))
BENCH_BINS := $(BENCHES:%=$(B)/%_bench)

.PHONY: bench-redact bench-jscan bench-instr bench-instr-gate

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
