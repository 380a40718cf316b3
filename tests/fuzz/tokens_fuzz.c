/*
 * tokens_fuzz.c - any pieces as the tokens of a record.
 *
 * An input is tokens, apart by a zero byte; what is no UTF-8 in them becomes a
 * question mark.  One of digits behind a byte 1 is a number, one that is the
 * byte 2 stands for null, 3 for a fraction, 4 for an object; the array is
 * content then.  When the first byte is 5 or 6, the array is one of content,
 * under a name or known by its marks, and a piece that begins with 2 to 6 is a
 * number or another value.  When it is 14, the array is one of rows, a piece
 * that is the byte 7 ends one, and the tokens are not counted.  What holds for
 * each:
 *  - the record of the tokens comes out as JSON with as many tokens, each the
 *    one that was there, or empty, or a replacement;
 *  - a second pass over what came out finds nothing and changes nothing.
 */
#include "base/crypt.h"
#include "pipeline/settings.h"
#include "pipeline/stage.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define INPUT_BYTES 2048
#define ROWS 14
#define RECORD_MAX (1u << 20)

static struct tg_rules *rules;
static struct tg_attributes *attrs;
static struct tg_settings set;

int
LLVMFuzzerInitialize(int *argc TG_UNUSED, char ***argv TG_UNUSED)
{
	const char *root = getenv("TG_ROOT");
	char path[512];

	hold(tg_crypt_init(NULL) == 0, "libsodium");
	rules = built_in_rules();
	(void)snprintf(path, sizeof(path), "%s/policies/otel-attributes.yaml",
	    root == NULL ? "." : root);
	hold(tg_attributes_load(&attrs, path, NULL) == 0, "attributes");
	tg_settings_plain(&set, TG_MODE_REDACT);
	return 0;
}

/* A piece that begins with a control character is no string. */
static int
other(struct tg_buf *out, struct tg_sv p)
{
	static const char *const values[] = {
	    "null", "true", "0.25", "{\"a\": 1}", "[]", "1e9", "-3.0", "7"};
	const char kind = *p.p;
	int bad = 0;
	size_t n = 0;

	p.p++;
	p.n--;
	switch (kind) {
	case 2: /* a whole number */
	case 3:
		while (n < p.n && n < 24 && p.p[n] >= '0' && p.p[n] <= '9')
			n++;
		if (n == 0 || p.p[0] == '0')
			return tg_buf_adds(out, "17", NULL);
		if (kind == 3)
			bad |= tg_buf_adds(out, "-", NULL);
		return bad | tg_buf_add(out, p.p, n, NULL);
	case 4:
		return tg_buf_adds(out,
		    values[p.n > 0 ? (unsigned char)p.p[0] % TG_COUNT(values)
				   : 0],
		    NULL);
	case 5: /* in an array, in an object */
	case 6:
		bad |= tg_buf_adds(
		    out, kind == 5 ? "[\"" : "{\"stringValue\": \"", NULL);
		bad |= tg_json_escape(out, p, NULL);
		return bad |
		    tg_buf_adds(out, kind == 5 ? "\", 5]" : "\"}", NULL);
	default:
		return tg_buf_adds(out, "\"\"", NULL);
	}
}

/* What a piece stands for that is no string; NULL: it is one. */
static const char *
no_string(struct tg_sv piece)
{
	bool digits = piece.n > 1 && piece.n < 24 && *piece.p == 1;

	for (size_t i = 1; i < piece.n && digits; i++)
		digits =
		    piece.p[i] >= (i == 1 ? '1' : '0') && piece.p[i] <= '9';
	if (digits)
		return "";
	if (piece.n != 1)
		return NULL;
	return *piece.p == 2 ? "null"
	    : *piece.p == 3  ? "0.5"
	    : *piece.p == 4  ? "{\"a\": 1}"
			     : NULL;
}

static bool
mixed(const char *p, size_t n)
{
	size_t from = 0;

	while (from < n) {
		const char *end = memchr(p + from, '\0', n - from);
		const size_t to = end == NULL ? n : (size_t)(end - p);

		if (no_string((struct tg_sv){p + from, to - from}) != NULL)
			return true;
		from = to + 1;
	}
	return false;
}

static int
string(struct tg_buf *out, struct tg_sv said)
{
	int bad = 0;

	bad |= tg_buf_adds(out, "\"", NULL);
	bad |= tg_json_escape(out, said, NULL);
	return bad | tg_buf_adds(out, "\"", NULL);
}

static int
piece(struct tg_buf *out, struct tg_sv said, bool first)
{
	const char *plain = first ? NULL : no_string(said);

	if (first && said.n > 0 && *said.p > 1 && *said.p < 7)
		return other(out, said);
	if (plain != NULL && *plain != '\0')
		return tg_buf_adds(out, plain, NULL);
	if (plain != NULL)
		return tg_buf_add(out, said.p + 1, said.n - 1, NULL);
	return string(out, said);
}

/* The record of the pieces of @p; their number. */
static size_t
record(struct tg_buf *out, char *p, size_t n)
{
	const bool rows = n > 0 && *p == ROWS;
	const bool first = n > 0 && (*p == 5 || *p == 6 || rows);
	const char *head = "{\"tokens\": [";
	size_t from = first ? 1 : 0, tokens = 0;
	int bad = 0;

	for (size_t i = 0; i < n; i++) {
		i += tg_utf8_valid((struct tg_sv){p + i, n - i});
		if (i < n)
			p[i] = '?';
	}
	if (first)
		head = rows   ? "{\"metadata\": {\"x\": [["
		    : *p == 5 ? "{\"metadata\": {\"x_tokens\": ["
			      : "{\"metadata\": {\"x\": [";
	else if (mixed(p, n))
		head = "{\"metadata\": {\"x_tokens\": [";
	bad |= tg_buf_adds(out, head, NULL);
	while (from < n) {
		const char *end = memchr(p + from, '\0', n - from);
		const size_t to = end == NULL ? n : (size_t)(end - p);

		if (rows && to - from == 1 && p[from] == 7) {
			bad |= tg_buf_adds(out, "], [", NULL);
			tokens = 0;
			from = to + 1;
			continue;
		}
		if (tokens++ > 0)
			bad |= tg_buf_adds(out, ", ", NULL);
		bad |= piece(out, (struct tg_sv){p + from, to - from}, first);
		from = to + 1;
	}
	bad |= tg_buf_adds(out, rows ? "]" : "", NULL);
	bad |=
	    tg_buf_adds(out, strstr(head, "meta") != NULL ? "]}}" : "]}", NULL);
	hold(bad == 0, "memory");
	return rows ? 0 : tokens;
}

/* One pass; false when the record does not leave. */
static bool
pass(struct tg_buf *out, struct tg_sv raw, uint64_t *spans)
{
	struct tg_counts *counts = calloc(1, sizeof(*counts));
	struct tg_err err = {.cls = TG_E_NONE};
	const char *code = "";
	struct tg_record r;
	struct tg_pass p;
	bool left;

	hold(counts != NULL, "memory");
	hold(tg_pass_init(&p, &set, rules, attrs, counts, &err) == 0, "a pass");
	tg_record_init(&r);
	r.raw = raw;
	left = tg_pass_record(&p, &r, &code, &err) == 0;
	hold(left || err.cls == TG_E_INPUT, "left out as not understood");
	if (left)
		hold(tg_emit(&p, &r, out, &err) == 0, "it comes out");
	*spans = 0;
	for (size_t i = 0; i < TG_COUNT_TYPES; i++)
		*spans += counts->type[i].spans;
	tg_record_deinit(&r);
	tg_pass_deinit(&p);
	free(counts);
	return left && out->n > 0;
}

static uint32_t
array_of(const struct tg_jdoc *d)
{
	static const char *const names[] = {"tokens", "x_tokens", "x"};
	const uint32_t in = tg_jdoc_find(d, 0, "metadata");
	uint32_t i = UINT32_MAX;

	for (size_t k = 0; k < TG_COUNT(names) && i == UINT32_MAX; k++)
		i = tg_jdoc_find(d, in == UINT32_MAX ? 0 : in, names[k]);
	return i;
}

/* Token by token, as they went in and came out; false: they do not leave. */
static bool
compare(struct tg_sv in, struct tg_sv out, size_t tokens)
{
	struct tg_jdoc a, b;
	uint32_t x, y;
	size_t at;

	tg_jdoc_init(&a);
	tg_jdoc_init(&b);
	hold(tg_jscan(&a, in, &at, NULL) == 0 &&
		tg_jscan(&b, out, &at, NULL) == 0,
	    "JSON");
	x = array_of(&a);
	y = array_of(&b);
	if (tokens == 0 || y == UINT32_MAX)
		goto out; /* ids alone */
	hold(x != UINT32_MAX && b.nodes[y].n == tokens, "as many tokens");
	x++;
	y++;
	for (size_t k = 0; k < tokens; k++) {
		const struct tg_sv was = tg_jdoc_raw(&a, x);
		const struct tg_sv is = tg_jdoc_raw(&b, y);

		/* A mark of a blank stays: up to three bytes, quoted. */
		const bool mark = is.n <= 5 && is.n <= was.n &&
		    memcmp(was.p, is.p, is.n - 1) == 0;

		hold(tg_sv_eq(was, is) || mark || tg_sv_is(is, "\"\"") ||
			memchr(is.p, '[', is.n) != NULL ||
			(*was.p == '{' && *is.p == '{'),
		    "the token, nothing, or a replacement");
		x = a.nodes[x].next;
		y = b.nodes[y].next;
	}
out:
	tg_jdoc_deinit(&b);
	tg_jdoc_deinit(&a);
	return y != UINT32_MAX;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct tg_buf in, once, twice;
	uint64_t spans, again;
	size_t tokens;
	char *copy;

	if (n > INPUT_BYTES)
		return 0;
	copy = exact(p, n);
	tg_buf_init(&in, RECORD_MAX);
	tg_buf_init(&once, RECORD_MAX);
	tg_buf_init(&twice, RECORD_MAX);
	tokens = record(&in, copy, n);
	if (pass(&once, tg_buf_sv(&in), &spans)) {
		const bool left =
		    compare(tg_buf_sv(&in), tg_buf_sv(&once), tokens);

		hold(!left || spans > 0 ||
			tg_sv_eq(tg_buf_sv(&in), tg_buf_sv(&once)),
		    "nothing found, nothing changed");
		hold(pass(&twice, tg_buf_sv(&once), &again), "passes again");
		hold(again == 0, "a second scan finds nothing");
		hold(tg_sv_eq(tg_buf_sv(&once), tg_buf_sv(&twice)),
		    "and changes nothing");
	}
	tg_buf_deinit(&twice);
	tg_buf_deinit(&once);
	tg_buf_deinit(&in);
	free(copy);
	return 0;
}
