/*
 * decision_fuzz.c - the readers of what people decided and of who they are, on
 * any bytes.
 *
 * What holds for each input:
 *  - as a decision it is refused with TG_E_INTEGRITY, or written again it gives
 *    the same bytes, and its role can stand in a file name;
 *  - as a trust or recipient file it is refused with TG_E_CONFIG (or
 *    TG_E_LIMIT), or its entries are sorted and no key is there twice.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... or with replay.c
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/crypt.h"
#include "pipeline/decision.h"
#include "pipeline/trust.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* The rule that broke; the fuzzer keeps the input. */
static void
hold(bool ok, const char *rule)
{
	if (ok)
		return;
	(void)fprintf(stderr, "decision_fuzz: broken: %s\n", rule);
	abort();
}

static void
check_decision(struct tg_sv in)
{
	char name[TG_DECISION_NAME];
	struct tg_json *d = NULL;
	struct tg_err err = {0};
	struct tg_buf b;

	if (tg_decision_parse(&d, in, &err) < 0) {
		hold(err.cls == TG_E_INTEGRITY, "refused as not intact");
		return;
	}
	tg_buf_init(&b, TG_DECISION_MAX);
	hold(tg_json_canonical(&b, d, &err) == 0 && tg_sv_eq(in, tg_buf_sv(&b)),
	    "a decision is written back");
	(void)snprintf(name, sizeof(name), "decision-%s.json",
	    tg_json_get_str(d, "role", ""));
	hold(tg_decision_name_ok(tg_sv_of(name)), "its role is a file name");
	tg_buf_deinit(&b);
	tg_json_free(d);
}

static bool
refused_well(const struct tg_err *err)
{
	return err->cls == TG_E_CONFIG || err->cls == TG_E_LIMIT;
}

static void
check_trust(struct tg_sv in)
{
	struct tg_recipient *r = NULL;
	struct tg_trust *t = NULL;
	struct tg_err err = {0};

	if (tg_recipient_parse(&r, in, "fuzz", &err) < 0)
		hold(refused_well(&err), "a recipient is refused");
	else
		hold(r->n_key > 0 && r->n_key <= TG_AGE_RECIPIENTS &&
			tg_id_ok(tg_sv_of(r->id)),
		    "a recipient has an id and keys");
	tg_recipient_free(r);
	if (tg_trust_parse(&t, in, "fuzz", &err) < 0) {
		hold(refused_well(&err), "a trust file is refused");
		return;
	}
	for (size_t i = 1; i < tg_trust_count(t); i++) {
		const struct tg_person *p = tg_trust_at(t, i - 1);
		const struct tg_person *q = tg_trust_at(t, i);

		hold(strcmp(p->id, q->id) <= 0, "sorted by id");
		hold(tg_trust_by_key(t, &q->pub) == q, "one key, one entry");
	}
	tg_trust_free(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct tg_sv in = {n == 0 ? "" : (const char *)p, n};

	hold(tg_crypt_init(NULL) == 0, "libsodium");
	check_decision(in);
	check_trust(in);
	return 0;
}
