/* replay_change.c - what moved from the policy of a run to another one. */
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "pipeline/replay_priv.h"
#include "policies/decided.h"
#include "base/banned.h"

#define DETECTORS "/redaction/detectors/"
#define PATH_LEN 256
#define SCORE_PPB 10000000u /* ppb of a ratio that make one of a score */

static bool
same(const struct tg_json *a, const struct tg_json *b)
{
	bool yes = tg_json_kind(a) == tg_json_kind(b) &&
	    tg_json_len(a) == tg_json_len(b);

	if (!yes || a == NULL || b == NULL)
		return a == b;
	for (size_t i = 0; yes && i < tg_json_len(a); i++)
		yes = same(tg_json_at(a, i), tg_json_at(b, i));
	return yes && tg_json_number(a) == tg_json_number(b) &&
	    strcmp(tg_json_text(a), tg_json_text(b)) == 0;
}

static const struct tg_json *
leaf_at(const struct tg_json *decided, const char *path)
{
	return tg_json_get(tg_json_get(decided, "leaves"), path);
}

/* Whether a leaf says something else, or one says it alone. */
static bool
moved(const struct tg_json *was, const struct tg_json *is)
{
	return !same(tg_json_get(was, "value"), tg_json_get(is, "value")) ||
	    tg_json_get_bool(was, "value", false) !=
	    tg_json_get_bool(is, "value", false);
}

static const char *
word(const struct tg_json *decided, const char *path)
{
	const struct tg_json *v = tg_json_get(leaf_at(decided, path), "value");

	return tg_json_kind(v) == TG_JSON_STR ? tg_json_text(v) : NULL;
}

/* ---- types ------------------------------------------------------------- */

static const char *
of_type(const struct tg_json *decided, const char *type, const char *leaf)
{
	char path[PATH_LEN];

	(void)snprintf(path, sizeof(path), DETECTORS "%s/%s", type, leaf);
	return word(decided, path);
}

/* As tg_settings_scanner reads it. */
static enum tg_action
action(const struct tg_json *decided, const char *type)
{
	const char *name = of_type(decided, type, "operator");
	enum tg_action a = TG_ACT_LABEL;

	if (name == NULL)
		name = of_type(decided, type, "action");
	if (name != NULL && !tg_action_parse(&a, tg_sv_of(name)))
		a = TG_ACT_LABEL;
	return a;
}

static unsigned
minimum(const struct tg_json *decided, const char *type)
{
	const char *text = of_type(decided, type, "min_score");
	uint64_t ppb;

	if (text == NULL || !tg_parse_ratio_ppb(&ppb, tg_sv_of(text)))
		return TG_SCORE_DEFAULT;
	return ppb < SCORE_PPB ? 1 : (unsigned)(ppb / SCORE_PPB);
}

struct tg_replay_type *
tg_replay_type_of(struct tg_replay_state *s, const char *name)
{
	struct tg_replay_change *c = &s->change;
	struct tg_replay_type *t;
	const char *copy;

	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->type[i].name, name) == 0)
			return &c->type[i];
	copy = c->n == TG_COUNT(c->type)
	    ? NULL
	    : tg_arena_str(&s->mem, tg_sv_of(name));
	if (copy == NULL)
		return NULL;
	t = &c->type[c->n++];
	*t = (struct tg_replay_type){.name = copy,
	    .was = TG_ACT_LABEL,
	    .is = TG_ACT_LABEL,
	    .was_min = TG_SCORE_DEFAULT,
	    .is_min = TG_SCORE_DEFAULT};
	return t;
}

static int
add_type(struct tg_replay_state *s, const struct tg_json *is, const char *path,
    bool other, struct tg_err *err)
{
	const char *name = path + sizeof(DETECTORS) - 1;
	const char *slash = strchr(name, '/');
	const char *leaf = slash == NULL ? "" : slash + 1;
	static const char *const told[] = {
	    "action", "operator", "min_score", "floor", "fides"};
	struct tg_replay_change *c = &s->change;
	struct tg_replay_type *t;
	char type[PATH_LEN];
	bool known = false;

	(void)snprintf(type, sizeof(type), "%.*s",
	    slash == NULL ? 0 : (int)(slash - name), name);
	t = tg_replay_type_of(s, type);
	if (t == NULL)
		return tg_fail(
		    err, TG_E_LIMIT, "more than %d types", TG_COUNT_TYPES);
	t->was = action(s->in->decided, type);
	t->is = action(is, type);
	t->was_min = minimum(s->in->decided, type);
	t->is_min = minimum(is, type);
	for (size_t i = 0; i < TG_COUNT(told); i++)
		known = known || strcmp(leaf, told[i]) == 0;
	t->parameters = t->parameters || (other && !known);
	c->health = c->health || (other && strcmp(leaf, "fides") == 0);
	return 0;
}

static void
sum_up(struct tg_replay_change *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct tg_replay_type *t = &c->type[i];
		const bool general =
		    t->was == TG_ACT_GENERALISE || t->is == TG_ACT_GENERALISE;

		c->minima = c->minima || t->was_min != t->is_min;
		c->lowered = c->lowered || t->is_min < t->was_min;
		c->types =
		    c->types || t->was != t->is || t->was_min != t->is_min;
		c->drops = c->drops ||
		    (t->was != t->is &&
			(t->was >= TG_ACT_DROP_RECORD ||
			    t->is >= TG_ACT_DROP_RECORD));
		/* A coarser value in a text tells apart, too. */
		c->rows = c->rows ||
		    (general &&
			(t->was != t->is || t->parameters ||
			    t->was_min != t->is_min));
	}
}

/* ---- leaves ------------------------------------------------------------ */

static bool
begins(const char *path, const char *head)
{
	return tg_sv_starts(tg_sv_of(path), tg_sv_of(head));
}

/* Leaves on activations that decide nothing about a record. */
static bool
mute(const char *path)
{
	static const char *const list[] = {"/activations/computed_on",
	    "/activations/on_span_floor", "/activations/span_rows_approver",
	    "/activations/value_bits"};

	for (size_t i = 0; i < TG_COUNT(list); i++)
		if (strcmp(path, list[i]) == 0)
			return true;
	return false;
}

static void
leaf_moved(struct tg_replay_change *c, const char *path)
{
	c->unit = c->unit || strcmp(path, "/sampling/unit") == 0;
	c->numbers =
	    c->numbers || strcmp(path, "/redaction/number_becomes") == 0;
	c->activations = c->activations ||
	    (begins(path, "/activations/") && !mute(path)) ||
	    strcmp(path, "/anonymisation/fields/prompt_text/op") == 0;
	c->rows = c->rows || begins(path, "/anonymisation/fields/") ||
	    strcmp(path, "/anonymisation/date_granularity") == 0;
}

/* Every leaf of either policy, once. */
static int
leaves(struct tg_replay_state *s, const struct tg_json *is, struct tg_err *err)
{
	const struct tg_json *side[] = {s->in->decided, is};

	for (size_t i = 0; i < TG_COUNT(side); i++) {
		struct tg_json *map = tg_json_get(side[i], "leaves");
		const char *path;
		void *at;

		for (path = tg_json_key_first(map, &at); path != NULL;
		     path = tg_json_key_next(map, &at)) {
			const bool other = moved(
			    leaf_at(side[0], path), leaf_at(side[1], path));

			if (begins(path, DETECTORS) &&
			    add_type(s, is, path, other, err) < 0)
				return -1;
			if (other)
				leaf_moved(&s->change, path);
		}
	}
	return 0;
}

/* Whether text does not leave; [1]: of real people. */
static void
no_text(bool out[2], const struct tg_json *decided)
{
	const char *w = word(decided, "/anonymisation/free_text");

	out[0] = w != NULL && strcmp(w, "none") == 0;
	out[1] = out[0] || (w != NULL && strcmp(w, "synthetic_only") == 0);
}

static bool
differs(const struct tg_json *head, const char *key, const char *is)
{
	return is == NULL || strcmp(tg_json_get_str(head, key, ""), is) != 0;
}

static int
settings(struct tg_replay_state *s, struct tg_err *err)
{
	static const uint8_t none[TG_KEY_LEN];
	const struct tg_json *list = tg_json_get(s->head, "inputs");
	const struct tg_replay_in *in = s->in;
	const struct tg_settings_run run = {.seed = none,
	    .pseudonyms = none,
	    .retention_class = in->retention_class,
	    .all_synthetic = tg_json_get_bool(s->head, "all_synthetic", false),
	    .rate_ppb = (uint64_t)tg_json_get_int(s->head, "asked_ppb", 0),
	    .as_of = in->as_of};
	bool real = false, invented = false;

	for (size_t i = 0; i < tg_json_len(list); i++) {
		const bool is =
		    tg_json_get_bool(tg_json_at(list, i), "real", true);

		real = real || is;
		invented = invented || !is;
	}
	if (tg_anonymity_ask(&s->anonymity, in->policy, real, invented, err) <
	    0)
		return -1;
	if (tg_settings_export(&s->set[0], in->policy, &run, false, err) == 0)
		return tg_settings_export(
		    &s->set[1], in->policy, &run, true, err);
	if (strncmp(err->text, "SMP-RATE", 8) != 0)
		return -1;
	s->refused = *err;
	tg_err_clear(err);
	return 0;
}

int
tg_replay_change_find(struct tg_replay_state *s, struct tg_err *err)
{
	const struct tg_replay_in *in = s->in;
	struct tg_replay_change *c = &s->change;
	bool was_none[2], is_none[2];

	if (tg_policy_decided(&s->is, in->policy, in->retention_class, err) <
		0 ||
	    leaves(s, s->is, err) < 0 || settings(s, err) < 0)
		return -1;
	sum_up(c);
	no_text(was_none, in->decided);
	no_text(is_none, s->is);
	for (size_t i = 0; i < TG_COUNT(c->text); i++)
		c->text[i] = was_none[i] != is_none[i];
	c->rules = differs(s->head, "rules_sha256", in->rules_sha256) ||
	    differs(s->head, "names_sha256", in->names_sha256) ||
	    differs(s->head, "attributes_sha256", in->attributes_sha256);
	return 0;
}
