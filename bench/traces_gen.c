/*
 * traces_gen.c - invented traces to measure with, and the rules' patterns.
 *
 *	traces_gen MIB TRACES PLANTED	JSON lines, about MIB of them, and the
 *					values planted in them, one a line
 *	traces_gen patterns DIR		DIR/rg, DIR/pcre: patterns, one a line
 *	traces_gen scan TRACES		the structural scanner over each line,
 *					for callgrind
 *
 * Text-heavy: a prompt and a response of English and French words with a
 * personal value about each 320 bytes, the prompt once more as tokens, a little
 * metadata.  The same seed gives the same bytes.  Values are made, with
 * telephone numbers of the ranges for fiction.  Run with TG_ROOT set.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/jscan.h"
#include "base/num.h"
#include "pipeline/ruleset.h"
#include "redactors/rule.h"

#include "base/banned.h"

#define EVERY 320 /* bytes of text from value to value, about */
#define PROMPT_BYTES 1500
#define RESPONSE_BYTES 2000
#define TOKEN_BYTES 5
#define VALUE_MAX 64
#define FILE_MAX (600u << 20)
#define PATH_BYTES 600

static uint64_t
draw(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static unsigned
below(uint64_t *s, unsigned n)
{
	return (unsigned)(draw(s) >> 33) % n;
}

static const char *const words[] = {"the", "of", "and", "to", "in", "model",
    "that", "for", "it", "was", "answer", "are", "with", "this", "question",
    "have", "from", "one", "had", "by", "word", "but", "not", "what", "all",
    "were", "we", "when", "your", "can", "said", "there", "use", "each",
    "which", "she", "do", "how", "their", "if", "will", "up", "other", "about",
    "out", "many", "then", "them", "these", "so", "some", "her", "would",
    "make", "like", "him", "into", "time", "has", "look", "two", "more",
    "write", "go", "see", "number", "no", "way", "could", "people", "my",
    "than", "first", "water", "been", "call", "who", "oil", "its", "now",
    "find", "long", "down", "day", "did", "get", "come", "made", "may", "part",
    "les", "des", "une", "est", "dans", "pour", "que", "qui", "sur", "avec",
    "plus", "par", "sont", "cette", "r\xc3\xa9ponse", "tr\xc3\xa8s",
    "probl\xc3\xa8me", "o\xc3\xb9", "d\xc3\xa9j\xc3\xa0", "entre", "2024",
    "3.5", "(see", "below)", "e.g.", "user's", "non-free", "64-bit"};

static unsigned
luhn(const char *digits, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned d = (unsigned)(digits[n - 1 - i] - '0');

		if (i % 2 == 0)
			d = d > 4 ? 2 * d - 9 : 2 * d;
		sum += d;
	}
	return (10 - sum % 10) % 10;
}

static void
card(char *out, uint64_t *s)
{
	char d[17];

	(void)snprintf(
	    d, sizeof(d), "4%07u%07u", below(s, 10000000), below(s, 10000000));
	(void)snprintf(out, VALUE_MAX, "%.4s %.4s %.4s %.3s%u", d, d + 4, d + 8,
	    d + 12, luhn(d, 15));
}

static void
iban(char *out, uint64_t *s)
{
	const unsigned a = below(s, 1000000), b = below(s, 100000000);
	unsigned rest = 0;
	char text[64];

	/* WEST and GB as numbers, then 00: ISO 13616. */
	(void)snprintf(text, sizeof(text), "32142829%06u%08u161100", a, b);
	for (const char *p = text; *p != '\0'; p++)
		rest = (rest * 10 + (unsigned)(*p - '0')) % 97;
	(void)snprintf(out, VALUE_MAX, "GB%02u WEST %04u %02u%02u %04u %02u",
	    98 - rest, a / 100, a % 100, b / 1000000, b / 100 % 10000, b % 100);
}

static void
nir(char *out, uint64_t *s)
{
	const unsigned a = 1 + below(s, 2), y = below(s, 100),
		       m = 1 + below(s, 12), c = 1 + below(s, 900),
		       o = 1 + below(s, 900);
	uint64_t n = a;

	n = ((n * 100 + y) * 100 + m) * 100 + 75;
	n = (n * 1000 + c) * 1000 + o;
	(void)snprintf(out, VALUE_MAX, "%u %02u %02u 75 %03u %03u %02u", a, y,
	    m, c, o, 97 - (unsigned)(n % 97));
}

static void
value(char *out, uint64_t *s)
{
	switch (below(s, 8)) {
	case 0:
		(void)snprintf(out, VALUE_MAX, "user%u.%u@mail%u.example",
		    below(s, 90000), below(s, 999), below(s, 99));
		return;
	case 1:
		(void)snprintf(
		    out, VALUE_MAX, "+44 20 7946 0%03u", below(s, 1000));
		return;
	case 2:
		(void)snprintf(out, VALUE_MAX, "06 39 98 %02u %02u",
		    below(s, 100), below(s, 100));
		return;
	case 3:
		card(out, s);
		return;
	case 4:
		iban(out, s);
		return;
	case 5:
		nir(out, s);
		return;
	case 6:
		(void)snprintf(out, VALUE_MAX, "%03u-%02u-%04u",
		    1 + below(s, 600), 1 + below(s, 99), 1 + below(s, 9999));
		return;
	default:
		(void)snprintf(out, VALUE_MAX, "ghp_%08x%08x%08x%08xdemo",
		    below(s, 1u << 30), below(s, 1u << 30), below(s, 1u << 30),
		    below(s, 1u << 30));
		return;
	}
}

/* About @bytes of words and values. */
static int
add_text(struct tg_buf *b, FILE *planted, size_t bytes, uint64_t *s)
{
	const size_t end = b->n + bytes;
	size_t next = b->n + below(s, 2 * EVERY);
	char v[VALUE_MAX];

	while (b->n < end) {
		const char *w = words[below(s, TG_COUNT(words))];

		if (b->n >= next) {
			value(v, s);
			w = v;
			next += 1 + below(s, 2 * EVERY);
			if (fprintf(planted, "%s\n", v) < 0)
				return -1;
		}
		if (tg_buf_adds(b, w, NULL) < 0 ||
		    tg_buf_adds(b, below(s, 14) == 0 ? ". " : " ", NULL) < 0)
			return -1;
	}
	return 0;
}

static int
add_tokens(struct tg_buf *b, struct tg_sv text)
{
	size_t at = 0;

	while (at < text.n) {
		size_t end = at + 1;

		while (end < text.n && text.p[end] != ' ' &&
		    end - at < TOKEN_BYTES)
			end++;
		while (
		    end < text.n && ((unsigned char)text.p[end] & 0xc0) == 0x80)
			end++;
		if (tg_buf_adds(b, at == 0 ? "\"" : ", \"", NULL) < 0 ||
		    tg_buf_add(b, text.p + at, end - at, NULL) < 0 ||
		    tg_buf_adds(b, "\"", NULL) < 0)
			return -1;
		at = end;
	}
	return 0;
}

static int
record(struct tg_buf *out, struct tg_buf *text, FILE *planted, uint64_t *s)
{
	tg_buf_reset(text);
	if (add_text(text, planted, PROMPT_BYTES, s) < 0 ||
	    tg_buf_addf(out, NULL,
		"{\"trace_id\": \"%016llx\", \"model\": \"m-2b\", "
		"\"prompt\": \"",
		(unsigned long long)draw(s)) < 0 ||
	    tg_buf_add(out, text->p, text->n, NULL) < 0 ||
	    tg_buf_adds(out, "\", \"tokens\": [", NULL) < 0 ||
	    add_tokens(out, tg_buf_sv(text)) < 0 ||
	    tg_buf_adds(out, "], \"response\": \"", NULL) < 0 ||
	    add_text(out, planted, RESPONSE_BYTES, s) < 0)
		return -1;
	return tg_buf_addf(out, NULL,
	    "\", \"metadata\": {\"temperature\": 0.%u, \"max_tokens\": %u, "
	    "\"service\": \"support-bot\", \"finish\": \"stop\"}}\n",
	    below(s, 10), below(s, 4096));
}

static int
generate(size_t bytes, const char *traces, const char *values)
{
	FILE *f = fopen(traces, "w"), *planted = fopen(values, "w");
	uint64_t s = 42;
	struct tg_buf out, text;
	size_t done = 0;
	int rc = -1;

	tg_buf_init(&out, 1u << 20);
	tg_buf_init(&text, 1u << 20);
	if (f == NULL || planted == NULL)
		goto out;
	while (done < bytes) {
		tg_buf_reset(&out);
		if (record(&out, &text, planted, &s) < 0 ||
		    fwrite(out.p, 1, out.n, f) != out.n)
			goto out;
		done += out.n;
	}
	rc = 0;
out:
	if (f != NULL && fclose(f) != 0)
		rc = -1;
	if (planted != NULL && fclose(planted) != 0)
		rc = -1;
	tg_buf_deinit(&text);
	tg_buf_deinit(&out);
	return rc;
}

static bool
looks_around(const char *p)
{
	return strstr(p, "(?=") != NULL || strstr(p, "(?!") != NULL ||
	    strstr(p, "(?<!") != NULL || strstr(p, "(?<=") != NULL ||
	    strstr(p, "(?>") != NULL;
}

/* With a word's boundary where the rule has one, the group unnamed. */
static void
put_pattern(FILE *f, const struct tg_rule *r, const char *bound)
{
	const char *at = r->pattern.p, *group;
	const bool in = r->boundary != TG_BOUND_NONE;

	(void)fprintf(f, "%s(?:", in ? bound : "");
	while ((group = strstr(at, "(?<value>")) != NULL) {
		(void)fprintf(f, "%.*s(?:", (int)(group - at), at);
		at = group + strlen("(?<value>");
	}
	(void)fprintf(f, "%s)%s\n", at, in ? bound : "");
}

static int
patterns(const struct tg_rules *r, const char *dir)
{
	char path[2][PATH_BYTES];
	FILE *rg, *pcre;
	int rc = -1;

	(void)snprintf(path[0], PATH_BYTES, "%s/rg", dir);
	(void)snprintf(path[1], PATH_BYTES, "%s/pcre", dir);
	rg = fopen(path[0], "w");
	pcre = fopen(path[1], "w");
	if (rg == NULL || pcre == NULL)
		goto out;
	for (size_t i = 0; i < r->n; i++) {
		const struct tg_rule *rule = &r->rule[i];

		/* Under a key of their own a peer would look for nothing. */
		if (rule->engine != TG_ENGINE_PCRE2 || rule->keyed)
			continue;
		put_pattern(pcre, rule, "\\b");
		if (!looks_around(rule->pattern.p))
			put_pattern(rg, rule, "\\b");
	}
	rc = 0;
out:
	if (rg != NULL && fclose(rg) != 0)
		rc = -1;
	if (pcre != NULL && fclose(pcre) != 0)
		rc = -1;
	return rc;
}

static int
write_patterns(const char *dir)
{
	const char *root = getenv("TG_ROOT");
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_rules *r = NULL;
	int rc = -1;

	if (tg_ruleset_load(&r, root == NULL ? "." : root, NULL, 0, &err) < 0)
		(void)fprintf(stderr, "%s\n", err.text);
	else
		rc = patterns(r, dir);
	tg_rules_free(r);
	return rc;
}

static int
scan(const char *path)
{
	FILE *f = fopen(path, "r");
	size_t cap = 0, bytes = 0, at;
	char *line = NULL;
	struct tg_jdoc d;
	ssize_t n;
	int rc = 0;

	if (f == NULL)
		return -1;
	tg_jdoc_init(&d);
	while (rc == 0 && (n = getline(&line, &cap, f)) > 0) {
		rc = tg_jscan(&d, (struct tg_sv){line, (size_t)n}, &at, NULL);
		bytes += (size_t)n;
	}
	(void)printf("%zu bytes\n", bytes);
	tg_jdoc_deinit(&d);
	free(line);
	return fclose(f) != 0 ? -1 : rc;
}

int
main(int argc, char **argv)
{
	uint64_t mib = 0;
	int rc = -1;

	if (argc == 3 && strcmp(argv[1], "patterns") == 0)
		rc = write_patterns(argv[2]);
	else if (argc == 3 && strcmp(argv[1], "scan") == 0)
		rc = scan(argv[2]);
	else if (argc == 4 && tg_parse_u64(&mib, tg_sv_of(argv[1]), 1, 512))
		rc = generate((size_t)mib << 20, argv[2], argv[3]);
	if (rc < 0)
		(void)fprintf(stderr, "traces_gen: failed\n");
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
