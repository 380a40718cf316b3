/*
 * rules_fuzz.c - any bytes as a rule file.
 *
 * What holds for each input:
 *  - it is refused with TG_E_CONFIG (or a limit) and words, or it is loaded;
 *  - loaded, each of its rules has two examples of each kind that do what they
 *    say, and a scan of hostile texts ends with findings inside the text or
 *    with TG_E_INPUT: the match limits hold whatever the pattern.
 */
#include <unistd.h>

#include "base/fs.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define FILE_MAX (1u << 15)
#define HOSTILE 400 /* bytes of a hostile text */

static void
scan_one(struct tg_scanner *s, const char *p, size_t n)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_findings f;
	size_t at = 0;

	if (tg_scan(s, (struct tg_trace_text){p, n},
		(struct tg_trace_text){"text", 4}, &f, &err) < 0) {
		hold(err.cls == TG_E_INPUT && err.text[0] != '\0',
		    "a limit is a failed record");
		return;
	}
	for (size_t i = 0; i < f.n; i++) {
		hold(f.f[i].start >= at && f.f[i].start < f.f[i].end &&
			f.f[i].end <= n && f.f[i].score > 0,
		    "findings are sorted, apart and inside");
		at = f.f[i].end;
	}
}

/* Runs of one letter and of all, with an end that spoils the match. */
static void
scan_hostile(struct tg_scanner *s)
{
	static const char ends[] = {'!', 'x', '1'};
	static const char letters[] = "a1 x@.-A";
	char text[HOSTILE];

	for (size_t i = 0; i < sizeof(letters) - 1; i++)
		for (size_t k = 0; k < sizeof(ends); k++) {
			memset(text, letters[i], sizeof(text));
			text[HOSTILE - 1] = ends[k];
			scan_one(s, text, sizeof(text));
		}
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = letters[i % (sizeof(letters) - 1)];
	scan_one(s, text, sizeof(text));
}

static void
use(const struct tg_rules *r)
{
	struct tg_scanner *s = NULL;

	hold(r->n > 0, "a rule set is not empty");
	hold(tg_scanner_new(&s, r, NULL) == 0, "a scanner");
	for (size_t i = 0; i < r->n; i++) {
		const struct tg_rule *rule = &r->rule[i];

		hold(rule->n_match >= 2 && rule->n_no_match >= 2,
		    "two examples of each kind");
		hold(tg_rules_type_find(r, rule->info.type) >= 0, "a type");
		for (size_t k = 0; k < rule->n_match; k++)
			scan_one(s, rule->match[k].text, rule->match[k].n);
		for (size_t k = 0; k < rule->n_no_match; k++)
			scan_one(
			    s, rule->no_match[k].text, rule->no_match[k].n);
	}
	scan_hostile(s);
	tg_scanner_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_rules *r = NULL;
	char path[512];
	const char *const packs[] = {path};
	const char *tmp = getenv("TMPDIR");
	const struct tg_rules_src src = {packs, 1, NULL, 0};
	int fd;

	if (n > FILE_MAX)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/tracegate-fuzz-XXXXXX",
	    tmp == NULL ? "/tmp" : tmp);
	fd = mkstemp(path);
	hold(fd >= 0 && tg_fs_write_all(fd, p, n, NULL) == 0, "a file");
	if (tg_rules_load(&r, &src, &err) < 0) {
		hold(r == NULL && err.text[0] != '\0', "refused with words");
		hold(err.cls == TG_E_CONFIG || err.cls == TG_E_LIMIT,
		    "refused as a bad file");
	} else {
		use(r);
	}
	tg_rules_free(r);
	(void)close(fd);
	(void)unlink(path);
	return 0;
}
