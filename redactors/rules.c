#include "redactors/redactor.h"

#include <stdlib.h>

#include "base/digest.h"
#include "redactors/pack_lint.h"
#include "redactors/prefilter_gate.h"
#include "redactors/rule.h"

#include "base/banned.h"

#define DIGESTS_MAX (1u << 16) /* bytes of "sha256  name" lines */

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Of two with one id, the later one is the one too many. */
static bool
has_earlier(const struct tg_rules *r, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (strcmp(r->rule[k].info.id, r->rule[i].info.id) == 0)
			return true;
	return false;
}

/* Types in the order of their names, rules ranked by id. */
static int
number_all(struct tg_rules *r, struct tg_err *err)
{
	const char **ids = calloc(r->n, sizeof(*ids));
	int rc = -1;

	if (ids == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < r->n; i++) {
		size_t k = 0;

		while (k < r->n_types &&
		    strcmp(r->type[k], r->rule[i].info.type) != 0)
			k++;
		if (k == TG_RULES_TYPES) {
			tg_fail(
			    err, TG_E_CONFIG, "over %d types", TG_RULES_TYPES);
			goto out;
		}
		if (k == r->n_types)
			r->type[r->n_types++] = r->rule[i].info.type;
		ids[i] = r->rule[i].info.id;
	}
	qsort(r->type, r->n_types, sizeof(r->type[0]), by_text);
	qsort(ids, r->n, sizeof(ids[0]), by_text);
	for (size_t i = 0; i < r->n; i++) {
		struct tg_rule *rule = &r->rule[i];
		const char **at =
		    bsearch(&rule->info.id, ids, r->n, sizeof(ids[0]), by_text);

		if (((at > ids && strcmp(at[-1], at[0]) == 0) ||
			(at + 1 < ids + r->n && strcmp(at[1], at[0]) == 0)) &&
		    has_earlier(r, i)) {
			tg_fail(err, TG_E_CONFIG,
			    "%s:%u:1: rule '%s' is there twice",
			    rule->info.pack, rule->info.line, rule->info.id);
			if (!tg_rules_go_on(r, err))
				goto out;
		}
		rule->rank = (uint16_t)(at - ids);
		rule->type = (uint16_t)tg_rules_type_find(r, rule->info.type);
	}
	rc = 0;
out:
	free(ids);
	return rc;
}

static int
compile_one(struct tg_rules *r, size_t i, struct tg_err *err)
{
	struct tg_rule *rule = &r->rule[i];
	struct tg_pf_head head;
	size_t where = 0;

	if (rule->engine == TG_ENGINE_PERSON) {
		if (r->form_rule[rule->form] >= 0)
			return tg_fail(err, TG_E_CONFIG,
			    "%s:%u:1: rule '%s': a second one of this form",
			    rule->info.pack, rule->info.line, rule->info.id);
		r->form_rule[rule->form] = (int)i;
		return 0;
	}
	if (tg_rules_compile(rule, &head, &where, err) < 0)
		return tg_fail_in(err, "%s:%u:%zu: rule '%s', at byte %zu",
		    rule->info.pack, rule->pattern_line,
		    rule->pattern_col + where, rule->info.id, where);
	/* A rule under a key of its own is searched for there alone. */
	if (rule->keyed || rule->slow)
		return 0;
	return tg_pf_add(r->pf, (uint16_t)i, rule->boundary == TG_BOUND_NONE,
		   &head, err) < 0
	    ? -1
	    : 0;
}

static int
compile_all(struct tg_rules *r, struct tg_err *err)
{
	for (size_t i = 0; i < r->n; i++)
		if (compile_one(r, i, err) < 0 && !tg_rules_go_on(r, err))
			return -1;
	tg_pf_ready(r->pf);
	tg_heads_add(&r->heads, tg_pf_heads(r->pf));
	tg_heads_add(&r->heads, tg_dict_titles(r->dict));
	return 0;
}

/* The digest over sorted "sha256  name" lines. */
static int
digest_lines(char out[65], struct tg_buf *lines, struct tg_err *err)
{
	uint8_t sha[TG_SHA256_LEN];
	const char *line[TG_RULES_PACKS * 4];
	struct tg_sha256 h;
	size_t n = 0;
	char *save = lines->p;

	while (save != NULL && *save != '\0' && n < TG_COUNT(line)) {
		line[n++] = save;
		save = strchr(save, '\n');
		if (save != NULL)
			*save++ = '\0';
	}
	qsort(line, n, sizeof(line[0]), by_text);
	if (tg_sha256_init(&h, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		tg_sha256_add(&h, line[i], strlen(line[i]));
		tg_sha256_add(&h, "\n", 1);
	}
	tg_sha256_end(&h, sha);
	tg_sha256_hex(out, sha);
	return 0;
}

static int
load_packs(
    struct tg_rules *r, const struct tg_rules_src *src, struct tg_err *err)
{
	struct tg_buf lines;
	int rc = -1;

	tg_buf_init(&lines, DIGESTS_MAX);
	for (size_t i = 0; i < src->n_pack; i++) {
		if (tg_rules_pack_load(r, src->pack[i], err) < 0 ||
		    tg_buf_addf(&lines, err, "%s  pack\n",
			r->pack[r->n_packs - 1].sha256) < 0)
			goto out;
	}
	rc = digest_lines(r->sha256, &lines, err);
out:
	tg_buf_deinit(&lines);
	return rc;
}

static int
load_names(
    struct tg_rules *r, const struct tg_rules_src *src, struct tg_err *err)
{
	struct tg_buf lines;
	int rc = -1;

	tg_buf_init(&lines, DIGESTS_MAX);
	for (size_t i = 0; i < src->n_names; i++)
		if (tg_dict_load(r->dict, src->names[i], &lines, err) < 0)
			goto out;
	rc = digest_lines(r->names_sha256, &lines, err);
out:
	tg_buf_deinit(&lines);
	return rc;
}

/* The last word of each introduction, by which person.c tells quickly that none
 * stands there. */
static int
add_intros(struct tg_rules *r, struct tg_err *err)
{
	for (size_t i = 0; i < r->intros.n; i++) {
		const char *blank = strrchr(r->intros.p[i], ' ');
		const char *word = blank == NULL ? r->intros.p[i] : blank + 1;

		if (tg_dict_add(r->dict, tg_sv_of(word), TG_DICT_INTRO, err) <
		    0)
			return -1;
	}
	return 0;
}

static int
check_names(const struct tg_rules *r, size_t n_names, struct tg_err *err)
{
	for (size_t i = 0; n_names == 0 && i < r->n; i++)
		if (r->rule[i].engine == TG_ENGINE_PERSON)
			return tg_fail(err, TG_E_CONFIG,
			    "%s:%u:1: rule '%s' needs a folder of names",
			    r->rule[i].info.pack, r->rule[i].info.line,
			    r->rule[i].info.id);
	return 0;
}

static int
allocate(
    struct tg_rules **out, struct tg_complaints *complaints, struct tg_err *err)
{
	struct tg_rules *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return tg_fail_memory(err);
	r->complaints = complaints;
	tg_arena_init(&r->arena, TG_RULES_MEMORY);
	for (int i = 0; i < TG_FORM_N; i++)
		r->form_rule[i] = -1;
	r->rule = tg_arena_calloc(&r->arena, TG_RULES_MAX, sizeof(*r->rule));
	r->type = tg_arena_calloc(&r->arena, TG_RULES_TYPES, sizeof(*r->type));
	r->pack = tg_arena_calloc(&r->arena, TG_RULES_PACKS, sizeof(*r->pack));
	*out = r;
	if (r->rule == NULL || r->type == NULL || r->pack == NULL)
		return tg_fail_memory(err);
	if (tg_dict_new(&r->dict, err) < 0 || tg_pf_new(&r->pf, err) < 0)
		return -1;
	return 0;
}

bool
tg_rules_go_on(const struct tg_rules *r, struct tg_err *err)
{
	if (r->complaints == NULL || err->cls != TG_E_CONFIG)
		return false;
	r->complaints->n++;
	r->complaints->complain(r->complaints->ctx, true, err->text);
	tg_err_clear(err);
	return true;
}

/* What was handed on is an error all the same, at the end of each step. */
static int
so_far(const struct tg_rules *r, struct tg_err *err)
{
	if (r->complaints == NULL || r->complaints->n == 0)
		return 0;
	return tg_fail(err, TG_E_CONFIG, "%zu %s in the rules",
	    r->complaints->n, r->complaints->n == 1 ? "error" : "errors");
}

/* The steps; each is ended before the next begins. */
static int
load_steps(
    struct tg_rules *r, const struct tg_rules_src *src, struct tg_err *err)
{
	if (load_packs(r, src, err) < 0 || load_names(r, src, err) < 0 ||
	    add_intros(r, err) < 0 || tg_dict_ready(r->dict, err) < 0 ||
	    so_far(r, err) < 0 || check_names(r, src->n_names, err) < 0)
		return -1;
	if (number_all(r, err) < 0 || so_far(r, err) < 0)
		return -1;
	if (compile_all(r, err) < 0 || so_far(r, err) < 0)
		return -1;
	tg_languages_init(&r->languages);
	if (tg_gate_new(&r->gate, r, err) < 0 || tg_selftest(r, err) < 0)
		return -1;
	return so_far(r, err);
}

int
tg_rules_load_all(struct tg_rules **out, const struct tg_rules_src *src,
    struct tg_complaints *complaints, struct tg_err *err)
{
	struct tg_rules *r = NULL;

	if (src->n_pack == 0)
		return tg_fail(err, TG_E_CONFIG, "no rule files");
	if (src->n_pack > TG_RULES_PACKS || src->n_names > TG_RULES_PACKS)
		return tg_fail(
		    err, TG_E_CONFIG, "over %d rule files", TG_RULES_PACKS);
	if (allocate(&r, complaints, err) < 0 || load_steps(r, src, err) < 0) {
		tg_rules_free(r);
		return -1;
	}
	r->complaints = NULL;
	*out = r;
	return 0;
}

int
tg_rules_load(
    struct tg_rules **out, const struct tg_rules_src *src, struct tg_err *err)
{
	return tg_rules_load_all(out, src, NULL, err);
}

void
tg_rules_free(struct tg_rules *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n; i++)
		tg_regex_deinit(&r->rule[i].re);
	tg_dict_free(r->dict);
	tg_pf_free(r->pf);
	tg_gate_free(r->gate);
	tg_arena_deinit(&r->arena);
	free(r);
}

bool
tg_rules_foreign(const struct tg_rules *r, struct tg_trace_text text)
{
	return tg_languages_other(&r->languages, text);
}

size_t
tg_rules_count(const struct tg_rules *r)
{
	return r->n;
}

const struct tg_rule_info *
tg_rules_info(const struct tg_rules *r, uint16_t rule)
{
	return rule < r->n ? &r->rule[rule].info : NULL;
}

size_t
tg_rules_type_count(const struct tg_rules *r)
{
	return r->n_types;
}

const char *
tg_rules_type(const struct tg_rules *r, uint16_t type)
{
	return type < r->n_types ? r->type[type] : NULL;
}

int
tg_rules_type_find(const struct tg_rules *r, const char *type)
{
	for (size_t i = 0; i < r->n_types; i++)
		if (strcmp(r->type[i], type) == 0)
			return (int)i;
	return -1;
}

const char *
tg_rules_sha256(const struct tg_rules *r)
{
	return r->sha256;
}

const char *
tg_rules_names_sha256(const struct tg_rules *r)
{
	return r->names_sha256;
}

size_t
tg_rules_pack_count(const struct tg_rules *r)
{
	return r->n_packs;
}

const char *
tg_rules_pack(
    const struct tg_rules *r, size_t i, const char **sha256, size_t *n_rules)
{
	if (i >= r->n_packs)
		return NULL;
	*sha256 = r->pack[i].sha256;
	*n_rules = r->pack[i].n_rules;
	return r->pack[i].path;
}
