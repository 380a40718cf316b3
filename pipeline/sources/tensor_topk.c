#include "pipeline/sources/tensor_topk.h"

#include <stdlib.h>

#include "base/banned.h"

#define CHUNK (1u << 22) /* tokens of a table that are counted at once */

struct topk {
	const struct tg_tensor_filter *x;
	const struct tg_tensor *at[2]; /* context and position of an entry */
	const struct tg_tensor *value; /* or NULL: the first stay */
	struct tg_window w[3];
	uint64_t n, max, over;
	uint8_t *bits;
	struct tg_err *err;
};

static void
mark(struct topk *k, uint64_t i)
{
	tg_bits_add(k->bits, i);
	k->over++;
}

/* Whole number @i of tensor @t. */
static int
number(struct topk *k, struct tg_window *w, const struct tg_tensor *t,
    uint64_t i, uint64_t *out)
{
	const unsigned width = tg_dtype_bits(t->dtype) / 8;
	const uint8_t *p;

	if (tg_window_get(w, t->begin + i * width, width, &p, k->err) < 0)
		return -1;
	*out = tg_tensor_index(t->dtype, p);
	return 0;
}

/* Context and position of entry @i of a list. */
static int
token(struct topk *k, uint64_t i, uint64_t c[2])
{
	if (number(k, &k->w[0], k->at[0], i * 3, &c[0]) < 0)
		return -1;
	return number(k, &k->w[0], k->at[0], i * 3 + 1, &c[1]);
}

/*
 * How much entry @i is: values of one element type are in the order of their
 * bits without the sign (IEEE 754), whole numbers in that of their size.
 */
static int
magnitude(struct topk *k, uint64_t i, uint64_t *out)
{
	const struct tg_tensor *t = k->value;
	const unsigned bits = tg_dtype_bits(t->dtype);
	const uint8_t *p;
	uint64_t v = 0;

	if (tg_window_get(
		&k->w[2], t->begin + i * (bits / 8), bits / 8, &p, k->err) < 0)
		return -1;
	for (unsigned m = 0; m < bits / 8; m++)
		v |= (uint64_t)p[m] << (8 * m);
	if (t->dtype == TG_DTYPE_U8 || t->dtype == TG_DTYPE_U16 ||
	    t->dtype == TG_DTYPE_U32 || t->dtype == TG_DTYPE_U64)
		*out = v;
	else if (t->dtype == TG_DTYPE_I8 || tg_dtype_is_index(t->dtype))
		*out = (v >> (bits - 1) & 1) == 0
		    ? v
		    : (~v + 1) & (UINT64_MAX >> (64 - bits));
	else
		*out = v & (UINT64_MAX >> (65 - bits));
	return 0;
}

static int
by_size(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Entries [from, to) are of one token and too many. */
static int
thin(struct topk *k, uint64_t from, uint64_t to)
{
	const size_t n = (size_t)(to - from), max = (size_t)k->max;
	uint64_t *v, *sorted, least;
	size_t equal = max; /* of these, how many still have room */
	int rc = -1;

	if (n > TG_TOPK_TOKEN)
		return tg_fail(k->err, TG_E_INPUT,
		    "more than %u features of one token", TG_TOPK_TOKEN);
	v = calloc(n, sizeof(*v));
	sorted = calloc(n, sizeof(*sorted));
	if (v == NULL || sorted == NULL) {
		(void)tg_fail_memory(k->err);
		goto out;
	}
	for (size_t i = 0; i < n; i++) {
		if (magnitude(k, from + i, &v[i]) < 0)
			goto out;
		sorted[i] = v[i];
	}
	qsort(sorted, n, sizeof(*sorted), by_size);
	least = sorted[n - max];
	for (size_t i = 0; i < n; i++)
		equal -= v[i] > least;
	for (size_t i = 0; i < n; i++)
		if (v[i] < least || (v[i] == least && equal-- == 0)) {
			mark(k, from + i);
			equal += v[i] == least;
		}
	rc = 0;
out:
	free(v);
	free(sorted);
	return rc;
}

static int
list(struct topk *k)
{
	uint64_t from = 0, last[2] = {0, 0};

	for (uint64_t i = 0; i <= k->n; i++) {
		uint64_t c[2] = {UINT64_MAX, UINT64_MAX};

		if (i < k->n && token(k, i, c) < 0)
			return -1;
		if (i > 0 && c[0] == last[0] && c[1] == last[1] && i < k->n)
			continue;
		if (i > 0 && i < k->n &&
		    (c[0] < last[0] || (c[0] == last[0] && c[1] < last[1])))
			return tg_fail(k->err, TG_E_INPUT,
			    "entry %llu: a coordinate list that is not in the "
			    "order of its tokens",
			    (unsigned long long)i);
		if (i - from > k->max && thin(k, from, i) < 0)
			return -1;
		from = i;
		last[0] = c[0];
		last[1] = c[1];
	}
	return 0;
}

/* The entries of a table that point at tokens [from, from + CHUNK). */
static int
chunk(struct topk *k, uint64_t from, uint32_t *seen)
{
	const uint64_t len = k->x->roles->positions;

	for (uint64_t i = 0; i < k->n; i++) {
		uint64_t c, p, t;

		if (number(k, &k->w[0], k->at[0], i, &c) < 0 ||
		    number(k, &k->w[1], k->at[1], i, &p) < 0)
			return -1;
		if (c >= k->x->roles->contexts || p >= len)
			continue; /* points at nothing: blotted anyway */
		t = c * len + p;
		if (t >= from && t - from < CHUNK && ++seen[t - from] > k->max)
			mark(k, i);
	}
	return 0;
}

static int
table(struct topk *k)
{
	/* At most 2^22 contexts of 2^20 positions: fits. */
	const uint64_t all = k->x->roles->contexts * k->x->roles->positions;
	uint32_t *seen = malloc(CHUNK * sizeof(*seen));
	int rc = seen == NULL ? tg_fail_memory(k->err) : 0;

	for (uint64_t from = 0; from < all && rc == 0; from += CHUNK) {
		memset(seen, 0, CHUNK * sizeof(*seen));
		rc = chunk(k, from, seen);
	}
	free(seen);
	return rc;
}

/* What the file has of either; false: nothing to count. */
static bool
find(struct topk *k)
{
	const struct tg_tensor_file *f = k->x->file;
	const struct tg_tensor *l = tg_tensor_find(f, "locations");
	const struct tg_tensor *s = tg_tensor_find(f, "seq_ids");
	const struct tg_tensor *p = tg_tensor_find(f, "positions");
	size_t i;

	for (i = 0; i < f->n; i++)
		if (strchr("ek", k->x->roles->role[i].axes[0]) != NULL &&
		    f->tensor[i].rank > 0 && tg_tensor_filter_can(k->x, i))
			break;
	if (i == f->n)
		return false;
	if (k->x->roles->role[i].axes[0] == 'e') {
		k->at[0] = k->at[1] = l;
		k->value = tg_tensor_find(f, "activations");
		k->n = l->shape[0];
		return true;
	}
	k->at[0] = s;
	k->at[1] = p;
	return tg_tensor_product(&k->n, s->shape, s->rank);
}

static int
count(struct topk *k)
{
	const struct tg_tensor *v = k->value;

	if (k->n > TG_TOPK_ENTRIES)
		return tg_fail(k->err, TG_E_INPUT,
		    "more than %u features in one file", TG_TOPK_ENTRIES);
	k->bits = calloc((size_t)k->n / 8 + 1, 1);
	if (k->bits == NULL)
		return tg_fail_memory(k->err);
	for (size_t i = 0; i < TG_COUNT(k->w); i++)
		if (tg_window_init(&k->w[i], k->x->fd, k->err) < 0)
			return -1;
	if (k->at[0] != k->at[1])
		return table(k);
	if (v == NULL || v->rank != 1 || tg_dtype_bits(v->dtype) % 8 != 0)
		return tg_fail(k->err, TG_E_INPUT,
		    "a coordinate list without a value for each entry");
	return list(k);
}

int
tg_tensor_topk(uint8_t **out, uint64_t *over, const struct tg_tensor_filter *x,
    uint64_t topk, struct tg_err *err)
{
	struct topk k = {.x = x, .max = topk, .err = err};
	int rc = 0;

	for (size_t i = 0; i < TG_COUNT(k.w); i++)
		k.w[i].fd = -1;
	*out = NULL;
	*over = 0;
	if (find(&k))
		rc = count(&k);
	if (rc == 0 && k.over > 0) {
		*out = k.bits;
		*over = k.over;
		k.bits = NULL;
	}
	free(k.bits);
	for (size_t i = 0; i < TG_COUNT(k.w); i++)
		tg_window_deinit(&k.w[i]);
	return rc;
}
