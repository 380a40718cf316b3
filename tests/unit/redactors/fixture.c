#include "tests/unit/redactors/fixture.h"

#include <stdio.h>
#include <stdlib.h>

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

const struct tg_rules *
fixture_rules(void)
{
	struct tg_err err = {.cls = TG_E_NONE};
	const char *pack[] = {fixture_path("redactors/rules/generic.yaml"),
	    fixture_path("redactors/rules/secrets.yaml"),
	    fixture_path("redactors/rules/person.yaml"),
	    fixture_path("regions/uk/identifiers.yaml"),
	    fixture_path("regions/fr/identifiers.yaml"),
	    fixture_path("regions/us/identifiers.yaml")};
	char names[3][512];
	static const char *const regions[] = {"uk", "fr", "us"};
	const char *folder[3];
	struct tg_rules_src src = {pack, TG_COUNT(pack), folder, 3};

	if (rules != NULL)
		return rules;
	for (size_t i = 0; i < 3; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "%s/%s/names",
		    fixture_path("regions"), regions[i]);
		folder[i] = names[i];
	}
	if (tg_rules_load(&rules, &src, &err) < 0)
		ck_abort_msg("rules: %s", err.text);
	return rules;
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
