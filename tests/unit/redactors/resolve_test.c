/* Overlaps: coverage is kept and the order of the candidates is nothing. */
#include "tests/unit/redactors/fixture.h"

#include "base/banned.h"

#define SHUFFLES 200

static uint16_t
rule(const char *id)
{
	const struct tg_rules *r = fixture_rules();

	for (uint16_t i = 0; i < r->n; i++)
		if (strcmp(r->rule[i].info.id, id) == 0)
			return i;
	ck_abort_msg("no rule %s", id);
}

static void
shuffle(struct tg_candidate *c, size_t n, uint64_t *seed)
{
	for (size_t i = n; i > 1; i--) {
		const size_t k = fixture_random(seed, (unsigned)i);
		const struct tg_candidate t = c[k];

		c[k] = c[i - 1];
		c[i - 1] = t;
	}
}

static size_t
resolve(struct tg_finding *out, struct tg_candidate *c, size_t n)
{
	static uint8_t actions[TG_RULES_TYPES];
	static const char text[] =
	    "0123456789012345678901234567890123456789 12345678 90123456789";

	memset(actions, TG_ACT_LABEL, sizeof(actions));
	return tg_resolve(out, c, n, fixture_rules(), actions, text);
}

START_TEST(the_order_of_candidates_changes_nothing)
{
	struct tg_candidate base[12], c[12];
	struct tg_finding want[12], got[12];
	uint64_t seed = 7;

	for (int round = 0; round < SHUFFLES; round++) {
		size_t n_want, n_got;
		bool covered[64] = {false};

		for (size_t i = 0; i < 12; i++) {
			const uint32_t a = fixture_random(&seed, 40);

			base[i] = (struct tg_candidate){.start = a,
			    .end = a + 1 + fixture_random(&seed, 9),
			    .rule = (uint16_t)fixture_random(
				&seed, (unsigned)fixture_rules()->n),
			    .score =
				(uint8_t)(50 + fixture_random(&seed, 4) * 10),
			    .checked = fixture_random(&seed, 2) == 0,
			    .context = fixture_random(&seed, 2) == 0};
			for (uint32_t k = a; k < base[i].end; k++)
				covered[k] = true;
		}
		memcpy(c, base, sizeof(c));
		n_want = resolve(want, c, 12);
		for (size_t i = 0; i < n_want; i++) {
			for (uint32_t k = want[i].start; k < want[i].end; k++)
				covered[k] = false;
			if (i > 0)
				ck_assert_uint_ge(
				    want[i].start, want[i - 1].end);
		}
		for (size_t k = 0; k < 64; k++)
			ck_assert(!covered[k]);
		for (int again = 0; again < 5; again++) {
			memcpy(c, base, sizeof(c));
			shuffle(c, 12, &seed);
			n_got = resolve(got, c, 12);
			ck_assert_uint_eq(n_got, n_want);
			ck_assert_mem_eq(got, want, n_want * sizeof(got[0]));
		}
	}
}
END_TEST

START_TEST(a_checked_one_gives_the_label)
{
	struct tg_candidate c[] = {
	    {.start = 0, .end = 20, .rule = rule("uk.phone"), .score = 99},
	    {.start = 5,
		.end = 15,
		.rule = rule("fr.siren"),
		.score = 55,
		.checked = true}};
	struct tg_finding f[2];

	ck_assert_uint_eq(resolve(f, c, 2), 1);
	ck_assert_uint_eq(f[0].start, 0);
	ck_assert_uint_eq(f[0].end, 20);
	ck_assert_uint_eq(f[0].rule, rule("fr.siren"));
	ck_assert(f[0].checked);
}
END_TEST

START_TEST(a_weak_one_gives_way)
{
	struct tg_candidate c[] = {{.start = 0,
				       .end = 30,
				       .rule = rule("email.address"),
				       .score = 90,
				       .weak = true},
	    {.start = 5, .end = 15, .rule = rule("fr.phone"), .score = 60}};
	struct tg_finding f[2];

	ck_assert_uint_eq(resolve(f, c, 2), 1);
	ck_assert_uint_eq(f[0].start, 5);
	ck_assert_uint_eq(f[0].end, 15);
}
END_TEST

START_TEST(a_weak_one_that_holds_a_poorer_of_its_type_stands)
{
	struct tg_candidate c[] = {{.start = 0,
				       .end = 14,
				       .rule = rule("fr.phone"),
				       .score = 90,
				       .weak = true},
	    {.start = 3,
		.end = 14,
		.rule = rule("phone.context"),
		.score = 60}};
	struct tg_finding f[2];

	ck_assert_uint_eq(resolve(f, c, 2), 1);
	ck_assert_uint_eq(f[0].start, 0);
	c[1].score = 90;
	ck_assert_uint_eq(resolve(f, c, 2), 1);
	ck_assert_uint_eq(f[0].start, 3);
}
END_TEST

START_TEST(a_weak_one_goes_on_behind_the_first_line)
{
	struct tg_candidate c[] = {{.start = 0,
				       .end = 24,
				       .rule = rule("iban.said"),
				       .score = 60,
				       .context = true,
				       .weak = true},
	    {.start = 0,
		.end = 14,
		.rule = rule("iban.said"),
		.score = 60,
		.context = true}};
	struct tg_finding f[2];

	ck_assert_uint_eq(resolve(f, c, 2), 1);
	ck_assert_uint_eq(f[0].end, 24);
	/* Without its word in front it stays a guess. */
	c[0] = (struct tg_candidate){.start = 0,
	    .end = 24,
	    .rule = rule("iban.said"),
	    .score = 60,
	    .weak = true};
	c[1] = (struct tg_candidate){
	    .start = 0, .end = 14, .rule = rule("iban.said"), .score = 60};
	ck_assert_uint_eq(resolve(f, c, 2), 1);
	ck_assert_uint_eq(f[0].end, 14);
}
END_TEST

START_TEST(names_with_blanks_between_are_one)
{
	struct tg_candidate c[] = {
	    {.start = 30, .end = 40, .rule = rule("person.named"), .score = 80},
	    {.start = 41, .end = 49, .rule = rule("person.lone"), .score = 60},
	    {.start = 50, .end = 55, .rule = rule("fr.phone"), .score = 60}};
	struct tg_finding f[3];

	ck_assert_uint_eq(resolve(f, c, 3), 2);
	ck_assert_uint_eq(f[0].end, 49);
	ck_assert_uint_eq(f[1].start, 50);
}
END_TEST

START_TEST(an_iban_with_a_rib_inside_is_one_iban)
{
	const struct tg_findings f =
	    fixture_scan("FR76 3000 6000 0112 3456 7890 189", "");

	ck_assert_uint_eq(f.n, 1);
	ck_assert(fixture_covered(f, "IBAN", 0, 33));
}
END_TEST

START_TEST(of_mixed_types_nothing_of_the_value_is_used)
{
	static uint8_t actions[TG_RULES_TYPES];
	const uint16_t email = rule("email.address"), ip = rule("ip.v4");
	const uint16_t t_email = fixture_rules()->rule[email].type;
	const uint16_t t_ip = fixture_rules()->rule[ip].type;
	static const struct {
		uint8_t email, ip, want;
	} rows[] = {{TG_ACT_GENERALISE, TG_ACT_HASH, TG_ACT_LABEL},
	    {TG_ACT_HASH, TG_ACT_GENERALISE, TG_ACT_LABEL},
	    {TG_ACT_KEEP, TG_ACT_MASK, TG_ACT_LABEL},
	    {TG_ACT_KEEP, TG_ACT_KEEP, TG_ACT_KEEP},
	    {TG_ACT_TAG, TG_ACT_REDACT, TG_ACT_REDACT},
	    {TG_ACT_MASK, TG_ACT_DROP_RECORD, TG_ACT_DROP_RECORD}};

	for (size_t i = 0; i < TG_COUNT(rows); i++)
		for (int same = 0; same < 2; same++) {
			struct tg_candidate c[] = {
			    {.start = 0, .end = 10, .rule = email, .score = 90},
			    {.start = 5,
				.end = 14,
				.rule = same ? email : ip,
				.score = 60}};
			struct tg_finding out[2];

			actions[t_email] = rows[i].email;
			actions[t_ip] = rows[i].ip;
			ck_assert_uint_eq(tg_resolve(out, c, 2, fixture_rules(),
					      actions, "01234567890123456789"),
			    1);
			ck_assert_uint_eq(out[0].end, 14);
			ck_assert_uint_eq(
			    out[0].action, same ? rows[i].email : rows[i].want);
		}
}
END_TEST

Suite *resolve_suite(void);
Suite *
resolve_suite(void)
{
	Suite *s = suite_create("resolve");
	TCase *t = tcase_create("all");

	tcase_add_unchecked_fixture(t, fixture_start, fixture_stop);

	tcase_add_test(t, the_order_of_candidates_changes_nothing);
	tcase_add_test(t, a_checked_one_gives_the_label);
	tcase_add_test(t, a_weak_one_gives_way);
	tcase_add_test(t, a_weak_one_that_holds_a_poorer_of_its_type_stands);
	tcase_add_test(t, a_weak_one_goes_on_behind_the_first_line);
	tcase_add_test(t, names_with_blanks_between_are_one);
	tcase_add_test(t, an_iban_with_a_rib_inside_is_one_iban);
	tcase_add_test(t, of_mixed_types_nothing_of_the_value_is_used);
	suite_add_tcase(s, t);
	return s;
}
