# proof.mk - what holds detection and the merge of policies to their word at
# length; included by the Makefile.  The unit tests have a sample of each.

.PHONY: differential policy-properties

# N documents from SEED through the engine, through PCRE2 rule by rule, and
# through the engine without AVX2.
differential: $(B)/unit-redactors ## engine against PCRE2 rule by rule, N=200000
	$(Q)TG_ROOT=$(CURDIR) TG_DOCUMENTS=$(or $(N),200000) \
	    TG_SEED=$(or $(SEED),7) CK_RUN_SUITE=differential \
	    CK_DEFAULT_TIMEOUT=3600 $<

# N pairs of generated policies and N of their texts, from SEED.
policy-properties: $(B)/unit-policies ## merge rules on generated policies, N=10000
	$(Q)TG_ROOT=$(CURDIR) TG_POLICY_PAIRS=$(or $(N),10000) \
	    TG_POLICY_TEXTS=$(or $(N),10000) TG_SEED=$(or $(SEED),7) \
	    CK_RUN_SUITE=policies/properties CK_DEFAULT_TIMEOUT=3600 $<
