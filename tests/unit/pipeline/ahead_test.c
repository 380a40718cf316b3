/* Several threads look at records: what comes out, in what order, what is
 * counted and said is what one thread gives. */
#include "pipeline/input_ahead.h"

#include <stdio.h>

#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

#define OUT_MAX (256u << 20)

/* Lines of an input, and with how many threads it is read: less of all under
 * valgrind. */
static const unsigned numbers[] = {3, 2, 8};
static unsigned n_lines = 700, n_numbers = TG_COUNT(numbers);
static bool large = true; /* records of megabytes too */

/* One reading of the same input. */
struct reading {
	struct way w;
	struct tg_intake intake;
	struct tg_input in;
	struct tg_quarantine kept;
	struct tg_buf all; /* records that leave, and what listeners hear */
	FILE *said;
	char *said_text;
	size_t said_n;
	int rc;
	unsigned heard, deaf; /* texts; the listener fails on this one */
};

static void
note(struct reading *x, const char *what, const struct tg_record *r,
    const struct tg_text *t, const struct tg_findings *f)
{
	int bad = tg_buf_addf(&x->all, NULL,
	    "%s %llu node %u kind %d %s: ", what, (unsigned long long)r->no,
	    t->node, (int)t->kind, t->path == NULL ? "-" : t->path);

	bad |= tg_buf_add(&x->all, t->text.text.bytes, t->text.text.n, NULL);
	bad |=
	    tg_buf_addf(&x->all, NULL, " (%zu, %zu)", f->below, f->suppressed);
	for (size_t i = 0; i < f->n; i++)
		bad |= tg_buf_addf(&x->all, NULL, " %u-%u rule %u score %u",
		    f->f[i].start, f->f[i].end, f->f[i].rule, f->f[i].score);
	bad |= tg_buf_addc(&x->all, '\n', NULL);
	if (bad != 0)
		ck_abort_msg("no room for what was heard");
}

static int
on_text(void *ctx, const struct tg_record *r, const struct tg_text *t,
    const struct tg_findings *f, struct tg_err *err)
{
	struct reading *x = ctx;

	note(x, "text", r, t, f);
	return ++x->heard == x->deaf
	    ? tg_fail(err, TG_E_IO, "the listener fails")
	    : 0;
}

static int
on_finding(void *ctx, const struct tg_record *r, const struct tg_text *t,
    const struct tg_finding *f, struct tg_err *err TG_UNUSED)
{
	const struct tg_findings one = {.f = f, .n = 1};

	note(ctx, "finding", r, t, &one);
	return 0;
}

static int
put(void *ctx, struct tg_sv record, struct tg_sv eol, struct tg_err *err)
{
	struct reading *x = ctx;

	return tg_buf_addsv(&x->all, record, err) < 0
	    ? -1
	    : tg_buf_addsv(&x->all, eol, err);
}

static void
reading_init(struct reading *x, enum tg_mode mode, unsigned threads)
{
	*x = (struct reading){.rc = 0};
	way_init(&x->w, mode);
	tg_scanner_set(x->w.pass.scanner,
	    (uint16_t)tg_rules_type_find(x->w.rules, "NINOX"), 95,
	    TG_ACT_LABEL);
	x->w.set.rate_ppb = 700000000;
	x->w.set.max_per_subject = 20;
	tg_intake_init(&x->intake, &x->w.pass);
	tg_buf_init(&x->all, OUT_MAX);
	x->said = open_memstream(&x->said_text, &x->said_n);
	ck_assert_ptr_nonnull(x->said);
	ck_assert_int_eq(tg_quarantine_open(&x->kept,
			     scratch_path(&x->w.s, "kept"), x->said, &x->w.err),
	    0);
	x->intake.quarantine = &x->kept;
	x->intake.threads = threads;
	x->intake.write = mode <= TG_MODE_REDACT ? put : NULL;
	x->intake.write_ctx = x;
	x->w.pass.on_text = on_text;
	x->w.pass.on_finding = mode == TG_MODE_RECHECK ? on_finding : NULL;
	x->w.pass.want_paths = mode == TG_MODE_SCAN;
	x->w.pass.ctx = x;
}

static void
reading_go(struct reading *x, struct tg_sv text)
{
	const char *path = scratch_path(&x->w.s, "in");
	FILE *f;

	scratch_put(path, text);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	/* A name that all readings have. */
	x->in = (struct tg_input){.path = "in"};
	x->rc = tg_input_run(&x->intake, &x->in, dup(fileno(f)), &x->w.err);
	(void)fclose(f);
	(void)fflush(x->said);
}

static void
reading_deinit(struct reading *x)
{
	tg_intake_deinit(&x->intake);
	tg_quarantine_close(&x->kept);
	tg_buf_deinit(&x->all);
	(void)fclose(x->said);
	free(x->said_text);
	way_deinit(&x->w);
}

static bool
left_out(const struct reading *x, const char *code)
{
	const struct tg_count_stage *s = tg_counts_stage(x->w.counts, "decode");

	for (size_t i = 0; i < s->n_drop; i++)
		if (strcmp(s->drop[i].code, code) == 0)
			return true;
	return false;
}

static void
same_file(struct reading *a, struct reading *b, const char *name)
{
	const char *in_a = scratch_path(&a->w.s, name);
	const char *in_b = scratch_path(&b->w.s, name);
	struct tg_buf one, other;

	ck_assert_int_eq(tg_fs_exists(in_a), tg_fs_exists(in_b));
	if (!tg_fs_exists(in_a))
		return;
	tg_buf_init(&one, OUT_MAX);
	tg_buf_init(&other, OUT_MAX);
	scratch_get(&one, in_a);
	scratch_get(&other, in_b);
	ck_assert_uint_eq(one.n, other.n);
	ck_assert(one.n == 0 || memcmp(one.p, other.p, one.n) == 0);
	tg_buf_deinit(&one);
	tg_buf_deinit(&other);
}

static void
same(struct reading *a, struct reading *b)
{
	ck_assert_int_eq(a->rc, b->rc);
	ck_assert_int_eq((int)a->w.err.cls, (int)b->w.err.cls);
	ck_assert_str_eq(a->w.err.text, b->w.err.text);
	ck_assert_uint_eq(a->all.n, b->all.n);
	ck_assert(a->all.n == 0 || memcmp(a->all.p, b->all.p, a->all.n) == 0);
	ck_assert_str_eq(a->said_text, b->said_text);
	same_file(a, b, "kept/index.jsonl");
	same_file(a, b, "kept/src-0000.raw");
	ck_assert_uint_eq(a->in.records, b->in.records);
	ck_assert_uint_eq(a->in.quarantined, b->in.quarantined);
	ck_assert_uint_eq(a->w.counts->records, b->w.counts->records);
	if (a->rc < 0)
		return;
	ck_assert_mem_eq(a->in.sha256, b->in.sha256, TG_SHA256_LEN);
	for (size_t i = 0; i < TG_COUNT_TYPES; i++)
		a->w.counts->type[i].last = b->w.counts->type[i].last = 0;
	ck_assert(memcmp(a->w.counts, b->w.counts, sizeof(*a->w.counts)) == 0);
}

/* ---- the input --------------------------------------------------------- */

/* @text, its '#' replaced by @k. */
static void
add(struct tg_buf *b, const char *text, unsigned k)
{
	const size_t n = strcspn(text, "#");
	int bad = tg_buf_add(b, text, n, NULL);

	if (text[n] == '#') {
		bad |= tg_buf_addf(b, NULL, "%u", k);
		bad |= tg_buf_adds(b, text + n + 1, NULL);
	}
	ck_assert_int_eq(bad, 0);
}

static void
fill(struct tg_buf *b, size_t n)
{
	static const char words[] = "the quick brown fox jumps over the dog; ";

	for (size_t i = 0; i < n; i += sizeof(words) - 1)
		ck_assert_int_eq(tg_buf_adds(b, words, NULL), 0);
}

/* Of many kinds; # tells them apart. */
static const char *const kinds[] = {
    "\"text\":\"# to a.b@example.org and Ms Ann Lee\"",
    "\"user_id\":\"u\",\"text\":\"#: x@example.com is Ms Ann Lee's, Lee\"",
    "\"text\":\"key sk-123456789012 of #\"",
    "\"text\" \"#\"",
    "\"text\":\"#: x@example.com\",\"tokens\":[1,2]",
    "\"tokens\":[\"#\",\" a@ex\",\"ample\",\".org\",\" me\"],\"n\":1",
    "\"text\":\"{\\\"to\\\":\\\"x@example.com\\\",\\\"n\\\":#}\"",
    "\"messages\":[{\"role\":\"user\",\"content\":\"# a@exam\"},"
    "{\"role\":\"user\",\"content\":\"ple.org now\"}]",
    "\"#@example.com\":1,\"n\":4111111111111111,\"text\":\"\"",
    "\"text\":\"{\\\"a\\\":\\\"{\\\\\\\"b\\\\\\\":[#,null]}\\\"}\"",
    "\"tokens\":[\"#\",\" b@ex\",\"ample\",\".org\"],"
    "\"other_tokens\":[\"to\",\" Ms\",\" Ann\",\" Lee\"]",
    "\"text\":\"# of Imogen-Simonet has no AB123456C\"",
    "\"response\":\"{\\\"completion\\\":\\\"#\\\","
    "\\\"stop_reason\\\":\\\"end\\\"}\"",
    "\"object\":\"text_completion\",\"choices\":[{\"index\":#,"
    "\"text\":\"ple.org\",\"finish_reason\":\"stop\"}]",
};

static void
lines(struct tg_buf *b, unsigned from, unsigned to)
{
	for (unsigned k = from; k < to; k++) {
		add(b, "{\"id\":\"t#\",\"note\":\"", k / 3);
		fill(b, k % 37 * 90);
		add(b, "\",", 0);
		add(b, kinds[k % TG_COUNT(kinds)], k);
		add(b, "}\n", 0);
	}
}

static struct tg_sv
mixed(struct tg_buf *b)
{
	lines(b, 0, n_lines / 2);
	/* Alone, and nothing is out when it comes. */
	add(b, "{\"text\":\"", 0);
	fill(b, large ? TG_AHEAD_ONE + 4096 : 4096);
	add(b, "b@example.org\"}\n", 0);
	lines(b, n_lines / 2, n_lines / 2 + 40);
	/* Longer than a record may be: its pieces are not held. */
	add(b, "{\"text\":\"", 0);
	fill(b, large ? TG_READER_RECORD + 4096 : 4096);
	add(b, "\"}\n", 0);
	lines(b, n_lines / 2 + 40, n_lines * 3 / 4);
	/* From here on the last kind is the end of a stream. */
	add(b,
	    "{\"response\":\"{\\\"delta\\\":{\\\"content\\\":\\\"a@e\\\"}}\"}"
	    "\n",
	    0);
	lines(b, n_lines * 3 / 4, n_lines);
	add(b, "{\"text\":\"no end of line, c@example.org\"}", 0);
	return tg_buf_sv(b);
}

/* ---- the tests --------------------------------------------------------- */

static const enum tg_mode modes[] = {
    TG_MODE_EXPORT, TG_MODE_REDACT, TG_MODE_SCAN, TG_MODE_RECHECK};

START_TEST(any_number_of_threads_gives_the_same)
{
	struct reading one, many;
	struct tg_buf text;

	tg_buf_init(&text, OUT_MAX);
	(void)mixed(&text);
	reading_init(&one, modes[_i], 1);
	reading_go(&one, tg_buf_sv(&text));
	ck_assert_msg(one.rc == 0, "%s", one.w.err.text);
	ck_assert_ptr_null(one.intake.ahead);
	/* All kinds of ends were there. */
	ck_assert_uint_gt(one.w.counts->records, n_lines);
	ck_assert_uint_gt(one.w.counts->texts, n_lines);
	ck_assert_uint_gt(one.w.counts->below, 0);
	ck_assert_uint_gt(one.w.counts->suppressed, 0);
	ck_assert(left_out(&one, "DEC-JSON"));
	ck_assert(left_out(&one, "DEC-SIZE") == large);
	ck_assert(left_out(&one, "RED-ENGINE-ERROR"));
	ck_assert(
	    left_out(&one, "DEC-STREAM") == (modes[_i] != TG_MODE_RECHECK));
	for (size_t i = 0; i < n_numbers; i++) {
		reading_init(&many, modes[_i], numbers[i]);
		reading_go(&many, tg_buf_sv(&text));
		ck_assert_ptr_nonnull(many.intake.ahead);
		ck_assert_ptr_null(many.intake.fewer);
		same(&one, &many);
		reading_deinit(&many);
	}
	reading_deinit(&one);
	tg_buf_deinit(&text);
}
END_TEST

/* The policy stops the run in the middle: what went before has gone, nothing
 * behind it. */
START_TEST(a_record_that_blocks_the_run_blocks_it_in_its_turn)
{
	struct reading one, many;
	struct tg_buf text;

	tg_buf_init(&text, OUT_MAX);
	lines(&text, 0, n_lines / 2);
	add(&text, "{\"text\":\"pay 4111111111111111 now\"}\n", 0);
	lines(&text, n_lines / 2, n_lines);
	for (size_t i = 0; i <= n_numbers; i++) {
		struct reading *x = i == 0 ? &one : &many;

		reading_init(x, TG_MODE_REDACT, i == 0 ? 1 : numbers[i - 1]);
		tg_scanner_set(x->w.pass.scanner,
		    (uint16_t)tg_rules_type_find(x->w.rules, "CARDX"), 50,
		    TG_ACT_BLOCK_RUN);
		reading_go(x, tg_buf_sv(&text));
		ck_assert_int_eq(x->rc, -1);
		ck_assert_int_eq(x->w.err.cls, TG_E_NO);
		if (i == 0)
			continue;
		same(&one, &many);
		reading_deinit(&many);
	}
	reading_deinit(&one);
	tg_buf_deinit(&text);
}
END_TEST

START_TEST(a_listener_that_fails_ends_it_where_one_thread_would)
{
	struct reading one, many;
	struct tg_buf text;

	tg_buf_init(&text, OUT_MAX);
	lines(&text, 0, n_lines);
	for (size_t i = 0; i <= n_numbers; i++) {
		struct reading *x = i == 0 ? &one : &many;

		reading_init(x, TG_MODE_SCAN, i == 0 ? 1 : numbers[i - 1]);
		x->deaf = n_lines / 2;
		reading_go(x, tg_buf_sv(&text));
		ck_assert_int_eq(x->w.err.cls, TG_E_IO);
		ck_assert_uint_eq(x->heard, n_lines / 2);
		if (i == 0)
			continue;
		same(&one, &many);
		/* And another input goes through after it. */
		x->deaf = 0;
		tg_err_clear(&x->w.err);
		reading_go(x, TG_SV("{\"text\":\"a@example.org\"}\n"));
		ck_assert_int_eq(x->rc, 0);
		reading_deinit(&many);
	}
	reading_deinit(&one);
	tg_buf_deinit(&text);
}
END_TEST

static void
numbered(struct reading *x, enum tg_number_scope scope)
{
	const struct tg_operator number = {
	    .action = TG_ACT_NUMBER, .number_scope = scope};

	for (size_t i = 0; i < tg_rules_type_count(x->w.rules); i++) {
		tg_scanner_set(
		    x->w.pass.scanner, (uint16_t)i, 50, TG_ACT_NUMBER);
		tg_operators_set(x->w.pass.ops, (uint16_t)i, &number);
	}
}

START_TEST(numbers_are_the_same_in_every_scope)
{
	static const enum tg_number_scope scopes[] = {
	    TG_NUMBER_RECORD, TG_NUMBER_FILE, TG_NUMBER_RUN};
	struct reading one, many;
	struct tg_buf text;

	tg_buf_init(&text, OUT_MAX);
	lines(&text, 0, n_lines);
	reading_init(&one, TG_MODE_REDACT, 1);
	numbered(&one, scopes[_i]);
	reading_go(&one, tg_buf_sv(&text));
	ck_assert_int_eq(one.rc, 0);
	reading_init(&many, TG_MODE_REDACT, 3);
	numbered(&many, scopes[_i]);
	reading_go(&many, tg_buf_sv(&text));
	ck_assert_int_eq(
	    many.intake.fewer != NULL, scopes[_i] == TG_NUMBER_FILE);
	same(&one, &many);
	reading_deinit(&one);
	reading_deinit(&many);
	tg_buf_deinit(&text);
}
END_TEST

START_TEST(plain_text_is_read_by_several_threads_too)
{
	struct reading one, many;
	struct tg_buf text;

	tg_buf_init(&text, OUT_MAX);
	for (unsigned k = 0; k < n_lines; k++)
		add(&text, "# \"quoted\" a.b@example.org\\\n", k);
	for (unsigned lines_each = 0; lines_each < 2; lines_each++) {
		reading_init(&one, TG_MODE_SCAN, 1);
		reading_init(&many, TG_MODE_SCAN, 3);
		one.intake.frame = many.intake.frame =
		    lines_each ? TG_INPUT_TEXT_LINES : TG_INPUT_TEXT;
		reading_go(&one, tg_buf_sv(&text));
		reading_go(&many, tg_buf_sv(&text));
		ck_assert_uint_eq(
		    one.w.counts->records, lines_each ? n_lines : 1);
		same(&one, &many);
		reading_deinit(&one);
		reading_deinit(&many);
	}
	tg_buf_deinit(&text);
}
END_TEST

/* An input that holds nothing, or breaks off, or follows another. */
START_TEST(inputs_one_after_the_other_are_the_same)
{
	static const char *const texts[] = {"",
	    "{\"text\":\"a@example.org\"}\n", "[1]\n",
	    "{\"text\":\"a@example.org\"}\n{\"text\":\"b@exa", "\n\n"};
	struct reading one, many;

	reading_init(&one, TG_MODE_REDACT, 1);
	reading_init(&many, TG_MODE_REDACT, 2);
	for (size_t i = 0; i < 3 * TG_COUNT(texts); i++) {
		reading_go(&one, tg_sv_of(texts[i % TG_COUNT(texts)]));
		reading_go(&many, tg_sv_of(texts[i % TG_COUNT(texts)]));
		same(&one, &many);
	}
	reading_deinit(&one);
	reading_deinit(&many);
}
END_TEST

Suite *ahead_suite(void);

Suite *
ahead_suite(void)
{
	Suite *s = suite_create("ahead");
	TCase *t = tcase_create("ahead");

	if (getenv("TG_VALGRIND") != NULL) {
		n_lines = 140;
		n_numbers = 1;
		large = false;
	}
	tcase_add_loop_test(
	    t, any_number_of_threads_gives_the_same, 0, (int)TG_COUNT(modes));
	tcase_add_test(t, a_record_that_blocks_the_run_blocks_it_in_its_turn);
	tcase_add_test(t, a_listener_that_fails_ends_it_where_one_thread_would);
	tcase_add_loop_test(t, numbers_are_the_same_in_every_scope, 0, 3);
	tcase_add_test(t, plain_text_is_read_by_several_threads_too);
	tcase_add_test(t, inputs_one_after_the_other_are_the_same);
	suite_add_tcase(s, t);
	return s;
}
