/* jtext.c - strings of a scanned document: decoded, compared, pointed at. */
#include "base/jesc.h"
#include "base/jscan.h"
#include "base/num.h"

#include "base/banned.h"

#define NONE UINT32_MAX

static bool
decodes_to(struct tg_sv raw, bool esc, const char *s)
{
	size_t n, done = 0;

	/* Most keys differ in their first byte. */
	if (!esc && raw.n > 0 && raw.p[0] != s[0])
		return false;
	n = strlen(s);
	if (!esc)
		return raw.n == n && memcmp(raw.p, s, n) == 0;
	/* An escape is never shorter than what it stands for. */
	if (raw.n < n)
		return false;
	for (size_t i = 0; i < raw.n;) {
		char out[4];
		const uint32_t k = tg_jesc_step(out, raw, &i);

		if (n - done < k || memcmp(s + done, out, k) != 0)
			return false;
		done += k;
	}
	return done == n;
}

bool
tg_jdoc_str_is(const struct tg_jdoc *d, uint32_t i, const char *s)
{
	return d->nodes[i].kind == TG_J_STRING &&
	    decodes_to(tg_jdoc_str(d, i), d->nodes[i].esc, s);
}

bool
tg_jdoc_key_is(const struct tg_jdoc *d, uint32_t i, const char *s)
{
	return d->nodes[i].key_end != 0 &&
	    decodes_to(tg_jdoc_key(d, i), d->nodes[i].key_esc, s);
}

/* The length of a run without escapes from @i on. */
static size_t
plain_run(struct tg_sv raw, size_t i)
{
	const char *p = memchr(raw.p + i, '\\', raw.n - i);

	return p == NULL ? raw.n - i : (size_t)(p - raw.p) - i;
}

static size_t
decoded_len(struct tg_sv raw)
{
	size_t n = 0;

	for (size_t i = 0; i < raw.n;) {
		const size_t run = plain_run(raw, i);
		char out[4];

		n += run;
		i += run;
		if (i < raw.n)
			n += tg_jesc_step(out, raw, &i);
	}
	return n;
}

int
tg_jtext_decode(struct tg_jtext *out, struct tg_sv raw, bool esc,
    struct tg_arena *a, struct tg_err *err)
{
	size_t n, bytes, k = 0;
	uint32_t *map;
	char *text;

	if (!esc) {
		out->text = (struct tg_trace_text){raw.p, raw.n};
		out->map = NULL;
		return 0;
	}
	n = decoded_len(raw);
	if (!tg_size_add(&bytes, n, 1) ||
	    !tg_size_mul(&bytes, bytes, sizeof(*map)))
		return tg_fail_memory(err);
	map = tg_arena_alloc(a, bytes);
	text = map == NULL ? NULL : tg_arena_alloc(a, n + 1);
	if (text == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < raw.n;) {
		const uint32_t from = (uint32_t)i;
		char c[4];
		const uint32_t w = tg_jesc_step(c, raw, &i);

		for (uint32_t j = 0; j < w; j++, k++) {
			text[k] = c[j];
			map[k] = from;
		}
	}
	map[n] = (uint32_t)raw.n;
	out->text = (struct tg_trace_text){text, n};
	out->map = map;
	return 0;
}

/* RFC 6901 section 3: '~' is "~0", '/' is "~1". */
static int
add_key(
    struct tg_buf *out, const struct tg_jdoc *d, uint32_t i, struct tg_err *err)
{
	const struct tg_sv raw = tg_jdoc_key(d, i);

	for (size_t k = 0; k < raw.n;) {
		char c[4];
		const uint32_t n = tg_jesc_step(c, raw, &k);
		int rc;

		if (n == 1 && (c[0] == '~' || c[0] == '/'))
			rc = tg_buf_adds(out, c[0] == '~' ? "~0" : "~1", err);
		else
			rc = tg_buf_add(out, c, n, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static uint32_t
place_in_array(const struct tg_jdoc *d, uint32_t i)
{
	uint32_t k = 0;

	for (uint32_t c = d->nodes[i].parent + 1; c != i; c = d->nodes[c].next)
		k++;
	return k;
}

int
tg_jdoc_pointer(
    struct tg_buf *out, const struct tg_jdoc *d, uint32_t i, struct tg_err *err)
{
	const size_t before = out->n;
	uint32_t path[TG_JSCAN_DEPTH + 1], n = 0;
	int rc = 0;

	for (; d->nodes[i].parent != NONE; i = d->nodes[i].parent)
		path[n++] = i;
	while (rc == 0 && n-- > 0) {
		rc = tg_buf_addc(out, '/', err);
		if (rc == 0 && d->nodes[path[n]].key_end != 0)
			rc = add_key(out, d, path[n], err);
		else if (rc == 0)
			rc = tg_buf_addf(out, err, "%u",
			    (unsigned)place_in_array(d, path[n]));
	}
	if (rc < 0)
		tg_jesc_undo(out, before);
	return rc;
}

size_t
tg_jtext_lone_surrogate(struct tg_sv raw)
{
	size_t i = 0;

	while (i < raw.n) {
		const size_t at = i;
		char c[4];
		const uint32_t n = tg_jesc_step(c, raw, &i);

		/* U+FFFD out of an escape that does not spell it. */
		if (i - at == 6 && n == 3 &&
		    memcmp(c, "\xef\xbf\xbd", 3) == 0 &&
		    (raw.p[at + 2] == 'd' || raw.p[at + 2] == 'D'))
			return at;
	}
	return SIZE_MAX;
}
