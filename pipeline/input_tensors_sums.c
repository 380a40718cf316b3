/*
 * input_tensors_sums.c - the numbers of a tensor file into the aggregates
 * (aggregates.h): of each tensor that could leave, over the rows that could.  A
 * cell of a dense tensor is its place on the axes that are no tokens'; of a
 * coordinate list or a table of examples it is the feature.
 */
#include <stdlib.h>
#include <string.h>

#include "pipeline/aggregates.h"
#include "pipeline/input_tensors.h"
#include "pipeline/sources/tensor_value.h"
#include "base/banned.h"

#define WIDTH_MAX (1u << 20) /* cells of a tensor */
#define PIECE (64u << 10)    /* elements read at once */

struct sums {
	struct tg_tensors *s;
	const struct tg_tensor_filter *x;
	struct tg_aggregate *a;
	const struct tg_tensor *t;
	const char *axes;
	bool sparse; /* zeros are no activations */
	uint32_t group;
	struct tg_window w, at[2];
	uint64_t width; /* cells */
	int64_t *sum;	/* of each, of the context at hand */
	uint32_t *n;
};

static void
take(struct sums *k, uint64_t cell, const uint8_t *p)
{
	const double v = tg_tensor_value(k->t->dtype, p);
	int64_t units;

	if ((k->sparse && v <= 0 && v >= 0) ||
	    !tg_aggregate_units(k->a, &units, v))
		return;
	k->sum[cell] += units;
	k->n[cell]++;
}

/* @n elements from byte @at into the cells from @cell. */
static int
row(struct sums *k, uint64_t at, uint64_t cell, uint64_t n)
{
	const unsigned width = tg_dtype_bits(k->t->dtype) / 8;
	const uint8_t *p;

	while (n > 0) {
		const uint64_t some = n < PIECE ? n : PIECE;

		if (tg_window_get(
			&k->w, at, (size_t)(some * width), &p, k->s->err) < 0)
			return -1;
		for (uint64_t i = 0; i < some; i++)
			take(k, cell + i, p + i * width);
		at += some * width;
		cell += some;
		n -= some;
	}
	return 0;
}

/* Where a row is while all of a context are gone through. */
struct place {
	uint64_t idx[TG_TENSOR_RANK];
	unsigned last;	/* axis that tokens lie along */
	uint64_t inner; /* elements behind it */
};

static void
begin(const struct sums *k, struct place *at)
{
	*at = (struct place){.inner = 1};
	for (unsigned a = 0; a < k->t->rank; a++)
		if (k->axes[a] != '.')
			at->last = a;
	for (unsigned a = at->last + 1; a < k->t->rank; a++)
		at->inner *= k->t->shape[a];
}

/* The row of context @c at @at, if it stays. */
static int
visit(struct sums *k, const struct place *at, uint64_t c)
{
	const unsigned width = tg_dtype_bits(k->t->dtype) / 8;
	uint64_t off = 0, cell = 0;

	for (unsigned a = 0; a <= at->last; a++) {
		const uint64_t i = k->axes[a] == 'b' ? c : at->idx[a];

		off = off * k->t->shape[a] + i;
		if (k->axes[a] == '.')
			cell = cell * k->t->shape[a] + i;
		if (k->axes[a] == 'p' && !tg_tensor_stays(k->x, c, i))
			return 0;
	}
	return row(k, k->t->begin + off * at->inner * width, cell * at->inner,
	    at->inner);
}

/* Every row of context @c, wherever its axes are. */
static int
rows(struct sums *k, uint64_t c)
{
	struct place at;
	unsigned a;

	begin(k, &at);
	for (;;) {
		if (visit(k, &at, c) < 0)
			return -1;
		for (a = at.last + 1; a-- > 0;) {
			if (k->axes[a] != 'b' && ++at.idx[a] < k->t->shape[a])
				break;
			at.idx[a] = 0;
		}
		if (a == UINT32_MAX)
			return 0;
	}
}

/* What was summed up of a context. */
static int
flush(struct sums *k, const uint8_t *subject)
{
	for (uint64_t cell = 0; cell < k->width; cell++) {
		if (k->n[cell] > 0 &&
		    tg_aggregate_add(k->a, subject, k->group, (uint32_t)cell,
			k->n[cell], k->sum[cell], k->s->err) < 0)
			return -1;
		k->n[cell] = 0;
		k->sum[cell] = 0;
	}
	return 0;
}

static const uint8_t *
subject_of(const struct sums *k, uint64_t c)
{
	const uint8_t *all = k->s->subject;

	return k->s->counts[c] ? all + c * TG_CLASS_DIGEST : NULL;
}

static int
dense(struct sums *k)
{
	const bool pooled = strchr(k->axes, 'p') == NULL;
	const uint64_t len = k->s->roles.positions;

	for (uint64_t c = 0; c < k->s->roles.contexts; c++) {
		const uint8_t *subject = subject_of(k, c);

		/* A vector of all its tokens: of a whole context only. */
		if (subject == NULL ||
		    (pooled && !tg_tensor_all_stay(k->x, c, len)))
			continue;
		if (rows(k, c) < 0 || flush(k, subject) < 0)
			return -1;
	}
	return 0;
}

static int
number(struct sums *k, unsigned w, const struct tg_tensor *t, uint64_t i,
    uint64_t *out)
{
	const unsigned width = tg_dtype_bits(t->dtype) / 8;
	const uint8_t *p;

	if (tg_window_get(
		&k->at[w], t->begin + i * width, width, &p, k->s->err) < 0)
		return -1;
	*out = tg_tensor_index(t->dtype, p);
	return 0;
}

/* Entry @i, of feature @cell at token @pos of context @c. */
static int
entry(struct sums *k, uint64_t i, uint64_t c, uint64_t pos, uint64_t cell)
{
	const unsigned width = tg_dtype_bits(k->t->dtype) / 8;
	const uint8_t *p, *subject;
	int64_t units;
	double v;

	if (c >= k->s->roles.contexts || pos >= k->s->roles.positions ||
	    cell > UINT32_MAX || !tg_tensor_stays(k->x, c, pos))
		return 0;
	subject = subject_of(k, c);
	if (subject == NULL)
		return 0;
	if (tg_window_get(
		&k->w, k->t->begin + i * width, width, &p, k->s->err) < 0)
		return -1;
	v = tg_tensor_value(k->t->dtype, p);
	if ((v <= 0 && v >= 0) || !tg_aggregate_units(k->a, &units, v))
		return 0;
	return tg_aggregate_add(
	    k->a, subject, k->group, (uint32_t)cell, 1, units, k->s->err);
}

/* A coordinate list: context, position, feature of each value. */
static int
coordinates(struct sums *k)
{
	const struct tg_tensor *l = tg_tensor_find(&k->s->file, "locations");

	for (uint64_t i = 0; i < k->t->shape[0] && i < l->shape[0]; i++) {
		uint64_t c[3];

		for (unsigned m = 0; m < 3; m++)
			if (number(k, 0, l, 3 * i + m, &c[m]) < 0)
				return -1;
		if (entry(k, i, c[0], c[1], c[2]) < 0)
			return -1;
	}
	return 0;
}

/* A table of examples: a row a feature. */
static int
table(struct sums *k)
{
	const struct tg_tensor *s = tg_tensor_find(&k->s->file, "seq_ids");
	const struct tg_tensor *q = tg_tensor_find(&k->s->file, "positions");

	for (uint64_t i = 0; i < k->t->shape[0] * k->t->shape[1]; i++) {
		uint64_t c, pos;

		if (number(k, 0, s, i, &c) < 0 || number(k, 1, q, i, &pos) < 0)
			return -1;
		if (entry(k, i, c, pos, i / k->t->shape[1]) < 0)
			return -1;
	}
	return 0;
}

/* What the file says of itself, where that may be part of a name. */
static struct tg_sv
said(const struct tg_tensors *s, const char *const *keys, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t m = 0; m < s->n_meta; m++)
			if (tg_sv_is((struct tg_sv){s->meta[m].key.bytes,
					 s->meta[m].key.n},
				keys[i]) &&
			    tg_aggregates_name(s->meta[m].value))
				return (struct tg_sv){
				    s->meta[m].value.bytes, s->meta[m].value.n};
	return (struct tg_sv){"", 0};
}

static int
group(struct sums *k, bool by_name)
{
	static const char *const models[] = {"model_id", "model", "model_name"};
	static const char *const hooks[] = {
	    "hook_name", "hook_point", "sae_id", "layer"};
	const struct tg_tensors *s = k->s;
	const struct tg_aggregate_group g = {
	    .format = tg_sv_of(s->roles.profile),
	    .model = said(s, models, TG_COUNT(models)),
	    .at = by_name ? (struct tg_sv){k->t->name.bytes, k->t->name.n}
			  : said(s, hooks, TG_COUNT(hooks))};

	return tg_aggregate_group(k->a, &k->group, &g, s->err);
}

/* Cells of a dense tensor; 0: it is none that is summed up. */
static uint64_t
width_of(const struct tg_tensor *t, const char *axes)
{
	uint64_t n = 1;

	for (unsigned a = 0; a < t->rank; a++) {
		if (strchr("bp.", axes[a]) == NULL)
			return 0;
		if (axes[a] == '.' &&
		    (__builtin_mul_overflow(n, t->shape[a], &n) ||
			n > WIDTH_MAX))
			return 0;
	}
	return t->rank > 0 && strpbrk(axes, "bp") != NULL ? n : 0;
}

static bool
is_table(const struct tg_tensors *s, const struct tg_tensor *t)
{
	const struct tg_tensor *q = tg_tensor_find(&s->file, "seq_ids");
	const struct tg_tensor *p = tg_tensor_find(&s->file, "positions");

	return t->rank == 2 && q->rank == 2 && p->rank == 2 &&
	    q->shape[0] == t->shape[0] && q->shape[1] == t->shape[1] &&
	    p->shape[0] == t->shape[0] && p->shape[1] == t->shape[1];
}

/* The sums of a dense tensor. */
static int
all_rows(struct sums *k)
{
	int rc;

	k->sum = calloc((size_t)k->width, sizeof(*k->sum));
	k->n = calloc((size_t)k->width, sizeof(*k->n));
	rc = k->sum == NULL || k->n == NULL ? tg_fail_memory(k->s->err)
					    : dense(k);
	free(k->sum);
	free(k->n);
	return rc;
}

/* Whether it is a coordinate list, or a table; beside its values stand places
 * that are not summed up. */
static bool
of_entries(const struct sums *k)
{
	return k->axes[0] == 'e' || k->axes[0] == 'k';
}

static bool
can(const struct sums *k)
{
	return tg_tensor_value_can(k->t->dtype) &&
	    tg_aggregates_name(k->t->name) &&
	    (of_entries(k) ? k->axes[0] == 'e' || is_table(k->s, k->t)
			   : k->width > 0);
}

/* Tensor @i, when it holds values. */
static int
one(struct sums *k, size_t i)
{
	const struct tg_tensor_role *role = &k->s->roles.role[i];

	k->t = &k->s->file.tensor[i];
	k->axes = role->axes;
	k->sparse = role->kind == TG_KIND_sae_topk;
	if (role->kind == TG_KIND_token_ids ||
	    (of_entries(k) &&
		tg_tensor_find(&k->s->file, "activations") != k->t))
		return 0;
	k->width = width_of(k->t, k->axes);
	if (!can(k)) {
		tg_aggregate_result(k->a)->unplaced++;
		return 0;
	}
	if (group(k, !of_entries(k)) < 0)
		return -1;
	if (!of_entries(k))
		return all_rows(k);
	return k->axes[0] == 'e' ? coordinates(k) : table(k);
}

int
tg_tensors_sums(struct tg_tensors *s, const struct tg_tensor_filter *x)
{
	struct sums k = {.s = s,
	    .x = x,
	    .a = s->t->pass->aggregate,
	    .w = {.fd = -1},
	    .at = {{.fd = -1}, {.fd = -1}}};
	int rc = 0;

	if (k.a == NULL || s->counts == NULL || !s->roles.placed)
		return 0;
	if (tg_window_init(&k.w, s->fd, s->err) < 0 ||
	    tg_window_init(&k.at[0], s->fd, s->err) < 0 ||
	    tg_window_init(&k.at[1], s->fd, s->err) < 0)
		rc = -1;
	for (size_t i = 0; i < s->file.n && rc == 0; i++)
		if (s->given[i])
			rc = one(&k, i);
	tg_window_deinit(&k.w);
	tg_window_deinit(&k.at[0]);
	tg_window_deinit(&k.at[1]);
	return rc;
}

/* The value of the field in the head, in the file's arena; "" without one. */
static int
of_head(struct tg_tensors *s, enum tg_field_id field, struct tg_trace_text *out)
{
	const struct tg_record *r = &s->t->rec;
	struct tg_jtext text;
	struct tg_sv copy;

	for (uint32_t i = 0; i < r->doc.n; i++) {
		if (r->field[i] != field || r->doc.nodes[i].kind != TG_J_STRING)
			continue;
		if (tg_jtext_decode(&text, tg_jdoc_str(&r->doc, i),
			r->doc.nodes[i].esc, &s->file.arena, s->err) < 0)
			return -1;
		copy = tg_arena_sv(&s->file.arena,
		    (struct tg_sv){text.text.bytes, text.text.n});
		if (copy.p == NULL)
			return tg_fail_memory(s->err);
		*out = (struct tg_trace_text){copy.p, copy.n};
		return 0;
	}
	return 0;
}

int
tg_tensors_sums_begin(struct tg_tensors *s)
{
	return of_head(s, TG_FIELD_user_id, &s->person) < 0
	    ? -1
	    : of_head(s, TG_FIELD_session_id, &s->session);
}

int
tg_tensors_sums_context(struct tg_tensors *s, uint64_t c)
{
	const struct tg_record *r = &s->t->rec;
	const size_t n = (size_t)s->roles.contexts;
	struct tg_aggregate *a = s->t->pass->aggregate;
	struct tg_aggregates_ids ids = {
	    s->person, s->session, {"", 0}, {"", 0}};

	if (a == NULL || s->keep[c] == 0 || s->bare[c])
		return 0;
	if (s->counts == NULL) {
		s->counts = calloc(n, sizeof(*s->counts));
		s->subject = calloc(n, TG_CLASS_DIGEST);
	}
	if (s->counts == NULL || s->subject == NULL)
		return tg_fail_memory(s->err);
	ids.trace = r->unit[0].trace_id;
	return tg_aggregates_subject(
	    a, s->subject + c * TG_CLASS_DIGEST, &ids, &s->counts[c], s->err);
}

void
tg_tensors_sums_end(struct tg_tensors *s)
{
	free(s->subject);
	free(s->counts);
}
