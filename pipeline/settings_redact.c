/* settings_redact.c - /redaction of the policy to a scanner and to the
 * operators. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/enc.h"
#include "base/fs.h"
#include "pipeline/settings.h"
#include "base/banned.h"

#define PATH_LEN 256

/* /redaction/detectors/@type/@leaf, or NULL. */
static const struct tg_leaf *
leaf_of(const struct tg_policy *p, const char *type, const char *leaf)
{
	char path[PATH_LEN];

	(void)snprintf(
	    path, sizeof(path), "/redaction/detectors/%s/%s", type, leaf);
	return tg_policy_find(p, path);
}

static bool
says(const struct tg_policy *p, const char *type, const char *leaf,
    const char *word)
{
	const struct tg_leaf *l = leaf_of(p, type, leaf);

	return l != NULL && l->text != NULL && strcmp(l->text, word) == 0;
}

const char *
tg_settings_action(const struct tg_policy *p, const char *type)
{
	const struct tg_leaf *l = leaf_of(p, type, "operator");

	if (l == NULL)
		l = leaf_of(p, type, "action");
	return l == NULL || l->text == NULL ? tg_action_name(TG_ACT_LABEL)
					    : l->text;
}

static int
action_of(enum tg_action *out, const struct tg_policy *p, const char *type,
    struct tg_err *err)
{
	const char *name = tg_settings_action(p, type);

	if (tg_action_parse(out, tg_sv_of(name)))
		return 0;
	return tg_fail(err, TG_E_CONFIG,
	    "/redaction/detectors/%s: unknown action '%s'", type, name);
}

int
tg_settings_number(
    struct tg_settings *out, const struct tg_policy *p, struct tg_err *err)
{
	const char *word;

	if (tg_policy_str(p, "/redaction/number_becomes", &word, err) < 0)
		return -1;
	out->number_null = strcmp(word, "null") == 0;
	return 0;
}

int
tg_settings_scanner(struct tg_scanner *s, const struct tg_rules *r,
    const struct tg_policy *p, struct tg_err *err)
{
	for (size_t i = 0; i < tg_rules_type_count(r); i++) {
		const char *type = tg_rules_type(r, (uint16_t)i);
		const struct tg_leaf *l = leaf_of(p, type, "min_score");
		enum tg_action action;
		uint64_t score;

		if (action_of(&action, p, type, err) < 0)
			return -1;
		if (l == NULL) {
			tg_scanner_set(
			    s, (uint16_t)i, TG_SCORE_DEFAULT, action);
			continue;
		}
		if (tg_policy_ratio(p, l->path, &score, err) < 0)
			return -1;
		tg_scanner_set(
		    s, (uint16_t)i, (uint8_t)(score / 10000000u), action);
	}
	return 0;
}

void
tg_settings_health(bool out[TG_COUNT_TYPES], const struct tg_rules *r,
    const struct tg_policy *p)
{
	static const char head[] = "user.health_and_medical";
	const size_t n = sizeof(head) - 1;

	for (size_t i = 0; i < TG_COUNT_TYPES; i++) {
		const struct tg_leaf *l = i < tg_rules_type_count(r)
		    ? leaf_of(p, tg_rules_type(r, (uint16_t)i), "fides")
		    : NULL;

		out[i] = l != NULL && l->text != NULL &&
		    strncmp(l->text, head, n) == 0 &&
		    (l->text[n] == '\0' || l->text[n] == '.');
	}
}

/* A whole number of at most @max; 0 where the policy says nothing. */
static int
number_of(uint16_t *out, const struct tg_policy *p, const char *type,
    const char *leaf, uint64_t max, struct tg_err *err)
{
	const struct tg_leaf *l = leaf_of(p, type, leaf);
	uint64_t n = 0;

	if (l != NULL && (tg_policy_u64(p, l->path, &n, err) < 0))
		return -1;
	if (n > max)
		return tg_fail(err, TG_E_CONFIG, "%s: over %llu", l->path,
		    (unsigned long long)max);
	*out = (uint16_t)n;
	return 0;
}

static int
parameters(struct tg_operator *out, const struct tg_policy *p, const char *type,
    struct tg_err *err)
{
	const struct tg_leaf *c = leaf_of(p, type, "mask_char");
	struct tg_operator o = {.number_scope = TG_NUMBER_RECORD};
	uint16_t first, last;

	if (number_of(&first, p, type, "mask_keep_first", 64, err) < 0 ||
	    number_of(&last, p, type, "mask_keep_last", 64, err) < 0 ||
	    number_of(&o.shift_days, p, type, "shift_days", 3653, err) < 0)
		return -1;
	o.mask_first = (uint8_t)first;
	o.mask_last = (uint8_t)last;
	o.mask_char = c == NULL || c->text == NULL ? '*' : c->text[0];
	o.mask_separators = says(p, type, "mask_separators", "mask");
	if (says(p, type, "number_scope", "file"))
		o.number_scope = TG_NUMBER_FILE;
	else if (says(p, type, "number_scope", "run"))
		o.number_scope = TG_NUMBER_RUN;
	if (says(p, type, "birth_band", "five_years"))
		o.birth_band = TG_BIRTH_FIVE_YEARS;
	if (says(p, type, "shift_scope", "record"))
		o.shift_scope = TG_SHIFT_RECORD;
	*out = o;
	return 0;
}

int
tg_settings_operators(struct tg_operators *o, const struct tg_rules *r,
    const struct tg_policy *p, struct tg_err *err)
{
	for (size_t i = 0; i < tg_rules_type_count(r); i++) {
		const char *type = tg_rules_type(r, (uint16_t)i);
		struct tg_operator param;
		enum tg_action a;

		if (action_of(&a, p, type, err) < 0 ||
		    parameters(&param, p, type, err) < 0)
			return -1;
		if ((a == TG_ACT_GENERALISE &&
			!tg_operators_generalises(type)) ||
		    (a == TG_ACT_SHIFT_DATE && !tg_operators_dates(type)))
			return tg_fail(err, TG_E_CONFIG,
			    "/redaction/detectors/%s: there is nothing that %s "
			    "could do to it",
			    type, tg_action_name(a));
		param.action = a;
		tg_operators_set(o, (uint16_t)i, &param);
		if (tg_operators_selftest(o, r, (uint16_t)i, a, err) < 0)
			return -1;
	}
	return 0;
}

int
tg_settings_key_load(
    uint8_t out[TG_KEY_LEN], const char *path, struct tg_err *err)
{
	struct tg_buf b;
	struct tg_sv text;
	size_t n = 0;
	int rc = -1;

	tg_buf_init(&b, 4096);
	if (tg_fs_slurp_private(&b, path, err) < 0)
		goto out;
	text = tg_buf_sv(&b);
	if (text.n > 0 && text.p[text.n - 1] == '\n')
		text.n--;
	if (!tg_b64_decode(out, TG_KEY_LEN, &n, text, TG_B64_PADDED) ||
	    n != TG_KEY_LEN) {
		(void)tg_fail(
		    err, TG_E_KEY, "%s: 32 bytes in base64 expected", path);
		goto out;
	}
	rc = 0;
out:
	tg_buf_wipe_deinit(&b);
	return rc;
}

void
tg_settings_key(struct tg_settings *s, const uint8_t key[TG_KEY_LEN])
{
	tg_crypt_derive(s->pseudonym_key, key, "pseudonym", TG_SV("filter"));
	tg_crypt_derive(s->run_key, key, "operators/run", TG_SV("filter"));
	s->keyed = true;
}
