/*
 * decoded_fuzz.c - what is written in a text in another alphabet.
 *
 * What holds for each input:
 *  - as the inside of a JSON string that the scanner accepts it decodes to what
 *    jansson decodes it to, and escaped again it means the same;
 *  - escapes undone: never longer, the way back rises and stays inside, and
 *    what an independent reader of percent-encoding makes of a text of nothing
 *    else is the same;
 *  - a run of base64 or hex: encoded again it stands in the text;
 *  - three deep.
 */
#include <jansson.h>

#include "base/jscan.h"
#include "redactors/decoded.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define TEXT_MAX (1u << 16)

static void
json_inside(const char *p, size_t n)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_arena a;
	struct tg_buf b, again;
	struct tg_jdoc d;
	struct tg_jtext t;
	json_t *j;
	size_t at;

	tg_arena_init(&a, 4u << 20);
	tg_buf_init(&b, 1u << 20);
	tg_buf_init(&again, 1u << 20);
	tg_jdoc_init(&d);
	hold(tg_buf_addc(&b, '"', &err) == 0 &&
		tg_buf_add(&b, p, n, &err) == 0 &&
		tg_buf_addc(&b, '"', &err) == 0,
	    "memory");
	if (tg_jscan(&d, tg_buf_sv(&b), &at, &err) < 0 || d.n != 1)
		goto out;
	hold(tg_jtext_decode(
		 &t, tg_jdoc_str(&d, 0), d.nodes[0].esc, &a, &err) == 0,
	    "an accepted string decodes");
	hold(tg_utf8_valid((struct tg_sv){t.text.bytes, t.text.n}) == t.text.n,
	    "to UTF-8");
	for (size_t i = 0; t.map != NULL && i < t.text.n; i++)
		hold(t.map[i] <= t.map[i + 1], "its map rises");
	hold(tg_jtext_raw(&t, t.text.n) == n, "to the end");
	j = json_loadb(b.p, b.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	if (j != NULL)
		hold(json_string_length(j) == t.text.n &&
			memcmp(json_string_value(j), t.text.bytes, t.text.n) ==
			    0,
		    "it is what jansson reads");
	json_decref(j);
	hold(tg_buf_addc(&again, '"', &err) == 0 &&
		tg_json_escape(&again, (struct tg_sv){t.text.bytes, t.text.n},
		    &err) == 0 &&
		tg_buf_addc(&again, '"', &err) == 0,
	    "it is escaped");
	hold(tg_jscan(&d, tg_buf_sv(&again), &at, &err) == 0 && d.n == 1,
	    "and accepted again");
out:
	tg_jdoc_deinit(&d);
	tg_buf_deinit(&again);
	tg_buf_deinit(&b);
	tg_arena_deinit(&a);
}

static int
digit(char c)
{
	const char *const all = "0123456789abcdef";
	const char *at =
	    c == '\0' ? NULL : strchr(all, c >= 'A' && c <= 'F' ? c + 32 : c);

	return at == NULL ? -1 : (int)(at - all);
}

/* A text without backslash and '&' read once more, by percent alone. */
static void
percent_alone(const struct tg_look *v, const struct tg_look *out, bool any)
{
	size_t k = 0;
	bool ok = true;

	if (memchr(v->p, '\\', v->n) != NULL ||
	    memchr(v->p, '&', v->n) != NULL ||
	    memmem(v->p, v->n, "%u", 2) != NULL)
		return;
	for (size_t i = 0; i < v->n && ok; k++) {
		char c = v->p[i];

		if (c == '%' && i + 2 < v->n && digit(v->p[i + 1]) >= 0 &&
		    digit(v->p[i + 2]) >= 0) {
			c = (char)(digit(v->p[i + 1]) * 16 +
			    digit(v->p[i + 2]));
			ok = any && out->map[k] == i;
			i += 3;
		} else {
			i++;
		}
		ok = ok && (!any || (k < out->n && out->p[k] == c));
	}
	hold(ok && (!any || k == out->n), "percent-encoding is undone");
}

static char
standard(char c)
{
	return c == '-' ? '+' : c == '_' ? '/' : c;
}

/* The run without what is between its lines, in the standard alphabet. */
static size_t
clean(char *out, const struct tg_look *v)
{
	size_t n = 0;

	for (size_t i = v->run.start; i < v->run.end; i++) {
		const char c = v->up->p[i];

		if (strchr("\r\n=", c) == NULL || c == '\0')
			out[n++] = standard(c);
	}
	return n;
}

static void
encoded_again(const struct tg_look *v)
{
	char *run = exact(v->up->p + v->run.start, v->run.end - v->run.start);
	const size_t n = clean(run, v);
	struct tg_buf b;
	size_t whole;
	bool found;

	tg_buf_init(&b, 1u << 20);
	hold(tg_b64_add(&b, v->p, v->n, TG_B64_BARE, NULL) == 0, "memory");
	/* The last letter may hold bits that are not used. */
	whole = v->n % 3 == 0 ? b.n : b.n - 1;
	found = whole <= n && memmem(run, n, b.p, whole) != NULL;
	tg_buf_reset(&b);
	hold(tg_hex_add(&b, v->p, v->n, NULL) == 0, "memory");
	for (size_t i = 0; i < n; i++)
		run[i] = (char)(run[i] >= 'A' && run[i] <= 'F' ? run[i] + 32
							       : run[i]);
	found = found || (b.n <= n && memcmp(run, b.p, b.n) == 0);
	hold(found, "what was decoded is encoded in the run");
	tg_buf_deinit(&b);
	free(run);
}

static void
views(const struct tg_look *v, const char *text, size_t n, int depth)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_mapped m;
	struct tg_marks k;
	struct tg_look out = {.n = 0};
	size_t from = 0, before = 0;
	bool any = false;
	int rc;

	tg_mapped_init(&m, TG_SCAN_TEXT_MAX);
	tg_marks_init(&k, TG_SCAN_TEXT_MAX);
	hold(tg_marks_make(&k, NULL, v->p, v->n, &err) == 0 &&
		tg_decoded_escapes(&out, &m, v, &k, &any, &err) == 0,
	    "escapes are undone");
	percent_alone(v, &out, any);
	if (any) {
		hold(out.n <= v->n, "an escape is longer than what it means");
		hold_map(&out);
		hold_roots(&out, text, n, false);
		if (depth < TG_DECODED_DEPTH)
			views(&out, text, n, depth + 1);
	}
	while ((rc = tg_decoded_next(&out, &m, v, &k, &from, &err)) > 0) {
		hold(from > before && from <= v->n, "it goes on");
		before = from;
		hold(out.whole && out.run.start < out.run.end &&
			out.run.end <= v->n && out.n > 0,
		    "a run stands in its text");
		encoded_again(&out);
		hold_roots(&out, text, n, false);
		if (depth < TG_DECODED_DEPTH)
			views(&out, text, n, depth + 1);
	}
	hold(rc == 0, "no error");
	tg_marks_deinit(&k);
	tg_mapped_deinit(&m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	char *copy;
	struct tg_look root;

	if (n > TEXT_MAX)
		return 0;
	copy = exact(p, n);
	root = (struct tg_look){.p = copy, .n = n, .kind = TG_VIEW_RAW};
	json_inside(copy, n);
	views(&root, copy, n, 0);
	free(copy);
	return 0;
}
