/*
 * rules_pack.c - reads one rule file (redactors/README.md has the schema).
 *
 * Every key is known or refused, with the nearest known one; every value has a
 * type; a rule has at least two examples of each kind.
 */
#include "base/digest.h"
#include "base/num.h"
#include "base/yaml.h"
#include "redactors/context.h"
#include "redactors/fold.h"
#include "redactors/pack_value.h"
#include "redactors/rule.h"

#include "base/banned.h"

#define PHRASE_MAX 96 /* bytes of a word or phrase */

static const char *const root_keys[] = {
    "version", "pack", "lists", "person", "rules", NULL};
static const char *const person_keys[] = {"titles", "ranks", "plurals",
    "particles", "intros", "against", "links", "at", "places", "does", NULL};
static const char *const rule_keys[] = {"id", "type", "category", "engine",
    "form", "pattern", "validator", "boundary", "when", "join", "score",
    "context", "allow", "examples", NULL};
static const char *const score_keys[] = {
    "base", "valid", "context", "whole", NULL};
static const char *const context_keys[] = {
    "words", "keys", "negative", "before", "after", NULL};
static const char *const example_keys[] = {"match", "no_match", NULL};
static const char *const text_keys[] = {"text", "key", NULL};
static const char *const categories[] = {"direct_identifier",
    "quasi_identifier", "secret", "business", "sensitive", NULL};
static const char *const engines[] = {"pcre2", "person", NULL};
static const char *const forms[] = {"titled", "named", "surname_first",
    "initials", "introduced", "listed", "repeated", "lone", "town", NULL};
static const char *const bounds[] = {"none", "word", "strict", NULL};
static const char *const whens[] = {"always", "key", NULL};
static const char *const bools[] = {"false", "true", NULL};

static int
add_phrase(
    const struct tg_pack_file *p, const struct tg_ynode *n, struct tg_words *w)
{
	char folded[PHRASE_MAX], words[PHRASE_MAX + 4];
	size_t len;

	if (n->kind != TG_Y_SCALAR || n->text.n == 0)
		return tg_yaml_fail(p->y, n, p->err, "not a word");
	if (!tg_fold_word(folded, sizeof(folded), n->text.p, n->text.n))
		return tg_yaml_fail(
		    p->y, n, p->err, "over %d bytes", PHRASE_MAX);
	len = tg_context_words(
	    words, sizeof(words), folded, strlen(folded), false);
	if (len < 3)
		return tg_yaml_fail(p->y, n, p->err, "not a word");
	if (w->n == TG_RULE_WORDS)
		return tg_yaml_fail(
		    p->y, n, p->err, "over %d words", TG_RULE_WORDS);
	w->p[w->n] =
	    tg_arena_str(&p->r->arena, (struct tg_sv){words + 1, len - 2});
	if (w->p[w->n] == NULL)
		return tg_fail_memory(p->err);
	w->n++;
	return 0;
}

static int
no_list(const struct tg_pack_file *p, const struct tg_ynode *n)
{
	const struct tg_ynode *l = p->lists == NULL ? NULL : p->lists->child;
	const char *names[TG_RULE_EXAMPLES + 1] = {NULL};

	for (size_t k = 0; l != NULL && l->key != NULL && k < TG_RULE_EXAMPLES;
	     l = l->next)
		names[k++] = l->key->text.p;
	return tg_pack_unknown(p, n, "list", tg_sv_of(n->text.p + 1), names);
}

/* A list of phrases; "@name" stands for a list of the file. */
static int
add_phrases(const struct tg_pack_file *p, const struct tg_ynode *seq,
    struct tg_words *w)
{
	for (const struct tg_ynode *n = seq->child; n != NULL; n = n->next) {
		const struct tg_ynode *list;

		if (n->kind != TG_Y_SCALAR || n->text.n < 2 ||
		    n->text.p[0] != '@') {
			if (add_phrase(p, n, w) < 0)
				return -1;
			continue;
		}
		list = tg_ynode_get(p->lists, n->text.p + 1);
		if (list == NULL || list->kind != TG_Y_SEQ)
			return no_list(p, n);
		for (list = list->child; list != NULL; list = list->next)
			if (add_phrase(p, list, w) < 0)
				return -1;
	}
	return 0;
}

/* Phrases under @key: a list, or lists by language. */
static int
phrases(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, struct tg_words *w)
{
	const struct tg_ynode *n = tg_ynode_get(map, key);

	if (n == NULL)
		return 0;
	if (n->kind == TG_Y_SCALAR)
		return tg_yaml_fail(p->y, n, p->err, "'%s' is not a list", key);
	w->p = tg_arena_calloc(&p->r->arena, TG_RULE_WORDS, sizeof(w->p[0]));
	if (w->p == NULL)
		return tg_fail_memory(p->err);
	if (n->kind == TG_Y_SEQ)
		return add_phrases(p, n, w);
	for (n = n->child; n != NULL; n = n->next) {
		if (n->kind != TG_Y_SEQ)
			return tg_yaml_fail(
			    p->y, n, p->err, "'%s' has no list here", key);
		if (add_phrases(p, n, w) < 0)
			return -1;
	}
	return 0;
}

/* Texts taken as they are. */
static int
exact(const struct tg_pack_file *p, const struct tg_ynode *map, const char *key,
    struct tg_words *w)
{
	const struct tg_ynode *n = tg_ynode_get(map, key);

	if (n == NULL)
		return 0;
	if (n->kind != TG_Y_SEQ || n->n > TG_RULE_WORDS)
		return tg_yaml_fail(p->y, n, p->err,
		    "'%s' is not a list of up to %d", key, TG_RULE_WORDS);
	w->p = tg_arena_calloc(&p->r->arena, n->n + 1, sizeof(w->p[0]));
	if (w->p == NULL)
		return tg_fail_memory(p->err);
	for (n = n->child; n != NULL; n = n->next) {
		if (n->kind != TG_Y_SCALAR)
			return tg_yaml_fail(p->y, n, p->err, "not a text");
		w->p[w->n] = tg_arena_str(&p->r->arena, n->text);
		if (w->p[w->n++] == NULL)
			return tg_fail_memory(p->err);
	}
	return 0;
}

static int
read_context(const struct tg_pack_file *p, const struct tg_ynode *map,
    struct tg_rule *rule)
{
	const struct tg_ynode *n = tg_ynode_get(map, "context");
	uint64_t before = 60, after = 20;

	if (n != NULL &&
	    (tg_pack_map(p, n, "context", context_keys) < 0 ||
		phrases(p, n, "words", &rule->words) < 0 ||
		phrases(p, n, "keys", &rule->keys) < 0 ||
		phrases(p, n, "negative", &rule->negative) < 0 ||
		tg_pack_number(p, n, "before", TG_RULE_WINDOW, &before) < 0 ||
		tg_pack_number(p, n, "after", TG_RULE_WINDOW, &after) < 0))
		return -1;
	rule->before = before;
	rule->after = after;
	return 0;
}

/* Takes "[[" and "]]" out of @e's text; they mark the span. */
static int
read_markers(const struct tg_pack_file *p, const struct tg_ynode *at,
    struct tg_example *e)
{
	char *s = tg_arena_str(&p->r->arena, (struct tg_sv){e->text, e->n});
	char *open, *close;

	if (s == NULL)
		return tg_fail_memory(p->err);
	e->text = s;
	open = strstr(s, "[[");
	if (open == NULL)
		return 0;
	close = strstr(open, "]]");
	if (close == NULL)
		return tg_yaml_fail(p->y, at, p->err, "[[ without ]]");
	e->marked = true;
	e->span.start = (size_t)(open - s);
	e->span.end = (size_t)(close - s) - 2;
	memmove(open, open + 2, (size_t)(close - open) - 2);
	memmove(close - 2, close + 2, strlen(close + 2) + 1);
	e->n -= 4;
	return 0;
}

static int
read_example(const struct tg_pack_file *p, const struct tg_ynode *n,
    struct tg_example *e)
{
	struct tg_sv t = {"", 0}, key = {"", 0};

	e->line = n->line;
	e->col = n->col;
	if (n->kind == TG_Y_MAP) {
		if (tg_pack_map(p, n, "example", text_keys) < 0 ||
		    tg_pack_text(p, n, "text", true, &t) < 0 ||
		    tg_pack_text(p, n, "key", false, &key) < 0)
			return -1;
	} else if (n->kind == TG_Y_SCALAR) {
		t = n->text;
	} else {
		return tg_yaml_fail(p->y, n, p->err, "not an example");
	}
	e->text = t.p;
	e->n = t.n;
	e->key = tg_arena_str(&p->r->arena, key);
	if (e->key == NULL)
		return tg_fail_memory(p->err);
	return read_markers(p, n, e);
}

static int
examples(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, const char *id, struct tg_example **out, size_t *n_out)
{
	const struct tg_ynode *seq = tg_ynode_get(map, key);
	size_t i = 0;

	if (seq == NULL || seq->kind != TG_Y_SEQ || seq->n < 2)
		return tg_yaml_fail(p->y, seq == NULL ? map : seq, p->err,
		    "rule '%s' needs at least two '%s' examples", id, key);
	if (seq->n > TG_RULE_EXAMPLES)
		return tg_yaml_fail(
		    p->y, seq, p->err, "over %d examples", TG_RULE_EXAMPLES);
	*out = tg_arena_calloc(&p->r->arena, seq->n, sizeof(**out));
	if (*out == NULL)
		return tg_fail_memory(p->err);
	for (const struct tg_ynode *n = seq->child; n != NULL; n = n->next)
		if (read_example(p, n, &(*out)[i++]) < 0)
			return -1;
	*n_out = i;
	return 0;
}

static int
read_examples(const struct tg_pack_file *p, const struct tg_ynode *map,
    struct tg_rule *rule)
{
	const struct tg_ynode *n = tg_ynode_get(map, "examples");

	if (n == NULL)
		return tg_yaml_fail(p->y, map, p->err,
		    "rule '%s' has no examples", rule->info.id);
	if (tg_pack_map(p, n, "examples", example_keys) < 0 ||
	    examples(p, n, "match", rule->info.id, &rule->match,
		&rule->n_match) < 0 ||
	    examples(p, n, "no_match", rule->info.id, &rule->no_match,
		&rule->n_no_match) < 0)
		return -1;
	return 0;
}

static int
read_score(const struct tg_pack_file *p, const struct tg_ynode *map,
    struct tg_rule *rule)
{
	const struct tg_ynode *n = tg_ynode_get(map, "score");

	if (n == NULL)
		return tg_yaml_fail(p->y, map, p->err, "'score' is missing");
	if (tg_pack_map(p, n, "score", score_keys) < 0 ||
	    tg_pack_score(p, n, "base", &rule->base) < 0)
		return -1;
	rule->valid = rule->base;
	if (tg_pack_score(p, n, "valid", &rule->valid) < 0 ||
	    tg_pack_score(p, n, "context", &rule->context) < 0 ||
	    tg_pack_score(p, n, "whole", &rule->whole) < 0)
		return -1;
	return 0;
}

static int
read_validator(const struct tg_pack_file *p, const struct tg_ynode *map,
    struct tg_rule *rule)
{
	const struct tg_ynode *n;

	if (tg_pack_scalar(p, map, "validator", false, &n) < 0)
		return -1;
	if (n == NULL)
		return 0;
	rule->check = tg_validator_find(n->text);
	return rule->check != NULL
	    ? 0
	    : tg_pack_unknown(p, n, "validator", n->text, tg_validator_names());
}

static bool
plain_name(struct tg_sv s, char lo, char hi, const char *more)
{
	for (size_t i = 0; i < s.n; i++)
		if (!(s.p[i] >= lo && s.p[i] <= hi) &&
		    !(s.p[i] >= '0' && s.p[i] <= '9') &&
		    strchr(more, s.p[i]) == NULL)
			return false;
	return s.n > 0 && s.n <= 40;
}

static int
read_names(const struct tg_pack_file *p, const struct tg_ynode *map,
    struct tg_rule *rule)
{
	struct tg_sv id = {NULL, 0}, type = {NULL, 0};
	unsigned category = 0;

	if (tg_pack_text(p, map, "id", true, &id) < 0 ||
	    tg_pack_text(p, map, "type", true, &type) < 0 ||
	    tg_pack_choice(p, map, "category", categories, &category) < 0)
		return -1;
	if (!plain_name(id, 'a', 'z', "._"))
		return tg_yaml_fail(p->y, tg_ynode_get(map, "id"), p->err,
		    "'id' is not up to 40 of a-z 0-9 . _");
	if (!plain_name(type, 'A', 'Z', "_"))
		return tg_yaml_fail(p->y, tg_ynode_get(map, "type"), p->err,
		    "'type' is not up to 40 of A-Z 0-9 _");
	rule->info = (struct tg_rule_info){.id = id.p,
	    .type = type.p,
	    .category = categories[category],
	    .pack = p->path,
	    .line = map->line};
	return 0;
}

static int
read_kind(const struct tg_pack_file *p, const struct tg_ynode *map,
    struct tg_rule *rule)
{
	unsigned engine = 0, form = TG_FORM_N, bound = TG_BOUND_WORD;
	unsigned when = 0, join = 0;
	const struct tg_ynode *pattern = tg_ynode_get(map, "pattern");

	if (tg_pack_choice(p, map, "engine", engines, &engine) < 0 ||
	    tg_pack_choice(p, map, "form", forms, &form) < 0 ||
	    tg_pack_choice(p, map, "boundary", bounds, &bound) < 0 ||
	    tg_pack_choice(p, map, "when", whens, &when) < 0 ||
	    tg_pack_choice(p, map, "join", bools, &join) < 0 ||
	    tg_pack_text(p, map, "pattern", engine == TG_ENGINE_PCRE2,
		&rule->pattern) < 0)
		return -1;
	if ((engine == TG_ENGINE_PERSON) != (form != TG_FORM_N))
		return tg_yaml_fail(
		    p->y, map, p->err, "'form' goes with engine 'person'");
	rule->pattern_line = pattern == NULL ? 0 : pattern->line;
	rule->pattern_col =
	    pattern == NULL ? 0 : pattern->col + pattern->quoted;
	rule->engine = (enum tg_engine)engine;
	rule->form = (enum tg_form)form;
	rule->boundary = (enum tg_boundary)bound;
	rule->keyed = when == 1;
	rule->join = join == 1;
	return 0;
}

static int
read_rule(const struct tg_pack_file *p, const struct tg_ynode *map,
    struct tg_rule *rule)
{
	if (tg_pack_map(p, map, "rule", rule_keys) < 0 ||
	    read_names(p, map, rule) < 0 || read_kind(p, map, rule) < 0 ||
	    read_validator(p, map, rule) < 0 || read_score(p, map, rule) < 0 ||
	    read_context(p, map, rule) < 0 ||
	    exact(p, map, "allow", &rule->allow) < 0 ||
	    read_examples(p, map, rule) < 0)
		return -1;
	if (rule->keyed && rule->keys.n == 0)
		return tg_yaml_fail(
		    p->y, map, p->err, "'when: key' without context keys");
	return 0;
}

static int
add_list(const struct tg_pack_file *p, const struct tg_ynode *map,
    const char *key, uint16_t flags)
{
	const struct tg_ynode *n = tg_ynode_get(map, key);

	if (n == NULL)
		return 0;
	if (n->kind != TG_Y_SEQ)
		return tg_yaml_fail(p->y, n, p->err, "'%s' is not a list", key);
	for (n = n->child; n != NULL; n = n->next) {
		if (n->kind != TG_Y_SCALAR)
			return tg_yaml_fail(p->y, n, p->err, "not a word");
		if (tg_dict_add(p->r->dict, n->text, flags, p->err) < 0)
			return -1;
	}
	return 0;
}

static int
read_person(const struct tg_pack_file *p, const struct tg_ynode *root)
{
	const struct tg_ynode *n = tg_ynode_get(root, "person");

	if (n == NULL)
		return 0;
	if (p->r->intros.n != 0)
		return tg_yaml_fail(
		    p->y, n, p->err, "a second 'person' section");
	if (tg_pack_map(p, n, "person", person_keys) < 0 ||
	    add_list(p, n, "titles", TG_DICT_TITLE) < 0 ||
	    add_list(p, n, "ranks", TG_DICT_TITLE | TG_DICT_RANK) < 0 ||
	    add_list(p, n, "plurals", TG_DICT_TITLE | TG_DICT_PLURAL) < 0 ||
	    add_list(p, n, "particles", TG_DICT_PARTICLE) < 0 ||
	    add_list(p, n, "against", TG_DICT_AGAINST) < 0 ||
	    add_list(p, n, "links", TG_DICT_LINK) < 0 ||
	    add_list(p, n, "at", TG_DICT_AT) < 0 ||
	    add_list(p, n, "places", TG_DICT_PLACE | TG_DICT_AGAINST) < 0 ||
	    add_list(p, n, "does", TG_DICT_DOES) < 0 ||
	    phrases(p, n, "intros", &p->r->intros) < 0)
		return -1;
	return 0;
}

static int
read_root(const struct tg_pack_file *p, const struct tg_ynode *root)
{
	const struct tg_ynode *rules, *n;
	struct tg_sv version = {"", 0}, name = {"", 0};

	if (root == NULL)
		return tg_fail(p->err, TG_E_CONFIG, "%s:1:1: empty", p->path);
	if (tg_pack_map(p, root, "the file", root_keys) < 0 ||
	    tg_pack_text(p, root, "version", true, &version) < 0 ||
	    tg_pack_text(p, root, "pack", true, &name) < 0)
		return -1;
	if (!tg_sv_is(version, "1"))
		return tg_yaml_fail(p->y, tg_ynode_get(root, "version"), p->err,
		    "'version' is not 1");
	rules = tg_ynode_get(root, "rules");
	if (rules == NULL || rules->kind != TG_Y_SEQ || rules->n == 0)
		return tg_yaml_fail(p->y, rules == NULL ? root : rules, p->err,
		    "no rules in the file");
	if (read_person(p, root) < 0)
		return -1;
	for (n = rules->child; n != NULL; n = n->next) {
		if (p->r->n == TG_RULES_MAX)
			return tg_yaml_fail(
			    p->y, n, p->err, "over %d rules", TG_RULES_MAX);
		p->r->rule[p->r->n] = (struct tg_rule){.slow = false};
		if (read_rule(p, n, &p->r->rule[p->r->n]) == 0)
			p->r->n++;
		else if (!tg_rules_go_on(p->r, p->err))
			return -1;
	}
	return 0;
}

int
tg_rules_pack_load(struct tg_rules *r, const char *path, struct tg_err *err)
{
	struct tg_pack_file p = {.r = r, .err = err};
	struct tg_pack *pack = &r->pack[r->n_packs];
	const size_t before = r->n;
	uint8_t sha[TG_SHA256_LEN];
	struct tg_sv bytes;
	int rc = -1;

	p.path = tg_arena_str(&r->arena, tg_sv_of(path));
	if (p.path == NULL)
		return tg_fail_memory(err);
	if (tg_yaml_load(&p.y, path, err) < 0)
		return -1;
	p.lists = tg_ynode_get(tg_yaml_root(p.y), "lists");
	if (read_root(&p, tg_yaml_root(p.y)) < 0)
		goto out;
	bytes = tg_yaml_text(p.y);
	if (tg_sha256_bytes(sha, bytes.p, bytes.n, err) < 0)
		goto out;
	tg_sha256_hex(pack->sha256, sha);
	pack->path = p.path;
	pack->n_rules = r->n - before;
	r->n_packs++;
	rc = 0;
out:
	tg_yaml_free(p.y);
	return rc;
}
