#include "tests/unit/redactors/fixture.h"

#include <stdio.h>
#include <stdlib.h>

#include "redactors/regex.h"
#include "tests/unit/asan_children.h"

#include "base/banned.h"

static struct tg_rules *rules;
static struct tg_scanner *scanner;

const char *
fixture_path(const char *path)
{
	static char buf[16][512];
	static unsigned next;
	const char *root = getenv("TG_ROOT");
	char *out = buf[next++ % TG_COUNT(buf)];

	(void)snprintf(
	    out, sizeof(buf[0]), "%s/%s", root == NULL ? "." : root, path);
	return out;
}

static struct tg_rules *
load(bool backwards)
{
	static const char *const packs[] = {"redactors/rules/generic.yaml",
	    "redactors/rules/secrets.yaml", "redactors/rules/person.yaml",
	    "regions/uk/identifiers.yaml", "regions/fr/identifiers.yaml",
	    "regions/us/identifiers.yaml"};
	static const char *const names[] = {
	    "regions/uk/names", "regions/fr/names", "regions/us/names"};
	const char *pack[TG_COUNT(packs)], *folder[TG_COUNT(names)];
	const struct tg_rules_src src = {
	    pack, TG_COUNT(packs), folder, TG_COUNT(names)};
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_rules *r = NULL;

	for (size_t i = 0; i < TG_COUNT(packs); i++)
		pack[backwards ? TG_COUNT(packs) - 1 - i : i] =
		    fixture_path(packs[i]);
	for (size_t i = 0; i < TG_COUNT(names); i++)
		folder[i] = fixture_path(names[i]);
	/* The machine code reads whole words past a text's end; valgrind knows
	 * that only of a PCRE2 built --enable-valgrind, which Debian's is not.
	 */
	if (getenv("TG_VALGRIND") != NULL)
		tg_regex_use_jit(false);
	if (tg_rules_load(&r, &src, &err) < 0)
		ck_abort_msg("rules: %s", err.text);
	return r;
}

const struct tg_rules *
fixture_rules(void)
{
	if (rules == NULL)
		rules = load(false);
	return rules;
}

struct tg_rules *
fixture_rules_backwards(void)
{
	return load(true);
}

struct tg_scanner *
fixture_scanner(void)
{
	struct tg_err err = {.cls = TG_E_NONE};

	if (scanner == NULL &&
	    tg_scanner_new(&scanner, fixture_rules(), &err) < 0)
		ck_abort_msg("scanner: %s", err.text);
	return scanner;
}

struct tg_findings
fixture_scan_n(const char *text, size_t n, const char *key)
{
	struct tg_err err = {.cls = TG_E_NONE};
	struct tg_findings f;

	if (tg_scan(fixture_scanner(), (struct tg_trace_text){text, n},
		(struct tg_trace_text){key, strlen(key)}, &f, &err) < 0)
		ck_abort_msg("scan: %s", err.text);
	return f;
}

struct tg_findings
fixture_scan(const char *text, const char *key)
{
	return fixture_scan_n(text, strlen(text), key);
}

bool
fixture_covered(
    struct tg_findings f, const char *type, size_t start, size_t end)
{
	for (size_t i = 0; i < f.n; i++)
		if (f.f[i].start <= start && f.f[i].end >= end &&
		    strcmp(tg_rules_type(fixture_rules(), f.f[i].type), type) ==
			0)
			return true;
	return false;
}

bool
fixture_has(struct tg_findings f, const char *type)
{
	for (size_t i = 0; i < f.n; i++)
		if (strcmp(tg_rules_type(fixture_rules(), f.f[i].type), type) ==
		    0)
			return true;
	return false;
}

unsigned
fixture_random(uint64_t *state, unsigned n)
{
	*state = *state * UINT64_C(6364136223846793005) +
	    UINT64_C(1442695040888963407);
	return (unsigned)(*state >> 33) % n;
}

void
fixture_start(void)
{
	(void)fixture_scanner();
}

void
fixture_stop(void)
{
	tg_scanner_free(scanner);
	tg_rules_free(rules);
	scanner = NULL;
	rules = NULL;
}
