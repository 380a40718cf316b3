/* aggregates_write.c - what the policy asks of aggregates, and how they leave:
 * a line of limits, then lines of at most LINE cells of one group. */
#include "pipeline/aggregates.h"

#include <string.h>

#include "base/banned.h"

#define LINE 4096
#define LINE_MAX (1u << 20) /* bytes */

int
tg_aggregates_ask(struct tg_aggregate_limits *out, bool *on,
    const struct tg_policy *p, struct tg_err *err)
{
	static const char *const paths[] = {
	    "/activations/aggregate/cells_per_subject",
	    "/activations/aggregate/epsilon_milli"};
	struct tg_aggregate_limits l = {.k = 0};
	uint64_t *const optional[] = {&l.cells, &l.epsilon_milli};
	const char *form, *who;
	uint64_t k_min;

	*on = tg_policy_find(p, "/activations/form") != NULL;
	if (*on && tg_policy_str(p, "/activations/form", &form, err) < 0)
		return -1;
	*on = *on && strcmp(form, "aggregate_only") == 0;
	if (!*on)
		return 0;
	if (tg_policy_u64(p, "/anonymisation/k_min", &k_min, err) < 0 ||
	    tg_policy_u64(p, "/activations/aggregate/min_subjects", &l.k, err) <
		0 ||
	    tg_policy_u64(p, "/activations/aggregate/clip", &l.clip, err) < 0 ||
	    tg_policy_str(p, "/activations/aggregate/subjects", &who, err) < 0)
		return -1;
	for (size_t i = 0; i < TG_COUNT(paths); i++)
		if (tg_policy_find(p, paths[i]) != NULL &&
		    tg_policy_u64(p, paths[i], optional[i], err) < 0)
			return -1;
	l.k = l.k < k_min ? k_min : l.k;
	l.named = strcmp(who, "named") == 0;
	*out = l;
	return 0;
}

struct writer {
	const struct tg_aggregate_limits *limits;
	struct tg_members *m;
	struct tg_buf line;
	const struct tg_aggregate_group *group; /* of the open line */
	unsigned cells;				/* in it */
	bool open;				/* the member is there */
};

static int
add_line(struct writer *w, struct tg_err *err)
{
	const int rc =
	    tg_members_add(w->m, tg_buf_sv(&w->line), TG_SV("\n"), err);

	tg_buf_reset(&w->line);
	return rc;
}

static int
head(struct writer *w, struct tg_err *err)
{
	const struct tg_aggregate_limits *l = w->limits;

	w->open = true;
	if (tg_members_open(w->m, TG_AGGREGATES_MEMBER, err) < 0 ||
	    tg_buf_addf(&w->line, err,
		"{\"schema\":\"" TG_AGGREGATES_SCHEMA "\",\"unit\":%d,"
		"\"k\":%llu,\"clip\":%llu",
		TG_AGGREGATE_UNIT, (unsigned long long)l->k,
		(unsigned long long)l->clip) < 0)
		return -1;
	if (l->cells != 0 &&
	    tg_buf_addf(&w->line, err, ",\"cells_per_subject\":%llu",
		(unsigned long long)l->cells) < 0)
		return -1;
	if (l->epsilon_milli != 0 &&
	    tg_buf_addf(&w->line, err, ",\"epsilon_milli\":%llu",
		(unsigned long long)l->epsilon_milli) < 0)
		return -1;
	return tg_buf_addc(&w->line, '}', err) < 0 ? -1 : add_line(w, err);
}

static int
end_line(struct writer *w, struct tg_err *err)
{
	if (w->cells == 0)
		return 0;
	w->cells = 0;
	return tg_buf_adds(&w->line, "]}", err) < 0 ? -1 : add_line(w, err);
}

/* Its texts need no escape: tg_aggregates_name. */
static int
begin_line(
    struct writer *w, const struct tg_aggregate_group *g, struct tg_err *err)
{
	w->group = g;
	return tg_buf_addf(&w->line, err,
	    "{\"format\":\"%.*s\",\"model\":\"%.*s\",\"at\":\"%.*s\","
	    "\"cells\":[",
	    TG_SV_FMT(g->format), TG_SV_FMT(g->model), TG_SV_FMT(g->at));
}

static int
write_cell(void *ctx, const struct tg_aggregate_cell *c, struct tg_err *err)
{
	struct writer *w = ctx;

	if (!w->open && head(w, err) < 0)
		return -1;
	if ((w->cells == LINE || c->group != w->group) && end_line(w, err) < 0)
		return -1;
	if (w->cells == 0 && begin_line(w, c->group, err) < 0)
		return -1;
	return tg_buf_addf(&w->line, err, "%s[%u,%lld,%lld]",
	    w->cells++ == 0 ? "" : ",", c->cell, (long long)c->subjects,
	    (long long)c->sum);
}

int
tg_aggregates_write(struct tg_aggregate *a, struct tg_members *m,
    const uint8_t seed[TG_KEY_LEN], struct tg_sv what, struct tg_err *err)
{
	struct writer w = {.limits = tg_aggregate_limits(a), .m = m};
	struct tg_laplace_stream noise = {.left = 0};
	const struct tg_dice dice = {tg_laplace_below, &noise};
	int rc = -1;

	tg_buf_init(&w.line, LINE_MAX);
	tg_crypt_derive(noise.key, seed, "aggregate/noise", what);
	if (tg_aggregate_finish(a, &dice, write_cell, &w, err) == 0 &&
	    end_line(&w, err) == 0)
		rc = 0;
	tg_crypt_wipe(&noise, sizeof(noise));
	tg_buf_deinit(&w.line);
	return rc;
}

struct tg_json *
tg_aggregates_json(
    const struct tg_aggregate_limits *l, const struct tg_aggregate_result *r)
{
	const struct {
		const char *key;
		uint64_t n;
	} all[] = {{"k", l->k}, {"clip", l->clip}, {"unit", TG_AGGREGATE_UNIT},
	    {"cells_per_subject", l->cells},
	    {"epsilon_milli", l->epsilon_milli}, {"cells", r->kept},
	    {"suppressed", r->suppressed}, {"subjects", r->subjects},
	    {"contributions", r->contributions}, {"over", r->over},
	    {"unnamed", r->unnamed}, {"unplaced", r->unplaced}},
	  by[] = {{"person", r->by[TG_SUBJECT_PERSON]},
	      {"session", r->by[TG_SUBJECT_SESSION]},
	      {"trace", r->by[TG_SUBJECT_TRACE]},
	      {"record", r->by[TG_SUBJECT_UNIT]}};
	struct tg_json *o = tg_json_object(), *s = tg_json_object();
	int bad = 0;

	for (size_t i = 0; i < TG_COUNT(all); i++)
		bad |= tg_json_set_int(o, all[i].key, (int64_t)all[i].n);
	for (size_t i = 0; i < TG_COUNT(by); i++)
		bad |= tg_json_set_int(s, by[i].key, (int64_t)by[i].n);
	bad |= tg_json_set_bool(o, "named", l->named);
	bad |= tg_json_set_str(
	    o, "noise", l->epsilon_milli == 0 ? "none" : "discrete-laplace");
	bad |= tg_json_set(o, "subjects_by", s);
	if (bad) {
		tg_json_free(o);
		return NULL;
	}
	return o;
}
