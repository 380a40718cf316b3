/*
 * prefilter_fuzz.c - random patterns: a start that the prefilter leaves out
 * cannot match.
 *
 * An input is bytes for up to four patterns, a line each, and the text behind
 * them.  A line that begins with '=' is the pattern as it stands; any other is
 * read as choices of a small grammar, so that most are well formed.
 *
 * What holds for each:
 *  - what the reader of patterns accepts PCRE2 compiles, or refuses with words
 *    (too large, look-behind without a bound);
 *  - each start at which PCRE2, anchored, matches one byte or more was tried,
 *    for each rule of the table, in ascending order;
 *  - with AVX2 and without the same starts are tried.
 */
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define PATTERNS 4
#define PATTERN_MAX 400
#define TEXT_MAX 600
#define DEPTH 4

struct choices {
	const uint8_t *p;
	size_t n, i;
	char out[PATTERN_MAX + 64];
	size_t len;
};

static unsigned
next(struct choices *c, unsigned n)
{
	return c->i < c->n ? c->p[c->i++] % n : 0;
}

static void
put(struct choices *c, const char *s)
{
	const size_t n = strlen(s);

	if (c->len + n < PATTERN_MAX) {
		memcpy(c->out + c->len, s, n);
		c->len += n;
	}
}

static void make_alt(struct choices *c, int depth);

static void
make_atom(struct choices *c, int depth)
{
	static const char *const small[] = {"a", "b", "1", "-", "@", " ", "\\.",
	    "\\d", "\\w", "\\s", "[ab]", "[a-z]", "[0-9a-f]", "[^a]", ".",
	    "[\\w.-]", "\\D", "\\x41", "[]x]", "\\W"};
	static const char *const group[] = {"(?:", "(?<value>", "(", "(?>",
	    "(?=", "(?!", "(?<=", "(?<!", "(?i:", "(?-i:"};
	static const char *const zero[] = {
	    "\\b", "\\B", "^", "$", "\\A", "\\z", "(?i)"};
	const unsigned kind = next(c, 10);

	if (kind == 0 && depth < DEPTH) {
		put(c, group[next(c, TG_COUNT(group))]);
		make_alt(c, depth + 1);
		put(c, ")");
	} else if (kind == 1) {
		put(c, zero[next(c, TG_COUNT(zero))]);
	} else {
		put(c, small[next(c, TG_COUNT(small))]);
	}
}

static void
make_repeat(struct choices *c)
{
	static const char *const repeat[] = {"?", "{0,2}", "{2}", "{1,20}",
	    "{1,9}", "{3,30}", "{0}", "??", "{0,3}?", "{1,12}+", "?+"};

	if (next(c, 3) == 0)
		put(c, repeat[next(c, TG_COUNT(repeat))]);
}

static void
make_alt(struct choices *c, int depth)
{
	const unsigned bars = next(c, 4) == 0 ? 1 + next(c, 3) : 0;

	for (unsigned b = 0; b <= bars; b++) {
		const unsigned atoms = next(c, 5);

		if (b > 0)
			put(c, "|");
		for (unsigned i = 0; i < atoms; i++) {
			make_atom(c, depth);
			make_repeat(c);
		}
	}
}

struct tries {
	bool at[PATTERNS][TEXT_MAX];
	size_t last[PATTERNS];
	bool falls;
};

static size_t
note(void *ctx, uint16_t id, size_t start)
{
	struct tries *t = ctx;

	hold(id < PATTERNS && start < TEXT_MAX, "a start of the text");
	t->falls = t->falls || (t->at[id][start] || start < t->last[id]);
	t->at[id][start] = true;
	t->last[id] = start;
	return start + 1;
}

static void
run(const struct tg_pf *pf, const char *p, size_t n, struct tries *t)
{
	size_t from[PATTERNS] = {0};
	struct tg_marks m;

	*t = (struct tries){.falls = false};
	tg_marks_init(&m, TG_SCAN_TEXT_MAX);
	hold(tg_marks_make(&m, tg_pf_heads(pf), p, n, NULL) == 0 &&
		tg_pf_run(pf, p, &m, from, note, t) == 0,
	    "runs");
	hold(!t->falls, "starts rise");
	tg_marks_deinit(&m);
}

/* Every start at which it matches was tried. */
static void
sound(const struct tg_rule *r, const bool *tried, const char *p, size_t n)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_regex_scratch *re = NULL;
	struct tg_span all, value;

	hold(tg_regex_scratch_new(&re, NULL) == 0, "scratch");
	for (size_t i = 0; i < n; i++) {
		if (tg_regex_match(&r->re, re, TG_REGEX_AT, p, n, i, &all,
			&value, &err) == 1 &&
		    all.end > all.start && !tried[i]) {
			(void)fprintf(stderr, "pattern %.*s at %zu of %.*s\n",
			    (int)r->pattern.n, r->pattern.p, i, (int)n, p);
			hold(false, "a start that matches was left out");
		}
	}
	tg_regex_scratch_free(re);
}

static void
check_all(const struct tg_rule *r, const bool *in, size_t n_rules,
    const struct tg_pf *pf, const char *text, size_t n)
{
	static struct tries fast, slow;

	run(pf, text, n, &fast);
	hold(tg_marks_force("scalar"), "scalar");
	run(pf, text, n, &slow);
	(void)tg_marks_force(NULL);
	hold(memcmp(fast.at, slow.at, sizeof(fast.at)) == 0,
	    "the same starts without AVX2");
	for (size_t i = 0; i < n_rules; i++)
		if (in[i])
			sound(&r[i], fast.at[i], text, n);
}

/* The next pattern of @p; bytes used. */
static size_t
take(struct choices *c, const uint8_t *p, size_t n)
{
	const uint8_t *nl = memchr(p, '\n', n);
	const size_t line = nl == NULL ? n : (size_t)(nl - p);

	c->len = 0;
	if (line > 0 && p[0] == '=') {
		c->len = line - 1 < PATTERN_MAX ? line - 1 : PATTERN_MAX;
		memcpy(c->out, p + 1, c->len);
	} else {
		c->p = p;
		c->n = line;
		c->i = 0;
		make_alt(c, 0);
	}
	return nl == NULL ? n : line + 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct choices c[PATTERNS];
	struct tg_rule r[PATTERNS] = {{.rank = 0}};
	struct tg_err err = {.cls = TG_E_NONE};
	bool in[PATTERNS] = {false};
	struct tg_pf *pf = NULL;
	size_t at = 0, where = 0, n_rules;
	char *text;

	hold(tg_pf_new(&pf, NULL) == 0, "memory");
	n_rules = n > 0 ? 1u + p[at++] % PATTERNS : 0u;
	for (size_t i = 0; i < n_rules; i++) {
		struct tg_pf_head head;

		at += take(&c[i], p + at, n - at);
		r[i].pattern = (struct tg_sv){c[i].out, c[i].len};
		r[i].boundary = c[i].len % 2 ? TG_BOUND_WORD : TG_BOUND_NONE;
		if (tg_rules_compile(&r[i], &head, &where, &err) < 0) {
			hold(err.cls == TG_E_CONFIG && err.text[0] != '\0' &&
				where <= PATTERN_MAX + 64,
			    "refused with words");
			continue;
		}
		if (!r[i].slow)
			in[i] = tg_pf_add(pf, (uint16_t)i,
				    r[i].boundary == TG_BOUND_NONE, &head,
				    &err) == 1;
	}
	tg_pf_ready(pf);
	n -= at;
	n = n < TEXT_MAX ? n : TEXT_MAX;
	text = exact(p + at, n);
	check_all(r, in, n_rules, pf, text, n);
	free(text);
	tg_pf_free(pf);
	for (size_t i = 0; i < n_rules; i++)
		tg_regex_deinit(&r[i].re);
	return 0;
}
