/* Generated documents of what the shipped rules find, through operators drawn
 * at random: what comes out is JSON, is clean, and stays as it is. */
#include "base/json.h"
#include "pipeline/ruleset.h"
#include "redactors/operators.h"
#include "redactors/rule.h"
#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

#define DOCUMENTS 400
#define PIECES 5

static unsigned
draw(uint64_t *state, unsigned n)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (unsigned)(*state >> 33) % n;
}

/* way_init with the shipped rules. */
static void
all_init(struct way *w)
{
	const char *root = getenv("TG_ROOT");

	way_init(w, TG_MODE_REDACT);
	tg_pass_deinit(&w->pass);
	tg_rules_free(w->rules);
	if (tg_ruleset_load(
		&w->rules, root == NULL ? "." : root, NULL, 0, &w->err) < 0)
		ck_abort_msg("%s", w->err.text);
	ck_assert_int_eq(tg_pass_init(&w->pass, &w->set, w->rules, w->attrs,
			     w->counts, &w->err),
	    0);
}

/* An operator for every type; drop_record and block_run leave nothing to look
 * at. */
static void
draw_operators(struct way *w, uint64_t *state)
{
	for (uint16_t t = 0; t < tg_rules_type_count(w->rules); t++) {
		const struct tg_operator p = {
		    .action = (enum tg_action)(TG_ACT_TAG +
			draw(state, TG_ACT_DROP_FIELD - TG_ACT_TAG)),
		    .mask_last = (uint8_t)draw(state, 5),
		    .mask_first = (uint8_t)draw(state, 3),
		    .mask_separators = draw(state, 2) == 0,
		    .number_scope = (enum tg_number_scope)draw(state, 3),
		    .birth_band = (enum tg_birth_band)draw(state, 2),
		    .shift_scope = (enum tg_shift_scope)draw(state, 2),
		    .shift_days = (uint16_t)(1 + draw(state, 400))};

		tg_operators_set(w->pass.ops, t, &p);
		tg_scanner_set(w->pass.scanner, t, 50, p.action);
	}
}

/* {"text":"example, example ..."} into @out. */
static void
draw_document(struct tg_buf *out, const struct tg_rules *r, uint64_t *state)
{
	static const char *const between[] = {" ", ", ", ". ", "; ", "\n"};
	bool ok;

	tg_buf_reset(out);
	ok = tg_buf_adds(out, "{\"text\":\"", NULL) == 0;
	for (int i = 0; i < PIECES; i++) {
		const struct tg_rule *rule =
		    &r->rule[draw(state, (unsigned)r->n)];
		const struct tg_example *e =
		    &rule->match[draw(state, (unsigned)rule->n_match)];

		ok = ok &&
		    tg_json_escape(out, (struct tg_sv){e->text, e->n}, NULL) ==
			0 &&
		    tg_json_escape(out,
			tg_sv_of(between[draw(state, TG_COUNT(between))]),
			NULL) == 0;
	}
	ck_assert(ok && tg_buf_adds(out, "\"}", NULL) == 0);
}

static int
count(void *ctx, const struct tg_record *r TG_UNUSED,
    const struct tg_text *t TG_UNUSED, const struct tg_finding *f TG_UNUSED,
    struct tg_err *err TG_UNUSED)
{
	++*(uint64_t *)ctx;
	return 0;
}

START_TEST(generated_documents_come_out_clean_and_stay)
{
	uint64_t state = 4, found = 0, before = 0, whole = 0, differ = 0;
	struct tg_settings look;
	struct tg_pass scan;
	struct tg_counts *counts = calloc(1, sizeof(*counts));
	struct way w;
	struct tg_buf in, first;

	all_init(&w);
	tg_settings_plain(&look, TG_MODE_SCAN);
	ck_assert_ptr_nonnull(counts);
	ck_assert_int_eq(
	    tg_pass_init(&scan, &look, w.rules, w.attrs, counts, &w.err), 0);
	scan.on_finding = count;
	scan.ctx = &found;
	tg_buf_init(&in, 1u << 20);
	tg_buf_init(&first, 1u << 20);
	for (int i = 0; i < DOCUMENTS; i++) {
		static const uint8_t key[TG_KEY_LEN] = {3};
		struct tg_pass mine = w.pass;
		const char *out;

		tg_operators_keys(w.pass.ops,
		    &(struct tg_operators_keys){key, key, key, 2026});
		draw_operators(&w, &state);
		draw_document(&in, w.rules, &state);
		w.pass = scan;
		(void)way_go(&w, in.p);
		scan = w.pass;
		w.pass = mine;
		before += found;
		found = 0;
		out = way_go(&w, in.p);
		ck_assert_msg(out != NULL, "document %d: %s", i, w.err.text);
		whole += strstr(out, "\"[REDACTED]\"") != NULL;
		tg_buf_reset(&first);
		ck_assert_int_eq(tg_buf_adds(&first, out, NULL), 0);
		/* Again: nothing is left to do. */
		differ += strcmp(way_go(&w, first.p), first.p) != 0;
		/* And another scanner, with the defaults, sees nothing. */
		mine = w.pass;
		w.pass = scan;
		(void)way_go(&w, first.p);
		scan = w.pass;
		w.pass = mine;
		ck_assert_msg(found == 0, "document %d: %s", i, first.p);
	}
	ck_assert_uint_eq(differ, 0);
	/* The scanner that saw nothing saw what went in. */
	ck_assert_uint_gt(before, 3 * DOCUMENTS);
	/* The last resort is one. */
	ck_assert_uint_lt(whole, DOCUMENTS / 20);
	tg_buf_deinit(&in);
	tg_buf_deinit(&first);
	tg_pass_deinit(&scan);
	free(counts);
	way_deinit(&w);
}
END_TEST

START_TEST(the_same_documents_in_another_order_read_the_same)
{
	uint64_t state = 9;
	struct way w;
	struct tg_buf in[8];
	char *want[8];

	all_init(&w);
	for (size_t i = 0; i < TG_COUNT(in); i++) {
		static const uint8_t key[TG_KEY_LEN] = {5};

		tg_buf_init(&in[i], 1u << 20);
		draw_document(&in[i], w.rules, &state);
		tg_operators_keys(w.pass.ops,
		    &(struct tg_operators_keys){key, key, key, 2026});
	}
	draw_operators(&w, &state);
	for (uint16_t t = 0; t < tg_rules_type_count(w.rules); t++) {
		/* A file's numbers are the order's; all else is not. */
		tg_operators_set(w.pass.ops, t,
		    &(struct tg_operator){.action = TG_ACT_NUMBER,
			.number_scope =
			    t % 2 == 0 ? TG_NUMBER_RUN : TG_NUMBER_RECORD});
	}
	for (size_t i = 0; i < TG_COUNT(in); i++) {
		want[i] = strdup(way_go(&w, in[i].p));
		ck_assert_ptr_nonnull(want[i]);
	}
	for (size_t i = TG_COUNT(in); i-- > 0;) {
		ck_assert_str_eq(way_go(&w, in[i].p), want[i]);
		free(want[i]);
		tg_buf_deinit(&in[i]);
	}
	way_deinit(&w);
}
END_TEST

Suite *operators_all_suite(void);
Suite *
operators_all_suite(void)
{
	Suite *s = suite_create("pipeline/operators on all rules");
	TCase *t = tcase_create("generated");

	tcase_set_timeout(t, 120);
	tcase_add_test(t, generated_documents_come_out_clean_and_stay);
	tcase_add_test(t, the_same_documents_in_another_order_read_the_same);
	suite_add_tcase(s, t);
	return s;
}
