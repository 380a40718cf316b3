#include "cli/masked.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypt.h"
#include "base/banned.h"

#define WINDOW 120 /* bytes looked at on each side */
#define CONTEXTS_MAX (1u << 16)
#define CONTEXT_MAX 4096

struct context {
	char *text; /* NULL: free */
	uint64_t trace[TG_MASKED_TRACES];
	size_t n;
};

struct tg_masked {
	struct context *c; /* open addressing, twice CONTEXTS_MAX */
	size_t n;
	const char **list;
	struct tg_buf id;
};

int
tg_masked_new(struct tg_masked **out, struct tg_err *err)
{
	struct tg_masked *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return tg_fail_memory(err);
	tg_buf_init(&m->id, 1u << 20);
	m->c = calloc(CONTEXTS_MAX * 2, sizeof(*m->c));
	if (m->c == NULL) {
		tg_masked_free(m);
		return tg_fail_memory(err);
	}
	*out = m;
	return 0;
}

void
tg_masked_free(struct tg_masked *m)
{
	if (m == NULL)
		return;
	for (size_t i = 0; m->c != NULL && i < CONTEXTS_MAX * 2; i++)
		free(m->c[i].text);
	free(m->c);
	free(m->list);
	tg_buf_deinit(&m->id);
	free(m);
}

static bool
blank(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

static int
add_word(struct tg_buf *out, const char *p, size_t n, struct tg_err *err)
{
	bool telling = false;

	for (size_t i = 0; i < n; i++)
		telling |= (p[i] >= '0' && p[i] <= '9') || p[i] == '@';
	if (out->n > 0 && tg_buf_addc(out, ' ', err) < 0)
		return -1;
	return telling ? tg_buf_addc(out, '*', err)
		       : tg_buf_add(out, p, n, err);
}

/* The end of the finding that begins at or covers @at, or 0. */
static uint32_t
covered(const struct tg_findings *found, uint32_t at, const char **type,
    const struct tg_rules *rules)
{
	for (size_t k = 0; k < found->n; k++)
		if (found->f[k].start <= at && at < found->f[k].end) {
			*type = tg_rules_type(rules, found->f[k].type);
			return found->f[k].end;
		}
	return 0;
}

/* One word from *@at on, or a finding; *@at moves behind it.  0: no more. */
static int
next_word(struct tg_buf *out, const struct tg_rules *rules,
    struct tg_trace_text text, const struct tg_findings *found, uint32_t *at,
    uint32_t end, struct tg_err *err)
{
	const char *type = NULL;
	uint32_t to = covered(found, *at, &type, rules), from;

	while (to == 0 && *at < end && blank(text.bytes[*at]))
		to = covered(found, ++*at, &type, rules);
	if (*at >= end)
		return 0;
	if (to != 0) {
		*at = to;
		if ((out->n > 0 && tg_buf_addc(out, ' ', err) < 0) ||
		    tg_buf_addf(out, err, "[%s]", type) < 0)
			return -1;
		return 1;
	}
	from = *at;
	while (*at < end && !blank(text.bytes[*at]) &&
	    covered(found, *at, &type, rules) == 0)
		++*at;
	return add_word(out, text.bytes + from, *at - from, err) < 0 ? -1 : 1;
}

/* Where TG_MASKED_WORDS words (a finding is one) before @start begin; no
 * half words at the edge of the window. */
static uint32_t
words_before(
    struct tg_trace_text text, const struct tg_findings *found, uint32_t start)
{
	const uint32_t edge = start > WINDOW ? start - WINDOW : 0;
	uint32_t at = start, best = start;

	for (unsigned w = 0; w < TG_MASKED_WORDS; w++) {
		while (at > edge && blank(text.bytes[at - 1]))
			at--;
		if (at == edge)
			break;
		for (size_t k = 0; k < found->n; k++)
			if (found->f[k].end == at) {
				at = found->f[k].start;
				break;
			}
		while (at > edge && !blank(text.bytes[at - 1]))
			at--;
		if (at <= edge && edge > 0)
			break;
		best = at;
	}
	return best;
}

static uint32_t
words_after(struct tg_trace_text text, uint32_t end)
{
	const uint32_t edge =
	    text.n - end > WINDOW ? end + WINDOW : (uint32_t)text.n;
	uint32_t at = end, best = end;

	for (unsigned w = 0; w < TG_MASKED_WORDS; w++) {
		while (at < edge && blank(text.bytes[at]))
			at++;
		while (at < edge && !blank(text.bytes[at]))
			at++;
		if (at == edge && edge < text.n)
			break;
		best = at;
	}
	return best;
}

/* The findings that the window around @i touches. */
static struct tg_findings
near(const struct tg_findings *found, size_t i)
{
	const struct tg_finding *f = found->f;
	size_t from = i, to = i + 1;

	while (from > 0 && f[from - 1].end + 2 * WINDOW >= f[i].start)
		from--;
	while (to < found->n && f[to].start <= f[i].end + WINDOW)
		to++;
	return (struct tg_findings){.f = f + from, .n = to - from};
}

int
tg_masked_context(struct tg_buf *out, const struct tg_rules *rules,
    struct tg_trace_text text, const struct tg_findings *all, size_t i,
    struct tg_err *err)
{
	const struct tg_finding *f = &all->f[i];
	const struct tg_findings around = near(all, i), *found = &around;
	uint32_t at = words_before(text, found, f->start);
	const uint32_t end = words_after(text, f->end);
	int rc = 1;

	tg_buf_reset(out);
	while (rc > 0)
		rc = next_word(out, rules, text, found, &at, end, err);
	return rc;
}

static uint64_t
hash(const void *p, size_t n)
{
	uint8_t d[16];
	uint64_t h = 0;

	tg_crypt_blake2b(d, sizeof(d), p, n, NULL);
	for (size_t i = 0; i < 8; i++)
		h = h << 8 | d[i];
	return h;
}

static int
trace_of(struct tg_masked *m, const char *file, const struct tg_record *r,
    const struct tg_text *t, uint64_t *out, struct tg_err *err)
{
	tg_buf_reset(&m->id);
	if (t->unit != TG_UNIT_NONE && r->unit[t->unit].trace_id.n > 0) {
		const struct tg_trace_text id = r->unit[t->unit].trace_id;

		if (tg_buf_addc(&m->id, 't', err) < 0 ||
		    tg_buf_add(&m->id, id.bytes, id.n, err) < 0)
			return -1;
	} else if (tg_buf_addf(&m->id, err, "r%llu %u %s",
		       (unsigned long long)r->no, t->unit, file) < 0) {
		return -1;
	}
	*out = hash(m->id.p, m->id.n);
	return 0;
}

int
tg_masked_add(struct tg_masked *m, struct tg_sv context, const char *file,
    const struct tg_record *r, const struct tg_text *t, struct tg_err *err)
{
	size_t at = (size_t)(hash(context.p, context.n) % (CONTEXTS_MAX * 2));
	struct context *c;
	uint64_t trace;

	if (context.n > CONTEXT_MAX)
		return 0;
	if (trace_of(m, file, r, t, &trace, err) < 0)
		return -1;
	while (m->c[at].text != NULL && !tg_sv_is(context, m->c[at].text))
		at = (at + 1) % (CONTEXTS_MAX * 2);
	c = &m->c[at];
	if (c->text == NULL) {
		if (m->n == CONTEXTS_MAX)
			return 0; /* what comes first is what is shown */
		c->text = strndup(context.p, context.n);
		if (c->text == NULL)
			return tg_fail_memory(err);
		m->n++;
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->trace[i] == trace)
			return 0;
	if (c->n < TG_MASKED_TRACES)
		c->trace[c->n++] = trace;
	return 0;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int
tg_masked_list(
    struct tg_masked *m, const char *const **out, size_t *n, struct tg_err *err)
{
	*n = 0;
	m->list = calloc(m->n + 1, sizeof(*m->list));
	if (m->list == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < CONTEXTS_MAX * 2; i++)
		if (m->c[i].n == TG_MASKED_TRACES)
			m->list[(*n)++] = m->c[i].text;
	qsort(m->list, *n, sizeof(m->list[0]), by_text);
	*out = m->list;
	return 0;
}
