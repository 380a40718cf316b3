/*
 * proof_fuzz.c - the readers of proofs and entry bundles on any bytes.
 *
 * What holds for each input:
 *  - as a proof of a known entry it is refused with TG_E_INTEGRITY, or it says
 *    the place where the entry is;
 *  - as an entry under the true proof it is refused, or it is that entry;
 *  - as a bundle, the entries that are read make the bytes they were read from.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... or with replay.c
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/crypt.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/ledger/tile.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* The ledger of five entries that tests/conformance/ledger_demo.c makes. */
#define INDEX 4
static const char vkey[] =
    "exports.example.org/tracegate/uk+acd6ac70+ATo6CK1yRQ6k9rPBXv"
    "Qksom/+OaGHnlnEMNPm2wkRqTW";
static const char true_proof[] =
    "c2sp.org/tlog-proof@v1\n"
    "index 4\n"
    "8RGEBE0DIaAT0MxI4JC9/tkCm99geBVWfy5qOdS0UoQ=\n"
    "\n"
    "exports.example.org/tracegate/uk\n"
    "5\n"
    "VA/JO0LYGZpx804OSTEPujIQqIOE/BBsYmaAi6yFpS0=\n"
    "\n"
    "\xe2\x80\x94"
    " exports.example.org/tracegate/uk rNascJ3"
    "nBklXdDPqT97I6fT6iiKFBte5KhqhETu5OVw2jIesv3sbBNFGIfFcr4j"
    "KR1e7pVPejkKsKof8CfulqFwSGQ4=\n";
static const char true_entry[] =
    "{\"bundle_id\":\"tg-uk-2026-11-24-aaaaaaaaaa\",\"deadlin"
    "e\":1795600000,\"manifest_sha256\":\"9f86d081884c7d659a2"
    "feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\",\"nonce"
    "\":\"aa5b160da73c6c53237be9a1022b9c30\",\"seq\":4,\"targ"
    "et\":\"file:/srv/out\",\"time\":1795478403,\"type"
    "\":\"export.intent\",\"v\":1}\n";

/* The rule that broke; the fuzzer keeps the input. */
static void
hold(bool ok, const char *rule)
{
	if (ok)
		return;
	(void)fprintf(stderr, "proof_fuzz: broken: %s\n", rule);
	abort();
}

static void
check_proof(struct tg_sv in)
{
	struct tg_err err = {0};
	uint64_t index = 0;

	if (tg_proof_check(in, tg_sv_of(true_entry), vkey, &index, &err) < 0)
		hold(err.cls == TG_E_INTEGRITY, "refused as not intact");
	else
		hold(index == INDEX, "the place where the entry is");
	if (tg_proof_check(tg_sv_of(true_proof), in, vkey, &index, &err) < 0)
		hold(err.cls == TG_E_INTEGRITY, "another entry is refused");
	else
		hold(tg_sv_is(in, true_entry), "only the entry itself");
	hold(tg_proof_check(tg_sv_of(true_proof), tg_sv_of(true_entry), vkey,
		 &index, &err) == 0,
	    "the true proof holds");
}

static void
check_bundle(struct tg_sv in)
{
	struct tg_sv rest = in, entry;
	struct tg_buf again;

	tg_buf_init(&again, TG_BUNDLE_MAX);
	while (tg_bundle_next(&entry, &rest))
		if (tg_bundle_add(&again, entry, NULL) < 0)
			break; /* more than a bundle holds */
	hold(again.n == 0 || memcmp(again.p, in.p, again.n) == 0,
	    "a bundle is written back");
	tg_buf_deinit(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct tg_sv in = {n == 0 ? "" : (const char *)p, n};

	hold(tg_crypt_init(NULL) == 0, "libsodium");
	check_proof(in);
	check_bundle(in);
	return 0;
}
