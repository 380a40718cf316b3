#include "pipeline/sources/tensor_filter.h"

#include <stdlib.h>

#include "pipeline/sources/npy.h"
#include "pipeline/sources/safetensors.h"
#include "pipeline/sources/tensor_topk.h"
#include "base/banned.h"

#define OUT (256u << 10)       /* bytes gathered before put */
#define HEADER_MAX (32u << 20) /* bytes of a header that is written */
#define GONE UINT32_MAX

/* The bits of a value that stay, or all. */
static uint64_t
mask_of(const struct tg_tensor_filter *x, enum tg_dtype dtype)
{
	const unsigned bits = tg_dtype_bits(dtype);

	return x->value_bits == 0 || bits <= x->value_bits ||
		tg_dtype_is_index(dtype)
	    ? UINT64_MAX
	    : UINT64_MAX << (bits - x->value_bits);
}

struct work {
	struct tg_tensor_filter *x;
	struct tg_window w;	/* on the tensor that is copied */
	struct tg_window at[2]; /* on its coordinates */
	uint8_t *out;
	size_t n_out;
	uint32_t *ctx;	     /* the contexts that stay */
	uint32_t *to;	     /* their new number, or GONE */
	uint64_t n_ctx, len; /* of the axes b and p, as they leave */
	uint64_t bits;	     /* of a value of the tensor at hand that stay */
	uint64_t entries;
	struct tg_err *err;
};

static int
flush(struct work *k)
{
	struct tg_tensor_filter *x = k->x;

	if (k->n_out == 0)
		return 0;
	if (x->put(x->ctx, k->out, k->n_out, k->err) < 0)
		return -1;
	x->bytes += k->n_out;
	k->n_out = 0;
	return 0;
}

static int
put(struct work *k, const void *p, size_t n)
{
	struct tg_tensor_filter *x = k->x;

	if (n > OUT - k->n_out && flush(k) < 0)
		return -1;
	if (n >= OUT) {
		x->bytes += n;
		return x->put(x->ctx, p, n, k->err);
	}
	memcpy(k->out + k->n_out, p, n);
	k->n_out += n;
	return 0;
}

/* @n bytes of values of @width bytes, little-endian, with the bits that stay.
 */
static int
put_coarse(struct work *k, const uint8_t *p, size_t n, unsigned width)
{
	uint8_t some[4096];

	while (n > 0) {
		const size_t m = n < sizeof(some) ? n : sizeof(some);

		for (size_t i = 0; i < m; i++)
			some[i] =
			    p[i] & (uint8_t)(k->bits >> (8 * (i % width)));
		if (put(k, some, m) < 0)
			return -1;
		p += m;
		n -= m;
	}
	return 0;
}

/* @n bytes of tensor @t from @at on, whole values. */
static int
copy(struct work *k, const struct tg_tensor *t, uint64_t at, uint64_t n)
{
	while (n > 0) {
		const size_t some =
		    n < TG_TENSOR_WINDOW ? (size_t)n : TG_TENSOR_WINDOW;
		const uint8_t *p;

		if (tg_window_get(&k->w, at, some, &p, k->err) < 0 ||
		    (k->bits == UINT64_MAX
			    ? put(k, p, some)
			    : put_coarse(
				  k, p, some, tg_dtype_bits(t->dtype) / 8)) < 0)
			return -1;
		at += some;
		n -= some;
	}
	return 0;
}

/* @n bytes of zero, or of the mask id of @width bytes when @width is not 0. */
static int
blank(struct work *k, uint64_t n, unsigned width)
{
	uint8_t some[4096] = {0};

	for (size_t i = 0; width != 0 && i < sizeof(some); i++)
		some[i] = (uint8_t)(k->x->mask_id >> (8 * (i % width)));
	while (n > 0) {
		const size_t m = n < sizeof(some) ? (size_t)n : sizeof(some);

		if (put(k, some, m) < 0)
			return -1;
		n -= m;
	}
	return 0;
}

static bool
is_axis(char c)
{
	return c == 'b' || c == 'p' || c == 'q';
}

/* The last axis of @axes that tokens lie along, or -1. */
static int
last_axis(const char *axes, unsigned rank)
{
	int last = -1;

	for (unsigned k = 0; k < rank; k++)
		if (is_axis(axes[k]))
			last = (int)k;
	return last;
}

bool
tg_tensor_filter_can(const struct tg_tensor_filter *x, size_t i)
{
	const struct tg_tensor *t = &x->file->tensor[i];
	const char *axes = x->roles->role[i].axes;
	const struct tg_tensor *c, *d;

	if (t->rank > 0 && axes[0] == 'e') {
		c = tg_tensor_find(x->file, "locations");
		return c != NULL && c->rank == 2 && c->shape[1] == 3 &&
		    tg_dtype_is_index(c->dtype) &&
		    tg_dtype_bits(t->dtype) % 8 == 0;
	}
	if (t->rank > 0 && axes[0] == 'k') {
		c = tg_tensor_find(x->file, "seq_ids");
		d = tg_tensor_find(x->file, "positions");
		return c != NULL && d != NULL && tg_dtype_is_index(c->dtype) &&
		    tg_dtype_is_index(d->dtype) &&
		    tg_dtype_bits(t->dtype) % 8 == 0;
	}
	return last_axis(axes, t->rank) < 0 || tg_dtype_bits(t->dtype) % 8 == 0;
}

/* Entry @i of a coordinate list: context, position, latent. */
static int
entry(struct work *k, const struct tg_tensor *locations, uint64_t i,
    uint64_t c[3])
{
	const unsigned width = tg_dtype_bits(locations->dtype) / 8;
	const uint8_t *p;

	if (tg_window_get(&k->at[0], locations->begin + i * 3 * width,
		3 * (size_t)width, &p, k->err) < 0)
		return -1;
	for (unsigned m = 0; m < 3; m++)
		c[m] = tg_tensor_index(locations->dtype, p + m * width);
	return 0;
}

static int
put_index(struct work *k, enum tg_dtype dtype, uint64_t v)
{
	uint8_t le[8];

	for (unsigned m = 0; m < 8; m++)
		le[m] = (uint8_t)(v >> (8 * m));
	return put(k, le, tg_dtype_bits(dtype) / 8);
}

static int
count_entries(struct work *k)
{
	const struct tg_tensor *l = tg_tensor_find(k->x->file, "locations");

	k->entries = 0;
	if (l == NULL || l->rank != 2 || l->shape[1] != 3 ||
	    !tg_dtype_is_index(l->dtype))
		return 0;
	for (uint64_t i = 0; i < l->shape[0]; i++) {
		uint64_t c[3];

		if (entry(k, l, i, c) < 0)
			return -1;
		k->entries += tg_tensor_stays(k->x, c[0], c[1]) &&
		    !tg_bits_has(k->x->over, i);
	}
	return 0;
}

static int
write_entries(struct work *k, const struct tg_tensor *t)
{
	const struct tg_tensor *l = tg_tensor_find(k->x->file, "locations");
	const uint64_t width =
	    t->shape[0] == 0 ? 0 : (t->end - t->begin) / t->shape[0];

	for (uint64_t i = 0; i < t->shape[0]; i++) {
		uint64_t c[3];

		if (entry(k, l, i, c) < 0)
			return -1;
		if (!tg_tensor_stays(k->x, c[0], c[1]) ||
		    tg_bits_has(k->x->over, i))
			continue;
		if (t == l) {
			if (put_index(k, t->dtype, k->to[c[0]]) < 0 ||
			    put_index(k, t->dtype, c[1]) < 0 ||
			    put_index(k, t->dtype, c[2]) < 0)
				return -1;
		} else if (copy(k, t, t->begin + i * width, width) < 0) {
			return -1;
		}
	}
	return 0;
}

static int
write_table(struct work *k, const struct tg_tensor *t)
{
	const struct tg_tensor *s = tg_tensor_find(k->x->file, "seq_ids");
	const struct tg_tensor *pos = tg_tensor_find(k->x->file, "positions");
	const unsigned ws = tg_dtype_bits(s->dtype) / 8;
	const unsigned wp = tg_dtype_bits(pos->dtype) / 8;
	const unsigned width = tg_dtype_bits(t->dtype) / 8;
	const uint64_t n = (t->end - t->begin) / width;

	for (uint64_t i = 0; i < n; i++) {
		const uint8_t *p, *q;
		uint64_t c, at;
		int rc;

		if (tg_window_get(
			&k->at[0], s->begin + i * ws, ws, &p, k->err) < 0 ||
		    tg_window_get(
			&k->at[1], pos->begin + i * wp, wp, &q, k->err) < 0)
			return -1;
		c = tg_tensor_index(s->dtype, p);
		at = tg_tensor_index(pos->dtype, q);
		if (!tg_tensor_stays(k->x, c, at) || tg_bits_has(k->x->over, i))
			rc = t == s || t == pos
			    ? put_index(k, t->dtype, UINT64_MAX)
			    : blank(k, width, 0);
		else if (t == s)
			rc = put_index(k, t->dtype, k->to[c]);
		else
			rc = copy(k, t, t->begin + i * width, width);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* Where a row of a tensor is, while all of them are gone through. */
struct row {
	const struct tg_tensor *t;
	const char *axes;
	uint64_t shape[TG_TENSOR_RANK]; /* as it leaves */
	uint64_t idx[TG_TENSOR_RANK];
	unsigned last;	/* axis */
	uint64_t inner; /* bytes of one step of the last axis */
	unsigned width; /* of a token id, or 0 */
};

/* Whether a row of @r at token @p stays: ids and numbers differ. */
static bool
in_row(const struct work *k, const struct row *r, uint64_t c, uint64_t p)
{
	return r->width != 0 ? tg_tensor_token_stays(k->x, c, p)
			     : tg_tensor_stays(k->x, c, p);
}

/* The context and the first byte of the current row. */
static bool
locate(
    const struct work *k, const struct row *r, uint64_t *context, uint64_t *at)
{
	uint64_t off = 0;
	bool in = true;

	*context = k->n_ctx > 0 ? k->ctx[0] : 0;
	for (unsigned a = 0; a < r->last; a++)
		if (r->axes[a] == 'b')
			*context = k->ctx[r->idx[a]];
	for (unsigned a = 0; a < r->last; a++) {
		const uint64_t i = r->axes[a] == 'b' ? *context : r->idx[a];

		if (r->axes[a] == 'p' || r->axes[a] == 'q')
			in = in && in_row(k, r, *context, i);
		off = off * r->t->shape[a] + i;
	}
	*at = r->t->begin + off * r->t->shape[r->last] * r->inner;
	return in;
}

/* One vector a context, made of all its tokens: of a whole context only. */
static int
write_pooled(struct work *k, const struct row *r, uint64_t at)
{
	for (uint64_t i = 0; i < k->n_ctx; i++) {
		const uint32_t c = k->ctx[i];

		if ((tg_tensor_all_stay(k->x, c, k->x->roles->positions)
			    ? copy(k, r->t, at + c * r->inner, r->inner)
			    : blank(k, r->inner, 0)) < 0)
			return -1;
	}
	return 0;
}

/* Where the run of tokens that stay, or do not, ends which begins at @p. */
static uint64_t
run_end(const struct work *k, const struct row *r, uint64_t c, uint64_t p)
{
	const uint64_t len = r->shape[r->last], keep = k->x->keep[c];
	const bool stay = in_row(k, r, c, p);

	if (k->x->struck == NULL)
		return stay && keep < len ? keep : len;
	while (p < len && in_row(k, r, c, p) == stay)
		p++;
	return p;
}

static int
write_row(struct work *k, const struct row *r)
{
	const uint64_t len = r->shape[r->last];
	uint64_t context, at, p = 0;
	const bool in = locate(k, r, &context, &at);

	if (r->axes[r->last] == 'b')
		return write_pooled(k, r, at);
	while (p < len) {
		const uint64_t end = in ? run_end(k, r, context, p) : len;
		const uint64_t n = (end - p) * r->inner;

		if ((in && in_row(k, r, context, p)
			    ? copy(k, r->t, at + p * r->inner, n)
			    : blank(k, n, r->width)) < 0)
			return -1;
		p = end;
	}
	return 0;
}

static void
shape_of(const struct work *k, const struct tg_tensor *t, const char *axes,
    uint64_t *shape)
{
	for (unsigned a = 0; a < t->rank; a++) {
		shape[a] = t->shape[a];
		if (axes[a] == 'b')
			shape[a] = k->n_ctx;
		else if (axes[a] == 'p' || axes[a] == 'q')
			shape[a] = k->len;
		else if (axes[a] == 'e')
			shape[a] = k->entries;
	}
}

static int
write_rows(
    struct work *k, const struct tg_tensor *t, const char *axes, bool ids)
{
	const int last = last_axis(axes, t->rank);
	struct row r = {.t = t, .axes = axes};
	uint64_t n;
	unsigned a;

	if (last < 0)
		return copy(k, t, t->begin, t->end - t->begin);
	r.last = (unsigned)last;
	r.width = ids ? tg_dtype_bits(t->dtype) / 8 : 0;
	shape_of(k, t, axes, r.shape);
	if (!tg_tensor_bytes(&r.inner, t->dtype, t->shape + last + 1,
		t->rank - r.last - 1) ||
	    !tg_tensor_product(&n, r.shape, t->rank))
		return tg_fail(k->err, TG_E_BUG, "filter: a shape");
	if (n == 0)
		return 0;
	for (;;) {
		if (write_row(k, &r) < 0)
			return -1;
		for (a = r.last; a-- > 0;) {
			if (++r.idx[a] < r.shape[a])
				break;
			r.idx[a] = 0;
		}
		if (a == UINT32_MAX)
			return 0;
	}
}

static int
write_mask(struct work *k)
{
	static const uint8_t bit[3] = {0, 1, 2};

	for (uint64_t i = 0; i < k->n_ctx; i++)
		for (uint64_t p = 0; p < k->len; p++) {
			const uint32_t c = k->ctx[i];
			const unsigned gone = !tg_tensor_token_stays(k->x, c, p)
			    ? 1
			    : tg_tensor_stays(k->x, c, p) ? 0
							  : 2;

			if (put(k, &bit[gone], 1) < 0)
				return -1;
		}
	return 0;
}

/* A token of what leaves does not, or its numbers do not. */
static bool
uneven(const struct work *k)
{
	for (uint64_t i = 0; i < k->n_ctx; i++)
		if (!tg_tensor_all_stay(k->x, k->ctx[i], k->len))
			return true;
	return false;
}

static int
plan(struct work *k)
{
	const struct tg_tensor_filter *x = k->x;
	const uint64_t n = x->roles->contexts;

	k->ctx = calloc((size_t)n + 1, sizeof(*k->ctx));
	k->to = calloc((size_t)n + 1, sizeof(*k->to));
	k->out = malloc(OUT);
	if (k->ctx == NULL || k->to == NULL || k->out == NULL)
		return tg_fail_memory(k->err);
	for (uint32_t c = 0; c < n; c++) {
		k->to[c] = GONE;
		if (x->keep[c] == 0)
			continue;
		k->to[c] = (uint32_t)k->n_ctx;
		k->ctx[k->n_ctx++] = c;
		if (x->keep[c] > k->len)
			k->len = x->keep[c];
	}
	if (tg_window_init(&k->w, x->fd, k->err) < 0 ||
	    tg_window_init(&k->at[0], x->fd, k->err) < 0 ||
	    tg_window_init(&k->at[1], x->fd, k->err) < 0)
		return -1;
	return count_entries(k);
}

struct list {
	struct tg_tensor *t; /* as they leave */
	size_t *from;	     /* in the file; file->n: the mask */
	size_t *order;
	size_t n;
};

static void
leaving(struct work *k, struct list *l)
{
	const struct tg_tensor_filter *x = k->x;

	for (size_t i = 0; i < x->file->n; i++) {
		if (x->drop[i])
			continue;
		l->t[l->n] = x->file->tensor[i];
		shape_of(k, &x->file->tensor[i], x->roles->role[i].axes,
		    l->t[l->n].shape);
		l->from[l->n++] = i;
	}
	if (x->file->format != TG_TENSOR_SAFETENSORS || !uneven(k))
		return;
	l->t[l->n] = (struct tg_tensor){
	    .name = {"redaction_mask", 14},
	    .dtype = TG_DTYPE_U8,
	    .rank = 2,
	    .shape = {k->n_ctx, k->len},
	};
	l->from[l->n++] = x->file->n;
}

static int
write_one(struct work *k, size_t i)
{
	const struct tg_tensor_filter *x = k->x;
	const struct tg_tensor *t = &x->file->tensor[i];
	const struct tg_tensor_role *role;

	if (i == x->file->n)
		return write_mask(k);
	role = &x->roles->role[i];
	k->bits =
	    role->kind == TG_KIND_sae_topk ? mask_of(x, t->dtype) : UINT64_MAX;
	if (t->rank > 0 && role->axes[0] == 'e')
		return write_entries(k, t);
	if (t->rank > 0 && role->axes[0] == 'k')
		return write_table(k, t);
	return write_rows(k, t, role->axes, role->kind == TG_KIND_token_ids);
}

static int
write_all(struct work *k, struct list *l)
{
	const struct tg_tensor_filter *x = k->x;
	struct tg_buf head;
	int rc = -1;

	tg_buf_init(&head, HEADER_MAX);
	leaving(k, l);
	if (x->file->format == TG_TENSOR_NPY)
		rc = l->n == 1 ? tg_npy_header(&head, &l->t[0], k->err)
			       : tg_fail(k->err, TG_E_BUG, "filter: no array");
	else
		rc = tg_safetensors_header(&head, l->t, l->n, x->meta,
		    x->n_meta, x->has_meta, l->order, k->err);
	if (rc == 0)
		rc = put(k, head.p, head.n);
	tg_buf_deinit(&head);
	for (size_t i = 0; i < l->n && rc == 0; i++)
		rc = write_one(k, l->from[l->order[i]]);
	return rc < 0 ? -1 : flush(k);
}

int
tg_tensor_filter_run(struct tg_tensor_filter *x, struct tg_err *err)
{
	const size_t n = x->file->n + 2;
	struct work k = {.x = x, .err = err};
	struct list l = {.t = calloc(n, sizeof(*l.t)),
	    .from = calloc(n, sizeof(*l.from)),
	    .order = calloc(n, sizeof(*l.order))};
	int rc = -1;

	x->bytes = 0;
	if (l.t == NULL || l.from == NULL || l.order == NULL)
		(void)tg_fail_memory(err);
	else if (plan(&k) == 0)
		rc = write_all(&k, &l);
	tg_window_deinit(&k.w);
	tg_window_deinit(&k.at[0]);
	tg_window_deinit(&k.at[1]);
	free(k.ctx);
	free(k.to);
	free(k.out);
	free(l.t);
	free(l.from);
	free(l.order);
	return rc;
}
