/* What was known of each record: written without its text, bounded, found
 * again, and refused when it is not what was written. */
#include "pipeline/facts.h"

#include <sys/stat.h>

#include "base/fs.h"
#include "pipeline/facts_find.h"
#include "pipeline/sampled.h"
#include "tests/unit/pipeline/way.h"

#include "base/banned.h"

Suite *facts_suite(void);

#define RATE 500000000u
#define FILE_A "traces/a.jsonl"
#define FILE_B "more/a.jsonl"

struct log {
	struct way w;
	struct tg_facts *facts;
	struct tg_sampled drawn;
	char path[256], list[256], dir[256];
	char sha256[TG_SHA256_HEX];
	struct tg_buf text; /* of the file */
};

static int
on_text(void *ctx, const struct tg_record *r, const struct tg_text *text,
    const struct tg_findings *found, struct tg_err *err)
{
	return tg_facts_text(ctx, r, text, found, err);
}

static int
on_record(void *ctx, const struct tg_record *r, struct tg_err *err)
{
	return tg_facts_record(ctx, r, err);
}

static void
log_open(struct log *l)
{
	static const char *const file[] = {FILE_A, FILE_B};
	static const bool real[] = {true, false};
	static const struct tg_class_limits limits = {.k = 5};
	struct tg_facts_run run = {.run = "EXP-1",
	    .file = file,
	    .real = real,
	    .n_file = TG_COUNT(file),
	    .limits = &limits,
	    .salt = "00",
	    .attributes_sha256 = "01"};
	struct way *w = &l->w;

	way_init(w, TG_MODE_EXPORT);
	(void)snprintf(l->dir, sizeof(l->dir), "%s", w->s.dir);
	ck_assert_int_eq(
	    tg_fs_mkdirs(scratch_path(&w->s, TG_FACTS_DIR), 0700, &w->err), 0);
	(void)snprintf(
	    l->path, sizeof(l->path), "%s", scratch_path(&w->s, TG_FACTS_FILE));
	(void)snprintf(
	    l->list, sizeof(l->list), "%s", scratch_path(&w->s, "sample.txt"));
	w->set.sample_unit = TG_SAMPLE_TRACE;
	w->set.sample_key[0] = 1;
	w->set.table_key[0] = 2;
	run.set = &w->set;
	tg_buf_init(&l->text, 64u << 20);
	ck_assert_int_eq(
	    tg_facts_new(&l->facts, l->path, w->rules, &run, &w->err), 0);
	ck_assert_int_eq(tg_sampled_init(&l->drawn, l->list, &w->err), 0);
	w->pass.on_text = on_text;
	w->pass.on_record = on_record;
	w->pass.ctx = l->facts;
	w->pass.drawn = &l->drawn;
	tg_facts_input(l->facts, 0, NULL);
}

static void
log_close(struct log *l)
{
	tg_facts_free(l->facts);
	tg_sampled_deinit(&l->drawn);
	tg_buf_deinit(&l->text);
	way_deinit(&l->w);
}

/* Record @no of the input. */
static void
go(struct log *l, uint64_t no, const char *text)
{
	struct way *w = &l->w;

	tg_record_reset(&w->rec);
	w->rec.raw = tg_sv_of(text);
	w->rec.no = no;
	w->rec.offset = 100 * no;
	(void)!tg_pass_record(&w->pass, &w->rec, &w->code, &w->err);
	tg_err_clear(&w->err);
}

static void
finish(struct log *l, uint64_t records)
{
	const uint64_t n[] = {records, 0}, q[] = {0, 0};
	struct tg_err *err = &l->w.err;

	ck_assert_msg(tg_facts_finish(l->facts, NULL, n, q, TG_COUNT(n),
			  l->sha256, err) == 0,
	    "%s", err->text);
	ck_assert_int_eq(tg_sampled_finish(&l->drawn, l->w.set.sample_key,
			     l->w.set.rate_ppb, err),
	    0);
	ck_assert_int_eq(tg_fs_slurp(&l->text, l->path, NULL, err), 0);
}

static struct tg_json *
find(struct log *l, const char *id)
{
	struct tg_json *out = NULL;

	ck_assert_msg(
	    tg_facts_find(&out, l->dir, id, l->sha256, &l->w.err) == 0, "%s",
	    l->w.err.text);
	return out;
}

static const struct tg_json *
unit(const struct tg_json *found, size_t i)
{
	return tg_json_at(tg_json_get(found, "units"), i);
}

static const struct tg_json *
hit(const struct tg_json *found, size_t i)
{
	return tg_json_at(tg_json_get(unit(found, 0), "found"), i);
}

START_TEST(a_finding_is_told_by_place_and_never_by_its_text)
{
	static const char *const planted[] = {
	    "ann.b@example.org", "sk-123456789012", "Geneva", "trace-7", NULL};
	struct tg_json *f;
	struct log l;

	log_open(&l);
	go(&l, 4,
	    "{\"trace_id\":\"trace-7\",\"prompt\":\"\\u00e9t\\u00e9, "
	    "ann.b@example.org in Geneva, k sk-123456789012\"}");
	finish(&l, 4);
	f = find(&l, FILE_A ":4");
	ck_assert_uint_eq(tg_json_len(tg_json_get(f, "units")), 1);
	ck_assert_str_eq(
	    tg_json_get_str(unit(f, 0), "code", ""), "RED-DROP-RECORD");
	ck_assert_str_eq(tg_json_get_str(unit(f, 0), "stage", ""), "redact");
	ck_assert_str_eq(tg_json_get_str(hit(f, 0), "type", ""), "EMAIL");
	/* Code points of the decoded text, not bytes: 5, not 7. */
	ck_assert_int_eq(tg_json_get_int(hit(f, 0), "from", 0), 5);
	ck_assert_int_eq(tg_json_get_int(hit(f, 0), "to", 0), 22);
	ck_assert_str_eq(tg_json_get_str(hit(f, 1), "type", ""), "SECRETX");
	ck_assert_str_eq(
	    tg_json_get_str(hit(f, 1), "action", ""), "drop_record");
	ck_assert_int_eq(tg_json_get_int(hit(f, 1), "score", 0), 90);
	/* Counted all the same: another policy may let it get there. */
	ck_assert_int_eq(tg_json_get_int(unit(f, 0), "tokens", 0), 21);
	for (size_t i = 0; planted[i] != NULL; i++)
		ck_assert_msg(strstr(l.text.p, planted[i]) == NULL,
		    "%s is in the facts", planted[i]);
	tg_json_free(f);
	log_close(&l);
}
END_TEST

START_TEST(a_record_is_found_by_its_id_and_by_its_place)
{
	struct tg_json *f;
	struct log l;

	log_open(&l);
	go(&l, 1, "{\"trace_id\":\"t-1\",\"text\":\"one\"}");
	go(&l, 2, "{\"trace_id\":\"t-1\",\"text\":\"two\"}");
	go(&l, 3, "{\"trace_id\":\"T-2\",\"text\":\"three\"}");
	finish(&l, 3);
	f = find(&l, "t-1");
	ck_assert_uint_eq(tg_json_len(tg_json_get(f, "units")), 2);
	ck_assert_int_eq(tg_json_get_int(unit(f, 1), "record", 0), 2);
	ck_assert_int_eq(tg_json_get_int(tg_json_get(f, "draw"), "read", 0), 2);
	ck_assert_str_eq(tg_json_get_str(unit(f, 0), "file", ""), FILE_A);
	ck_assert(tg_json_get_bool(unit(f, 0), "real", false));
	tg_json_free(f);
	f = find(&l, "t-2"); /* ids compare without regard to case */
	ck_assert_uint_eq(tg_json_len(tg_json_get(f, "units")), 1);
	tg_json_free(f);
	f = find(&l, "t-3");
	ck_assert_uint_eq(tg_json_len(tg_json_get(f, "units")), 0);
	ck_assert_int_eq(tg_json_kind(tg_json_get(f, "draw")), TG_JSON_NULL);
	ck_assert(tg_json_get_bool(f, "listed", false));
	tg_json_free(f);
	f = find(&l, FILE_A ":2");
	ck_assert_uint_eq(tg_json_len(tg_json_get(f, "units")), 1);
	ck_assert_int_eq(tg_json_get_int(unit(f, 0), "tokens", 0), 1);
	tg_json_free(f);
	/* Both inputs end so; this one has three records. */
	ck_assert_int_eq(
	    tg_facts_find(&f, l.dir, "a.jsonl:1", l.sha256, &l.w.err), -1);
	ck_assert_int_eq(l.w.err.cls, TG_E_USAGE);
	ck_assert_int_eq(
	    tg_facts_find(&f, l.dir, FILE_A ":4", l.sha256, &l.w.err), -1);
	ck_assert_int_eq(l.w.err.cls, TG_E_USAGE);
	log_close(&l);
}
END_TEST

START_TEST(who_is_not_drawn_is_in_the_draw_alone)
{
	struct tg_json *f;
	struct log l;
	char text[64], id[16];
	unsigned out = 0;

	log_open(&l);
	l.w.set.rate_ppb = RATE;
	for (unsigned i = 1; i <= 40; i++) {
		(void)snprintf(text, sizeof(text),
		    "{\"trace_id\":\"t-%u\",\"text\":\"a\"}", i);
		go(&l, i, text);
	}
	finish(&l, 40);
	for (unsigned i = 1; i <= 40; i++) {
		bool listed;

		(void)snprintf(id, sizeof(id), "t-%u", i);
		f = find(&l, id);
		listed = tg_json_len(tg_json_get(f, "units")) == 1;
		out += !listed;
		ck_assert_int_eq(
		    tg_json_get_int(tg_json_get(f, "draw"), "kept", -1),
		    listed);
		tg_json_free(f);
	}
	ck_assert_uint_gt(out, 5);
	ck_assert_uint_lt(out, 35);
	log_close(&l);
}
END_TEST

/* What one record left behind is not the next one's, also where the first
 * went to quarantine. */
START_TEST(findings_of_a_record_that_was_left_out_are_not_those_of_the_next)
{
	struct tg_json *f;
	struct log l;

	log_open(&l);
	go(&l, 1, "{\"text\":\"to x@example.com\",\"text\":1}");
	go(&l, 2, "{\"text\":\"nothing\"}");
	finish(&l, 2);
	f = find(&l, FILE_A ":2");
	ck_assert_uint_eq(tg_json_len(tg_json_get(unit(f, 0), "found")), 0);
	tg_json_free(f);
	log_close(&l);
}
END_TEST

START_TEST(of_many_findings_some_are_told_and_the_rest_counted)
{
	const struct tg_json *rest;
	struct tg_json *f;
	struct tg_buf text;
	struct log l;

	log_open(&l);
	tg_buf_init(&text, 1u << 20);
	ck_assert_int_eq(tg_buf_adds(&text, "{\"text\":\"", &l.w.err), 0);
	for (unsigned i = 0; i < TG_FACTS_FOUND + 7; i++)
		ck_assert_int_eq(
		    tg_buf_adds(&text, "to x@example.com, ", &l.w.err), 0);
	ck_assert_int_eq(tg_buf_adds(&text, "\"}", &l.w.err), 0);
	go(&l, 1, text.p);
	finish(&l, 1);
	f = find(&l, FILE_A ":1");
	ck_assert_uint_eq(
	    tg_json_len(tg_json_get(unit(f, 0), "found")), TG_FACTS_FOUND);
	ck_assert_int_eq(tg_json_get_int(unit(f, 0), "more", 0), 7);
	rest = tg_json_at(tg_json_get(unit(f, 0), "rest"), 0);
	ck_assert_str_eq(tg_json_get_str(rest, "type", ""), "EMAIL");
	ck_assert_int_eq(tg_json_get_int(rest, "n", 0), 7);
	tg_json_free(f);
	tg_buf_deinit(&text);
	log_close(&l);
}
END_TEST

/* ---- damage ------------------------------------------------------------ */

enum damage {
	CUT_LAST_LINE,
	CUT_A_LINE,
	CUT_A_BYTE,
	CHANGE_A_DIGIT,
	ADD_A_LINE,
	EMPTY,
	OTHER_SCHEMA,
	NO_JSON,
	DAMAGES
};

static size_t
line_at(const struct tg_buf *b, unsigned no)
{
	size_t at = 0;

	while (no-- > 0)
		at = (size_t)((const char *)memchr(b->p + at, '\n', b->n - at) -
			 b->p) +
		    1;
	return at;
}

static void
damage(struct log *l, enum damage how)
{
	struct tg_buf *b = &l->text;
	const size_t unit = line_at(b, 1), next = line_at(b, 2),
		     end = line_at(b, 3);
	char *at;

	switch (how) {
	case CUT_LAST_LINE:
		b->n = end;
		break;
	case CUT_A_LINE:
		memmove(b->p + unit, b->p + next, b->n - next);
		b->n -= next - unit;
		break;
	case CUT_A_BYTE:
		b->n--;
		break;
	case CHANGE_A_DIGIT:
		at = strstr(b->p + unit, "\"bytes\":");
		ck_assert_ptr_nonnull(at);
		at[8] = at[8] == '9' ? '8' : '9';
		break;
	case ADD_A_LINE:
		ck_assert_int_eq(
		    tg_buf_adds(b, "{\"line\":\"unit\"}\n", NULL), 0);
		break;
	case EMPTY:
		b->n = 0;
		break;
	case OTHER_SCHEMA:
		at = strstr(b->p, "facts/1");
		ck_assert_ptr_nonnull(at);
		at[6] = '2';
		break;
	case NO_JSON:
		b->p[unit] = 'x';
		break;
	case DAMAGES:
		break;
	}
	ck_assert_int_eq(
	    tg_fs_write(l->path, tg_buf_sv(b), 0600, TG_FS_OVERWRITE, NULL), 0);
}

START_TEST(a_damaged_log_is_no_log)
{
	struct tg_json *f = NULL;
	struct log l;

	log_open(&l);
	go(&l, 1, "{\"trace_id\":\"t-1\",\"text\":\"to x@example.com\"}");
	go(&l, 2, "{\"trace_id\":\"t-2\",\"text\":\"two\"}");
	finish(&l, 2);
	damage(&l, (enum damage)_i);
	ck_assert_int_eq(
	    tg_facts_find(&f, l.dir, "t-1", l.sha256, &l.w.err), -1);
	ck_assert_msg(
	    l.w.err.cls == TG_E_INTEGRITY, "%d: %s", _i, l.w.err.text);
	ck_assert_ptr_null(f);
	log_close(&l);
}
END_TEST

START_TEST(a_damaged_draw_is_no_draw)
{
	static const char *const bad[] = {"", "x\n", "tracegate-sample/1 00\n",
	    "tracegate-sample/1 0100000000000000000000000000000000000000000000"
	    "000000000000000000\n"
	    "0123456789abcdef 1\n",
	    "tracegate-sample/1 0100000000000000000000000000000000000000000000"
	    "000000000000000000\n"
	    "0123456789abcdef 1 2\n",
	    "tracegate-sample/1 0100000000000000000000000000000000000000000000"
	    "000000000000000000\n"
	    "0123456789abcdef 1 1"};
	struct tg_json *f = NULL;
	struct log l;

	log_open(&l);
	go(&l, 1, "{\"trace_id\":\"t-1\",\"text\":\"one\"}");
	finish(&l, 1);
	for (size_t i = 0; i < TG_COUNT(bad); i++) {
		ck_assert_int_eq(tg_fs_write(l.list, tg_sv_of(bad[i]), 0600,
				     TG_FS_OVERWRITE, NULL),
		    0);
		ck_assert_int_eq(
		    tg_facts_find(&f, l.dir, "t-1", l.sha256, &l.w.err), -1);
		ck_assert_msg(
		    l.w.err.cls == TG_E_INTEGRITY, "%zu: %s", i, l.w.err.text);
	}
	log_close(&l);
}
END_TEST

START_TEST(what_is_gone_is_said_to_be_gone)
{
	struct tg_json *f;
	struct log l;

	log_open(&l);
	go(&l, 1, "{\"trace_id\":\"t-1\",\"text\":\"one\"}");
	finish(&l, 1);
	ck_assert_int_eq(unlink(l.path), 0);
	f = find(&l, "t-1");
	ck_assert_int_eq(tg_json_kind(tg_json_get(f, "head")), TG_JSON_NULL);
	ck_assert_int_eq(tg_json_get_int(tg_json_get(f, "draw"), "kept", 0), 1);
	tg_json_free(f);
	ck_assert_int_eq(unlink(l.list), 0);
	f = find(&l, "t-1");
	ck_assert(!tg_json_get_bool(f, "listed", true));
	tg_json_free(f);
	log_close(&l);
}
END_TEST

START_TEST(the_log_is_closed_to_others_and_whole_or_not_there)
{
	struct stat st;
	struct log l;

	log_open(&l);
	go(&l, 1, "{\"text\":\"one\"}");
	ck_assert(!tg_fs_exists(l.path));
	finish(&l, 1);
	ck_assert_int_eq(stat(l.path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	log_close(&l);
}
END_TEST

Suite *
facts_suite(void)
{
	Suite *s = suite_create("pipeline/facts");
	TCase *t = tcase_create("all");

	tcase_add_test(t, a_finding_is_told_by_place_and_never_by_its_text);
	tcase_add_test(t, a_record_is_found_by_its_id_and_by_its_place);
	tcase_add_test(t, who_is_not_drawn_is_in_the_draw_alone);
	tcase_add_test(t,
	    findings_of_a_record_that_was_left_out_are_not_those_of_the_next);
	tcase_add_test(t, of_many_findings_some_are_told_and_the_rest_counted);
	tcase_add_loop_test(t, a_damaged_log_is_no_log, 0, DAMAGES);
	tcase_add_test(t, a_damaged_draw_is_no_draw);
	tcase_add_test(t, what_is_gone_is_said_to_be_gone);
	tcase_add_test(t, the_log_is_closed_to_others_and_whole_or_not_there);
	suite_add_tcase(s, t);
	return s;
}
