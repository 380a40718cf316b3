# proof.mk - what holds detection to its word at length; included by the
# Makefile.  The unit tests have a sample of each.

.PHONY: differential

# N documents from SEED through the engine, through PCRE2 rule by rule, and
# through the engine without AVX2.
differential: $(B)/unit-redactors ## engine against PCRE2 rule by rule, N=200000
	$(Q)TG_ROOT=$(CURDIR) TG_DOCUMENTS=$(or $(N),200000) \
	    TG_SEED=$(or $(SEED),7) CK_RUN_SUITE=differential \
	    CK_DEFAULT_TIMEOUT=3600 $<
