/*
 * redact_bench.c - MB/s of the redaction engine, alone and end to end, against
 * PCRE2 rule by rule, on generated text.
 *
 *	redact_bench [MiB]		a table: medians of five passes
 *	redact_bench MiB ROW		one pass of one row, for callgrind
 *	redact_bench MiB write DIR	DIR/patterns and DIR/chat.jsonl
 *
 * Texts, all from one seed: prose (English and French words, a finding each
 * 2 KB), dense (one each 300 bytes), both as unescaped texts of 1 KB; chat
 * (JSON lines: prompt and response of such text, metadata, and their tokens);
 * acts (activation records of [index, value] pairs with short tokens).
 * Run from the root of the checkout, or with TG_ROOT set.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/num.h"
#include "pipeline/input.h"
#include "pipeline/ruleset.h"
#include "pipeline/settings.h"
#include "redactors/scan.h"

#include "base/banned.h"

#define PASSES 5
#define TEXT_BYTES 1024 /* of a text, about */
#define PLAIN_SHARE 64	/* rule by rule sees this part of the texts */
#define PATH_BYTES 600

struct bench {
	struct tg_rules *rules;
	struct tg_attributes *attrs;
	struct tg_scanner *scanner;
	struct tg_buf prose, dense; /* texts, each ended by NUL */
	struct tg_buf chat, acts;   /* JSON lines */
	uint64_t findings;
	struct tg_err err;
};

static uint64_t
draw(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static const char *const words[] = {"the", "of", "and", "to", "in", "a", "is",
    "that", "for", "it", "was", "on", "are", "as", "with", "they", "be", "at",
    "one", "have", "this", "from", "or", "had", "by", "but", "some", "what",
    "there", "we", "can", "out", "other", "were", "all", "your", "when", "up",
    "use", "word", "how", "said", "an", "each", "she", "which", "do", "their",
    "time", "if", "will", "way", "about", "many", "then", "them", "would",
    "write", "like", "so", "these", "her", "long", "make", "thing", "see",
    "him", "two", "has", "look", "more", "day", "could", "go", "come", "did",
    "my", "sound", "no", "most", "number", "who", "over", "know", "water",
    "than", "call", "first", "people", "may", "down", "side", "been", "now",
    "find", "any", "new", "work", "part", "take", "get", "place", "made",
    "package", "configuration", "server", "system", "installation", "network",
    "administrator", "documentation", "directory", "command", "le", "la", "les",
    "des", "une", "est", "dans", "pour", "que", "qui", "sur", "avec", "plus",
    "par", "sont", "cette", "fichier", "syst\xc3\xa8me", "r\xc3\xa9seau",
    "\xc3\xa9t\xc3\xa9", "d\xc3\xa9j\xc3\xa0", "m\xc3\xaame", "tr\xc3\xa8s",
    "paquet", "serveur", "commande", "utilisateur",
    "s\xc3\xa9"
    "curit\xc3\xa9",
    "The", "This", "It", "When", "Les", "Pour", "Debian", "Linux", "GNU",
    "However,", "2024", "10", "3.5", "(see", "below)", "e.g.", "l'installation",
    "d'un", "it's", "user's", "non-free", "read/write", "`apt`", "64-bit"};

/* Numbers of examples, ranges for fiction and documentation. */
static const char *const personal[] = {"alix.martin@example.org",
    "+44 20 7946 0958", "06 39 98 12 34", "(202) 555-0132",
    "NINO QQ 12 34 56 C", "078-05-1120", "FR14 2004 1010 0505 0001 3M02 606",
    "4111 1111 1111 1111", "my name is Ysaline Rubija", "Mme Dupont",
    "192.0.2.17", "SW1A 1AA", "born on 12/05/1985", "password: hunter2hunter2",
    "Thomas Martin", "GPS 48.858370, 2.294481", "NHS 943 476 5919",
    "12 rue de la Paix, 75002 Paris", "https://bob:hunter2@db.example.com/x",
    "AKIAIOSFODNN7EXAMPLE"};

/* About @bytes of words with a finding each @every bytes. */
static int
add_text(struct tg_buf *b, uint64_t *s, size_t bytes, size_t every)
{
	const size_t end = b->n + bytes;
	size_t next = b->n + draw(s) % (2 * every);

	while (b->n < end) {
		const bool full = draw(s) % 14 == 0;
		const char *w = words[draw(s) % TG_COUNT(words)];

		if (b->n >= next) {
			w = personal[draw(s) % TG_COUNT(personal)];
			next += 1 + draw(s) % (2 * every);
		}
		if (tg_buf_adds(b, w, NULL) < 0 ||
		    tg_buf_adds(b, full ? ". " : " ", NULL) < 0)
			return -1;
	}
	return 0;
}

static int
add_texts(struct tg_buf *b, size_t bytes, size_t every)
{
	uint64_t s = 42;

	while (b->n < bytes)
		if (add_text(b, &s, TEXT_BYTES, every) < 0 ||
		    tg_buf_add(b, "", 1, NULL) < 0)
			return -1;
	return 0;
}

/* The words of @text as an array of tokens. */
static int
add_tokens(struct tg_buf *b, struct tg_sv text)
{
	size_t at = 0;

	if (tg_buf_adds(b, "[", NULL) < 0)
		return -1;
	while (at < text.n) {
		size_t end = at + 1;

		while (end < text.n && text.p[end] != ' ' && end - at < 6)
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
	return tg_buf_adds(b, "]", NULL);
}

static int
chat_record(struct tg_buf *b, uint64_t *s)
{
	struct tg_buf text;
	int rc = -1;

	tg_buf_init(&text, 1u << 20);
	if (add_text(&text, s, 500, 320) < 0 ||
	    tg_buf_addf(b, NULL,
		"{\"trace_id\": \"%016llx\", \"model\": \"m-2b\", "
		"\"user_id\": \"u-%u\", \"prompt\": \"",
		(unsigned long long)draw(s), (unsigned)(draw(s) % 5000)) < 0 ||
	    tg_buf_add(b, text.p, text.n, NULL) < 0 ||
	    tg_buf_adds(b, "\", \"tokens\": ", NULL) < 0 ||
	    add_tokens(b, tg_buf_sv(&text)) < 0 ||
	    tg_buf_adds(b, ", \"response\": \"", NULL) < 0 ||
	    add_text(b, s, 700, 320) < 0)
		goto out;
	rc = tg_buf_addf(b, NULL,
	    "\", \"metadata\": {\"temperature\": 0.7, \"max_tokens\": %u, "
	    "\"service\": \"support-bot\", \"finish\": \"stop\"}}\n",
	    (unsigned)(draw(s) % 4096));
out:
	tg_buf_deinit(&text);
	return rc;
}

static int
acts_record(struct tg_buf *b, uint64_t *s)
{
	if (tg_buf_addf(b, NULL,
		"{\"trace_id\": \"%016llx\", \"text\": \"the trace\", "
		"\"metadata\": {\"acts\": [",
		(unsigned long long)draw(s)) < 0)
		return -1;
	for (int i = 0; i < 2000; i++)
		if (tg_buf_addf(b, NULL, "%s[%u,%u.%04u]", i > 0 ? "," : "",
			(unsigned)(draw(s) % 16384), (unsigned)(draw(s) % 90),
			(unsigned)(draw(s) % 10000)) < 0)
			return -1;
	return tg_buf_adds(b, "]}}\n", NULL);
}

static int
add_records(
    struct tg_buf *b, size_t bytes, int (*record)(struct tg_buf *, uint64_t *))
{
	uint64_t s = 42;

	while (b->n < bytes)
		if (record(b, &s) < 0)
			return -1;
	return 0;
}

static double
cpu(int who)
{
	struct rusage u;

	(void)getrusage(who, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	    (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

/* Scans the texts of @b up to byte @end; bytes scanned, 0 on failure. */
static size_t
scan_all(struct bench *x, const struct tg_buf *b, size_t end, bool plain)
{
	size_t at = 0, bytes = 0;

	if (tg_scanner_plain(x->scanner, plain, &x->err) < 0)
		return 0;
	x->findings = 0;
	while (at < end) {
		const size_t n = strlen(b->p + at);
		struct tg_findings f;

		if (tg_scan(x->scanner, (struct tg_trace_text){b->p + at, n},
			(struct tg_trace_text){"text", 4}, &f, &x->err) < 0)
			return 0;
		x->findings += f.n;
		bytes += n;
		at += n + 1;
	}
	return bytes;
}

static int
count_bytes(void *ctx, struct tg_sv record, struct tg_sv eol TG_UNUSED,
    struct tg_err *err TG_UNUSED)
{
	*(uint64_t *)ctx += record.n;
	return 0;
}

/* All of redact but its start and the writing; bytes read, 0 on failure. */
static size_t
redact_all(struct bench *x, const struct tg_buf *b)
{
	struct tg_counts *counts = calloc(1, sizeof(*counts));
	struct tg_input in = {.path = "-"};
	FILE *f = tmpfile();
	struct tg_settings set;
	struct tg_intake t;
	struct tg_pass p;
	uint64_t out = 0;
	size_t bytes = 0;

	if (counts == NULL || f == NULL || fwrite(b->p, 1, b->n, f) != b->n ||
	    fflush(f) != 0 || lseek(fileno(f), 0, SEEK_SET) != 0)
		goto out;
	tg_settings_plain(&set, TG_MODE_REDACT);
	if (tg_pass_init(&p, &set, x->rules, x->attrs, counts, &x->err) == 0) {
		tg_intake_init(&t, &p);
		t.write = count_bytes;
		t.write_ctx = &out;
		if (tg_input_run(&t, &in, fileno(f), &x->err) == 0 &&
		    counts->quarantined == 0 && out > 0)
			bytes = b->n;
		tg_intake_deinit(&t);
	}
	tg_pass_deinit(&p);
out:
	if (f != NULL)
		(void)fclose(f);
	free(counts);
	return bytes;
}

/* Behind "(?=...)" at the front, which only says what the rest begins with. */
static const char *
without_beginning(const char *p)
{
	int depth = 0;

	if (p == NULL || strncmp(p, "(?=", 3) != 0)
		return p;
	for (bool set = false; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (set || *p == '[')
			set = *p != ']';
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	return p;
}

/* The patterns that its engine can read (no look-around), one a line. */
static size_t
write_patterns(const struct bench *x, FILE *f)
{
	size_t n = 0;

	for (size_t i = 0; i < x->rules->n; i++) {
		const struct tg_rule *r = &x->rules->rule[i];
		const char *at = without_beginning(r->pattern.p);
		const char *group;

		if (r->engine != TG_ENGINE_PCRE2 || r->keyed || at == NULL ||
		    strstr(at, "(?=") != NULL || strstr(at, "(?!") != NULL ||
		    strstr(at, "(?<!") != NULL || strstr(at, "(?<=") != NULL)
			continue;
		while ((group = strstr(at, "(?<value>")) != NULL) {
			(void)fprintf(f, "%.*s(?:", (int)(group - at), at);
			at = group + strlen("(?<value>");
		}
		(void)fprintf(f, "%s\n", at);
		n++;
	}
	return n;
}

/* For peers that are programs: DIR/patterns and DIR/chat.jsonl. */
static int
write_files(const struct bench *x, const char *dir)
{
	char path[PATH_BYTES];
	FILE *f;
	bool bad;

	(void)snprintf(path, sizeof(path), "%s/patterns", dir);
	if ((f = fopen(path, "w")) == NULL)
		return -1;
	bad = write_patterns(x, f) == 0;
	if (fclose(f) != 0 || bad)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/chat.jsonl", dir);
	if ((f = fopen(path, "w")) == NULL)
		return -1;
	bad = fwrite(x->chat.p, 1, x->chat.n, f) != x->chat.n;
	return fclose(f) != 0 || bad ? -1 : 0;
}

enum row { PROSE, DENSE, CHAT, ACTS, PLAIN, ROWS };

static const char *const row_name[ROWS] = {
    "prose", "dense", "chat", "acts", "plain"};
static const char *const row_what[ROWS] = {
    "tg_scan", "tg_scan", "redact", "redact", "rule by rule, prose"};

/* Not inlined: callgrind counts what is inside. */
__attribute__((noinline)) static size_t
run_row(struct bench *x, enum row r)
{
	switch (r) {
	case PROSE:
		return scan_all(x, &x->prose, x->prose.n, false);
	case DENSE:
		return scan_all(x, &x->dense, x->dense.n, false);
	case CHAT:
		return redact_all(x, &x->chat);
	case ACTS:
		return redact_all(x, &x->acts);
	case PLAIN:
		return scan_all(x, &x->prose, x->prose.n / PLAIN_SHARE, true);
	case ROWS:
		break;
	}
	return 0;
}

static int
by_value(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static int
table(struct bench *x)
{
	double rate[ROWS][PASSES];

	for (int i = 0; i < PASSES; i++)
		for (int r = 0; r < ROWS; r++) {
			const double t0 = cpu(RUSAGE_SELF);
			const size_t n = run_row(x, (enum row)r);

			if (n == 0)
				return -1;
			rate[r][i] = (double)n / 1e6 / (cpu(RUSAGE_SELF) - t0);
		}
	for (int r = 0; r < ROWS; r++) {
		qsort(rate[r], PASSES, sizeof(rate[r][0]), by_value);
		(void)printf("%-6s %-20s %8.1f MB/s  (%.1f to %.1f)\n",
		    row_name[r], row_what[r], rate[r][PASSES / 2], rate[r][0],
		    rate[r][PASSES - 1]);
	}
	(void)printf("prose: tg_scan is %.1fx of rule by rule\n",
	    rate[PROSE][PASSES / 2] / rate[PLAIN][PASSES / 2]);
	return 0;
}

/* Whether the row, or all of them, need the text. */
static bool
wanted(const char *row, const char *rows)
{
	return row == NULL || strstr(rows, row) != NULL;
}

static int
setup(struct bench *x, const char *root, size_t bytes, const char *row)
{
	char path[PATH_BYTES];

	tg_buf_init(&x->prose, bytes * 2);
	tg_buf_init(&x->dense, bytes * 2);
	tg_buf_init(&x->chat, bytes * 2);
	tg_buf_init(&x->acts, bytes * 2);
	(void)snprintf(
	    path, sizeof(path), "%s/policies/otel-attributes.yaml", root);
	if (tg_ruleset_load(&x->rules, root, NULL, 0, &x->err) < 0 ||
	    tg_attributes_load(&x->attrs, path, &x->err) < 0 ||
	    tg_scanner_new(&x->scanner, x->rules, &x->err) < 0)
		return -1;
	if ((wanted(row, "prose plain") &&
		add_texts(&x->prose, bytes, 2000) < 0) ||
	    (wanted(row, "dense") && add_texts(&x->dense, bytes, 300) < 0) ||
	    (wanted(row, "chat write") &&
		add_records(&x->chat, bytes, chat_record) < 0) ||
	    (wanted(row, "acts") &&
		add_records(&x->acts, bytes, acts_record) < 0))
		return tg_fail_memory(&x->err);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *root = getenv("TG_ROOT");
	struct bench x = {.findings = 0};
	uint64_t mib = 4;
	int rc = -1;

	if (argc > 1 && !tg_parse_u64(&mib, tg_sv_of(argv[1]), 1, 512))
		return EXIT_FAILURE;
	if (setup(&x, root == NULL ? "." : root, (size_t)mib << 20,
		argc > 2 ? argv[2] : NULL) < 0)
		goto out;
	if (argc < 3) {
		rc = table(&x);
		goto out;
	}
	if (strcmp(argv[2], "write") == 0)
		rc = argc == 4 ? write_files(&x, argv[3]) : -1;
	for (int r = 0; r < ROWS; r++)
		if (strcmp(argv[2], row_name[r]) == 0) {
			const size_t n = run_row(&x, (enum row)r);

			(void)printf("%s: %zu bytes, %llu findings\n", argv[2],
			    n, (unsigned long long)x.findings);
			rc = n == 0 ? -1 : 0;
		}
out:
	if (rc < 0)
		(void)fprintf(stderr, "redact_bench: failed: %s\n", x.err.text);
	tg_scanner_free(x.scanner);
	tg_attributes_free(x.attrs);
	tg_rules_free(x.rules);
	tg_buf_deinit(&x.prose);
	tg_buf_deinit(&x.dense);
	tg_buf_deinit(&x.chat);
	tg_buf_deinit(&x.acts);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
