/*
 * attested_test.c - rows before a finding leave only where it is attested that
 * nobody looks ahead and that the context begins at its beginning.
 */
#include "tests/unit/pipeline/tensor_way.h"

#include "base/banned.h"

Suite *attested_suite(void);

static const struct {
	const char *what;
	bool causal, whole;
	bool cut; /* the second context has a finding */
	uint64_t contexts, rows;
	uint64_t told;
	const char *code; /* of what was dropped, or NULL */
} rows[] = {
    {"both, clean", true, true, false, 2, 9, 0, NULL},
    {"both, a finding", true, true, true, 2, 9, 0, NULL},
    {"unknown attention, clean", false, true, false, 2, 9, 0, NULL},
    {"unknown attention, a finding", false, true, true, 1, 9, 1, "ACT-CONTEXT"},
    {"a window, clean", true, false, false, 0, 0, 1, "ACT-START"},
    {"a window, a finding", true, false, true, 0, 0, 1, "ACT-START"},
    {"nothing", false, false, true, 0, 0, 1, "ACT-START"},
};

static uint64_t
dropped(const struct tg_counts *c, const char *code)
{
	uint64_t n = 0;

	for (size_t i = 0; i < c->n_stage; i++)
		for (size_t k = 0; k < c->stage[i].n_drop; k++)
			if (strcmp(c->stage[i].name, "activations") == 0 &&
			    strcmp(c->stage[i].drop[k].code, code) == 0)
				n += c->stage[i].drop[k].n;
	return n;
}

START_TEST(what_is_not_attested_does_not_leave)
{
	const uint64_t shape[] = {2, POSITIONS, 4};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const uint8_t *const text[] = {
		    clean, rows[i].cut ? email : clean};
		const struct tg_tensor *t;
		struct file f;

		begin(&f, TG_MODE_REDACT);
		f.w.pass.causal = rows[i].causal;
		f.w.pass.whole = rows[i].whole;
		ids(&f, "tokens", text, 2, true);
		(void)tensor(
		    &f, "blocks.3.hook_resid_post", TG_DTYPE_F16, 3, shape);
		go(&f, "cache");
		t = got(&f, "blocks.3.hook_resid_post");
		ck_assert_msg(
		    (t != NULL) == (rows[i].contexts > 0), "%s", rows[i].what);
		if (t != NULL)
			ck_assert_msg(t->shape[0] == rows[i].contexts &&
				t->shape[1] == rows[i].rows,
			    "%s", rows[i].what);
		else
			ck_assert_uint_eq(f.out.n, 0);
		ck_assert_msg(f.w.counts->quarantined == rows[i].told, "%s",
		    rows[i].what);
		if (rows[i].code != NULL)
			ck_assert_msg(dropped(f.w.counts, rows[i].code) ==
				2 - rows[i].contexts,
			    "%s", rows[i].what);
		end(&f);
	}
}
END_TEST

/* The text is looked at all the same: a scan needs no attestation. */
START_TEST(a_scan_finds_without_any)
{
	const uint8_t *const text[] = {email};
	struct file f;
	uint64_t found = 0;

	begin(&f, TG_MODE_SCAN);
	f.w.pass.causal = f.w.pass.whole = false;
	ids(&f, "tokens", text, 1, true);
	go(&f, "cache");
	for (size_t i = 0; i < TG_COUNT_TYPES; i++)
		found += f.w.counts->type[i].spans;
	ck_assert_uint_eq(found, 1);
	ck_assert_uint_eq(f.w.counts->quarantined, 0);
	end(&f);
}
END_TEST

Suite *
attested_suite(void)
{
	Suite *s = suite_create("attested");
	TCase *t = tcase_create("attested");

	tcase_add_test(t, what_is_not_attested_does_not_leave);
	tcase_add_test(t, a_scan_finds_without_any);
	suite_add_tcase(s, t);
	return s;
}
