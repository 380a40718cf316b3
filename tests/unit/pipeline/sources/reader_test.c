/* reader_test.c - an input as a row of records. */
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pipeline/sources/reader.h"
#include "tests/unit/pipeline/sources/suites.h"

#include "base/banned.h"

static struct tg_buf raw, spilled;
static uint64_t spilled_no, spilled_pieces, spilled_max;

static int
keep(void *ctx, const struct tg_reader_rec *rec, const void *p, size_t n,
    struct tg_err *err)
{
	struct tg_buf *b = ctx;

	spilled_no = rec->no;
	spilled_pieces++;
	if (n > spilled_max)
		spilled_max = n;
	return b == NULL ? 0 : tg_buf_add(b, p, n, err);
}

static void
setup(void)
{
	tg_buf_init(&raw, 128u << 20);
	tg_buf_init(&spilled, 128u << 20);
	spilled_no = spilled_pieces = spilled_max = 0;
}

static void
teardown(void)
{
	tg_buf_deinit(&raw);
	tg_buf_deinit(&spilled);
}

static struct tg_reader *
opened(struct tg_sv in, const struct tg_reader_limits *limits)
{
	struct tg_reader *r = NULL;
	struct tg_err err;

	ck_assert_msg(tg_reader_open_fd(&r, input_fd(in.p, in.n), "in.jsonl",
			  limits, &err) == 0,
	    "%s", err.text);
	return r;
}

/* The input as "|"-separated records: text, and ^ for a CR LF, $ for no line
 * end, ! for oversized. */
static void
records_are(struct tg_sv in, const struct tg_reader_limits *limits,
    enum tg_frame frame, const char *want)
{
	struct tg_reader *r = opened(in, limits);
	struct tg_reader_rec rec;
	struct tg_buf got;
	uint64_t no = 0;
	int rc;

	tg_buf_init(&got, 1u << 20);
	ck_assert_int_eq(tg_reader_info(r)->frame, frame);
	while ((rc = tg_reader_next(r, &rec, NULL)) == 1) {
		ck_assert_uint_eq(rec.no, ++no);
		ck_assert(!rec.cut);
		if (!rec.oversized) {
			ck_assert_uint_eq(rec.size, rec.text.n);
			if (!tg_reader_info(r)->bom &&
			    tg_reader_info(r)->codec == TG_CODEC_PLAIN)
				ck_assert_mem_eq(
				    in.p + rec.offset, rec.text.p, rec.size);
		}
		ck_assert_int_eq(
		    tg_buf_addf(&got, NULL, "%.*s%s|", TG_SV_FMT(rec.text),
			rec.oversized	   ? "!"
			    : rec.eol == 2 ? "^"
			    : rec.eol == 0 ? "$"
					   : ""),
		    0);
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 0);
	ck_assert_uint_eq(tg_reader_info(r)->records, no);
	ck_assert_msg(tg_sv_is(tg_buf_sv(&got), want), "%.*s, not %s",
	    TG_SV_FMT(tg_buf_sv(&got)), want);
	tg_buf_deinit(&got);
	tg_reader_free(r);
}

static const struct {
	const char *in;
	enum tg_frame frame;
	const char *want;
} rows[] = {
    {"", TG_FRAME_EMPTY, ""},
    {" \n\r\n\t", TG_FRAME_EMPTY, ""},
    {"{\"a\":1}", TG_FRAME_LINES, "{\"a\":1}$|"},
    {"{\"a\":1}\n", TG_FRAME_LINES, "{\"a\":1}|"},
    {"{\"a\":1}\n{\"a\":2}", TG_FRAME_LINES, "{\"a\":1}|{\"a\":2}$|"},
    {"{\"a\":1}\r\n{\"a\":2}\n", TG_FRAME_LINES, "{\"a\":1}^|{\"a\":2}|"},
    {"\n{\"a\":1}\n\r\n  \n{\"a\":2}\n\n", TG_FRAME_LINES,
	"{\"a\":1}|{\"a\":2}|"},
    {" {\"a\":1} \n", TG_FRAME_LINES, " {\"a\":1} |"},
    {"{bad\n{\"a\":2}\n", TG_FRAME_LINES, "{bad|{\"a\":2}|"},
    {"{\"a\":1}\nnot JSON\n", TG_FRAME_LINES, "{\"a\":1}|not JSON|"},
    {"{\"a\":1}\n{\"a\":2}\r", TG_FRAME_LINES, "{\"a\":1}|{\"a\":2}\r$|"},
    {"{\n\"a\":1\n}\n", TG_FRAME_DOCUMENT, "{\n\"a\":1\n}|"},
    {"{\n\"a\":1\n}", TG_FRAME_DOCUMENT, "{\n\"a\":1\n}$|"},
    {"{\r\n\"a\":1\r\n}\r\n", TG_FRAME_DOCUMENT, "{\r\n\"a\":1\r\n}^|"},
    {"\n[\n{\"a\":1},\n{\"a\":2}\n]\n\n", TG_FRAME_DOCUMENT,
	"\n[\n{\"a\":1},\n{\"a\":2}\n]\n|"},
};

START_TEST(records_come_as_they_are_framed)
{
	for (size_t i = 0; i < TG_COUNT(rows); i++)
		records_are(
		    tg_sv_of(rows[i].in), NULL, rows[i].frame, rows[i].want);
}
END_TEST

START_TEST(compressed_inputs_give_the_same_records)
{
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		for (int k = 0; k < 2; k++) {
			tg_buf_reset(&raw);
			(k == 0 ? input_gzip : input_zstd)(
			    &raw, rows[i].in, strlen(rows[i].in));
			records_are(
			    tg_buf_sv(&raw), NULL, rows[i].frame, rows[i].want);
		}
	}
}
END_TEST

START_TEST(lines_and_documents_can_be_forced)
{
	const struct tg_reader_limits lines = {.frame = TG_FRAME_LINES},
				      doc = {.frame = TG_FRAME_DOCUMENT};

	records_are(TG_SV("one\n\ntwo"), &lines, TG_FRAME_LINES, "one|two$|");
	records_are(
	    TG_SV("one\n\ntwo\n"), &doc, TG_FRAME_DOCUMENT, "one\n\ntwo|");
	records_are(TG_SV("{\"a\":1}\n{\"a\":2}\n"), &doc, TG_FRAME_DOCUMENT,
	    "{\"a\":1}\n{\"a\":2}|");
	records_are(TG_SV(""), &doc, TG_FRAME_DOCUMENT, "");
}
END_TEST

START_TEST(a_byte_order_mark_is_skipped_and_noted)
{
	struct tg_reader *r;
	struct tg_reader_rec rec;

	records_are(TG_SV("\xef\xbb\xbf{\"a\":1}\n"), NULL, TG_FRAME_LINES,
	    "{\"a\":1}|");
	r = opened(TG_SV("\xef\xbb\xbf{\"a\":1}\n"), NULL);
	ck_assert(tg_reader_info(r)->bom);
	ck_assert(tg_sv_is(tg_reader_head(r), "{\"a\":1}\n"));
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 1);
	ck_assert_uint_eq(rec.offset, 3);
	tg_reader_free(r);
	records_are(TG_SV("\xef\xbb\xbf"), NULL, TG_FRAME_EMPTY, "");
}
END_TEST

START_TEST(lines_offsets_and_counts_are_right)
{
	struct tg_reader *r =
	    opened(TG_SV("\n\r\n{\"a\":1}\r\n \n{\"b\":2}"), NULL);
	struct tg_reader_rec rec;

	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 1);
	ck_assert_uint_eq(rec.line, 3);
	ck_assert_uint_eq(rec.offset, 3);
	ck_assert_uint_eq(rec.size, 7);
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 1);
	ck_assert_uint_eq(rec.no, 2);
	ck_assert_uint_eq(rec.line, 5);
	ck_assert_uint_eq(rec.offset, 14);
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 0);
	ck_assert_uint_eq(tg_reader_info(r)->empty_lines, 3);
	ck_assert_uint_eq(tg_reader_info(r)->bytes, 21);
	ck_assert(tg_reader_info(r)->no_eol);
	tg_reader_free(r);
}
END_TEST

static void
add_line(const char *before, size_t fill, const char *behind)
{
	ck_assert_int_eq(tg_buf_adds(&raw, before, NULL), 0);
	ck_assert_int_eq(tg_buf_reserve(&raw, fill, NULL), 0);
	memset(raw.p + raw.n, 'x', fill);
	raw.n += fill;
	ck_assert_int_eq(tg_buf_adds(&raw, behind, NULL), 0);
}

/* Around the limit, with each line end, small and large limits. */
START_TEST(what_is_longer_than_the_limit_is_spilled_whole)
{
	static const size_t max[] = {100, 5000, 700000};
	static const char *const eol[] = {"\n", "\r\n", ""};

	for (size_t m = 0; m < TG_COUNT(max); m++) {
		for (size_t e = 0; e < TG_COUNT(eol); e++) {
			for (size_t n = max[m] - 2; n <= max[m] + 4; n++) {
				const struct tg_reader_limits lim = {
				    .record_max = max[m],
				    .spill = keep,
				    .spill_ctx = &spilled};
				struct tg_reader_rec rec;
				struct tg_reader *r;

				tg_buf_reset(&raw);
				tg_buf_reset(&spilled);
				add_line("{\"n\":0}\n{\"a\":\"", n - 8, "\"}");
				ck_assert_int_eq(
				    tg_buf_adds(&raw, eol[e], NULL), 0);
				if (e < 2)
					add_line("{\"n\":1}\n", 0, "");
				r = opened(tg_buf_sv(&raw), &lim);
				ck_assert_int_eq(
				    tg_reader_next(r, &rec, NULL), 1);
				ck_assert_int_eq(
				    tg_reader_next(r, &rec, NULL), 1);
				ck_assert(rec.oversized == (n > max[m]));
				ck_assert_uint_eq(rec.size, n);
				ck_assert_uint_eq(rec.offset, 8);
				ck_assert_uint_eq(rec.eol, strlen(eol[e]));
				if (rec.oversized) {
					ck_assert_uint_eq(spilled.n, n);
					ck_assert_mem_eq(
					    spilled.p, raw.p + 8, n);
					ck_assert_uint_eq(spilled_no, 2);
					ck_assert_uint_eq(rec.text.n, 0);
				}
				if (e < 2) {
					ck_assert_int_eq(
					    tg_reader_next(r, &rec, NULL), 1);
					ck_assert(
					    tg_sv_is(rec.text, "{\"n\":1}"));
				}
				ck_assert_int_eq(
				    tg_reader_next(r, &rec, NULL), 0);
				tg_reader_free(r);
			}
		}
	}
}
END_TEST

START_TEST(a_first_line_longer_than_the_limit_does_not_hide_the_others)
{
	const struct tg_reader_limits lim = {.record_max = 200000};

	add_line("{\"a\":\"", 1000000, "\"}\n{\"b\":1}\n");
	records_are(tg_buf_sv(&raw), &lim, TG_FRAME_LINES, "!|{\"b\":1}|");
}
END_TEST

START_TEST(a_first_line_longer_than_the_head_is_a_line)
{
	struct tg_reader *r;
	struct tg_reader_rec rec;

	add_line("{\"a\":\"", 300000, "\"}\n{\"b\":1}\n");
	r = opened(tg_buf_sv(&raw), NULL);
	ck_assert_int_eq(tg_reader_info(r)->frame, TG_FRAME_LINES);
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 1);
	ck_assert_uint_eq(rec.size, 300008);
	ck_assert(!rec.oversized);
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 1);
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 0);
	tg_reader_free(r);
}
END_TEST

START_TEST(a_document_longer_than_the_limit_is_spilled_whole)
{
	const struct tg_reader_limits lim = {
	    .record_max = 100000, .spill = keep, .spill_ctx = &spilled};
	struct tg_reader_rec rec;
	struct tg_reader *r;

	add_line("{\n\"a\": \"", 900000, "\"\n}\r\n");
	r = opened(tg_buf_sv(&raw), &lim);
	ck_assert_int_eq(tg_reader_info(r)->frame, TG_FRAME_DOCUMENT);
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 1);
	ck_assert(rec.oversized);
	ck_assert_uint_eq(rec.size, raw.n - 2);
	ck_assert_uint_eq(rec.eol, 2);
	ck_assert_uint_eq(spilled.n, raw.n - 2);
	ck_assert_mem_eq(spilled.p, raw.p, spilled.n);
	ck_assert_uint_gt(spilled_pieces, 1);
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 0);
	ck_assert_uint_eq(tg_reader_info(r)->oversized, 1);
	tg_reader_free(r);
}
END_TEST

static int
full(void *ctx, const struct tg_reader_rec *rec, const void *p, size_t n,
    struct tg_err *err)
{
	(void)ctx;
	(void)rec;
	(void)p;
	(void)n;
	return tg_fail(err, TG_E_IO, "quarantine is full");
}

START_TEST(a_spill_that_fails_fails_the_read)
{
	const struct tg_reader_limits lim = {.record_max = 100, .spill = full};
	struct tg_reader_rec rec;
	struct tg_reader *r;
	struct tg_err err;

	add_line("{\"a\":\"", 1000, "\"}\n");
	r = opened(tg_buf_sv(&raw), &lim);
	ck_assert_int_eq(tg_reader_next(r, &rec, &err), -1);
	ck_assert_str_eq(err.text, "quarantine is full");
	tg_reader_free(r);
}
END_TEST

/* Whatever the cut: whole lines first, then the piece with cut set, then the
 * error, again and again. */
START_TEST(a_cut_stream_gives_its_whole_lines_and_then_the_error)
{
	size_t whole_n;

	for (unsigned i = 0; i < 2000; i++)
		ck_assert_int_eq(
		    tg_buf_addf(&spilled, NULL, "{\"n\":%u,\"s\":\"%x\"}\n", i,
			i * 2654435761u),
		    0);
	for (int k = 0; k < 2; k++) {
		tg_buf_reset(&raw);
		(k == 0 ? input_gzip : input_zstd)(&raw, spilled.p, spilled.n);
		whole_n = raw.n;
		for (raw.n = 4; raw.n < whole_n; raw.n += 97) {
			struct tg_reader_rec rec = {.cut = false};
			struct tg_reader *r;
			struct tg_err err;
			size_t at = 0;
			int rc = 1;

			if (tg_reader_open_fd(&r, input_fd(raw.p, raw.n), "in",
				NULL, &err) < 0) {
				ck_assert_int_eq(err.cls, TG_E_INPUT);
				continue;
			}
			while ((rc = tg_reader_next(r, &rec, &err)) == 1) {
				ck_assert_mem_eq(
				    rec.text.p, spilled.p + at, rec.size);
				ck_assert(rec.cut == (rec.eol == 0));
				at += rec.size + rec.eol;
			}
			ck_assert_int_eq(rc, -1);
			ck_assert_int_eq(err.cls, TG_E_INPUT);
			ck_assert_uint_eq(at, tg_reader_info(r)->bytes);
			ck_assert_int_eq(tg_reader_next(r, &rec, &err), -1);
			tg_reader_free(r);
		}
	}
}
END_TEST

START_TEST(a_cut_document_is_marked)
{
	struct tg_reader_rec rec;
	struct tg_reader *r;
	struct tg_err err;

	add_line("{\n\"a\": \"", 200, "\"\n}\n");
	input_gzip(&spilled, raw.p, raw.n);
	r = opened((struct tg_sv){spilled.p, spilled.n - 8}, NULL);
	ck_assert_int_eq(tg_reader_info(r)->frame, TG_FRAME_DOCUMENT);
	ck_assert_int_eq(tg_reader_next(r, &rec, &err), 1);
	ck_assert(rec.cut);
	ck_assert_int_eq(tg_reader_next(r, &rec, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_INPUT);
	tg_reader_free(r);
}
END_TEST

START_TEST(a_bomb_gives_its_records_and_then_the_limit)
{
	const struct tg_reader_limits lim = {.out_max = 1u << 20};
	struct tg_reader_rec rec;
	struct tg_reader *r;
	struct tg_err err;
	uint64_t n = 0;
	int rc;

	for (unsigned i = 0; i < 300000; i++)
		add_line("{\"a\":1}\n", 0, "");
	input_zstd(&spilled, raw.p, raw.n);
	r = opened(tg_buf_sv(&spilled), &lim);
	while ((rc = tg_reader_next(r, &rec, &err)) == 1)
		n++;
	ck_assert_int_eq(rc, -1);
	ck_assert_int_eq(err.cls, TG_E_LIMIT);
	ck_assert_uint_le(n, (1u << 20) / 8 + 1);
	ck_assert_uint_gt(n, 90000);
	tg_reader_free(r);
}
END_TEST

/* 256 MiB in one line behind a record: the buffer stays at the limit,
 * and the process does not grow by what is read. */
START_TEST(memory_does_not_grow_with_the_input)
{
	enum { MIB = 256 };
	const struct tg_reader_limits lim = {
	    .record_max = 1u << 20, .ratio_max = UINT32_MAX, .spill = keep};
	struct tg_reader_rec rec;
	struct tg_reader *r;
	char *line = malloc(1u << 20);
	struct rusage before, after;

	ck_assert_ptr_nonnull(line);
	memset(line, 'x', 1u << 20);
	input_zstd(&raw, "{\"a\":1}\n{\"b\":\"", 14);
	for (int i = 0; i < MIB; i++)
		input_zstd(&raw, line, 1u << 20);
	input_zstd(&raw, "\"}\n{\"c\":1}\n", 11);
	free(line);
	r = opened(tg_buf_sv(&raw), &lim);
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 1);
	(void)getrusage(RUSAGE_SELF, &before);
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 1);
	ck_assert(rec.oversized);
	ck_assert_uint_eq(rec.size, ((uint64_t)MIB << 20) + 8);
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 1);
	ck_assert(tg_sv_is(rec.text, "{\"c\":1}"));
	ck_assert_int_eq(tg_reader_next(r, &rec, NULL), 0);
	(void)getrusage(RUSAGE_SELF, &after);
	ck_assert_uint_le(tg_reader_info(r)->memory, (1u << 20) + 3);
	ck_assert_uint_le(spilled_max, (1u << 20) + 3);
	ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 16 << 10);
	tg_reader_free(r);
}
END_TEST

START_TEST(refused_formats_say_why_and_how_to_convert)
{
	static const struct {
		struct tg_sv in;
		const char *text, *hint;
	} file[] = {
	    {{"\x80\x04\x95.", 4}, "Python pickle", "weights_only=True"},
	    {{"PK\x03\x04....", 8}, "zip container", "weights_only=True"},
	    {{"PAR1....", 8}, "Parquet", "read_parquet"},
	    {{"\0\0\x01\x20\x0a\x9d\x02", 7}, "protobuf", "format: json"},
	    {{"\x02\0\0\0\0\0\0\0{}", 10}, "safetensors", "name the file"},
	};

	for (size_t i = 0; i < TG_COUNT(file); i++) {
		struct tg_reader *r = NULL;
		struct tg_err err;

		ck_assert_int_eq(
		    tg_reader_open_fd(&r, input_fd(file[i].in.p, file[i].in.n),
			"in", NULL, &err),
		    -1);
		ck_assert_ptr_null(r);
		ck_assert_int_eq(err.cls, TG_E_INPUT);
		ck_assert_ptr_nonnull(strstr(err.text, file[i].text));
		ck_assert_ptr_nonnull(strstr(err.hint, file[i].hint));
		/* And inside a compressed file. */
		tg_buf_reset(&raw);
		input_zstd(&raw, file[i].in.p, file[i].in.n);
		ck_assert_int_eq(tg_reader_open_fd(&r, input_fd(raw.p, raw.n),
				     "in", NULL, &err),
		    -1);
		ck_assert_int_eq(err.cls, TG_E_INPUT);
	}
}
END_TEST

START_TEST(the_digest_is_what_sha256sum_prints)
{
	uint8_t got[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];
	struct tg_reader *r = opened(TG_SV("{}\n"), NULL);
	uint64_t bytes;

	ck_assert_int_eq(tg_reader_digest(r, got, &bytes, NULL), 0);
	tg_sha256_hex(hex, got);
	/* printf '{}\n' | sha256sum */
	ck_assert_str_eq(hex,
	    "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356");
	ck_assert_uint_eq(bytes, 3);
	tg_reader_free(r);
}
END_TEST

START_TEST(a_file_that_is_not_there_is_named)
{
	struct tg_reader *r = NULL;
	struct tg_err err;

	ck_assert_int_eq(
	    tg_reader_open(&r, "/nowhere/in.jsonl", NULL, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	ck_assert_ptr_nonnull(strstr(err.text, "/nowhere/in.jsonl"));
	ck_assert_int_eq(tg_reader_open(&r, "/", NULL, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_IO);
	ck_assert_ptr_null(r);
}
END_TEST

START_TEST(a_limit_that_is_too_large_is_refused)
{
	const struct tg_reader_limits lim = {
	    .record_max = TG_READER_RECORD_MAX + 1};
	struct tg_reader *r = NULL;
	struct tg_err err;

	ck_assert_int_eq(
	    tg_reader_open_fd(&r, input_fd("", 0), "in", &lim, &err), -1);
	ck_assert_int_eq(err.cls, TG_E_USAGE);
	ck_assert_ptr_null(r);
}
END_TEST

Suite *
reader_suite(void)
{
	Suite *s = suite_create("reader");
	TCase *t = tcase_create("reader");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, records_come_as_they_are_framed);
	tcase_add_test(t, compressed_inputs_give_the_same_records);
	tcase_add_test(t, lines_and_documents_can_be_forced);
	tcase_add_test(t, a_byte_order_mark_is_skipped_and_noted);
	tcase_add_test(t, lines_offsets_and_counts_are_right);
	tcase_add_test(t, what_is_longer_than_the_limit_is_spilled_whole);
	tcase_add_test(
	    t, a_first_line_longer_than_the_limit_does_not_hide_the_others);
	tcase_add_test(t, a_first_line_longer_than_the_head_is_a_line);
	tcase_add_test(t, a_document_longer_than_the_limit_is_spilled_whole);
	tcase_add_test(t, a_spill_that_fails_fails_the_read);
	tcase_add_test(
	    t, a_cut_stream_gives_its_whole_lines_and_then_the_error);
	tcase_add_test(t, a_cut_document_is_marked);
	tcase_add_test(t, a_bomb_gives_its_records_and_then_the_limit);
	tcase_add_test(t, memory_does_not_grow_with_the_input);
	tcase_add_test(t, refused_formats_say_why_and_how_to_convert);
	tcase_add_test(t, the_digest_is_what_sha256sum_prints);
	tcase_add_test(t, a_file_that_is_not_there_is_named);
	tcase_add_test(t, a_limit_that_is_too_large_is_refused);
	suite_add_tcase(s, t);
	return s;
}
