/* safetensors_write.c - the header as the official library writes it: the same
 * tensors give the same bytes. */
#include <stdlib.h>

#include "base/jscan.h"
#include "pipeline/sources/safetensors.h"
#include "base/banned.h"

#define ALIGN 8 /* the header's length is a multiple, padded with spaces */

static struct tg_sv
sv(struct tg_trace_text t)
{
	return (struct tg_sv){t.bytes, t.n};
}

struct item {
	const struct tg_tensor *t;
	size_t i;
};

static int
official(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->t->dtype != y->t->dtype)
		return x->t->dtype > y->t->dtype ? -1 : 1;
	return tg_sv_cmp(sv(x->t->name), sv(y->t->name));
}

static int
by_key(const void *a, const void *b)
{
	const struct tg_tensor_meta *const *x = a, *const *y = b;

	return tg_sv_cmp(sv((*x)->key), sv((*y)->key));
}

static int
quoted(struct tg_buf *out, struct tg_trace_text t, struct tg_err *err)
{
	if (tg_buf_addc(out, '"', err) < 0 ||
	    tg_json_escape(out, sv(t), err) < 0)
		return -1;
	return tg_buf_addc(out, '"', err);
}

static int
metadata(struct tg_buf *out, const struct tg_tensor_meta *meta, size_t n,
    struct tg_err *err)
{
	const struct tg_tensor_meta **list = calloc(n + 1, sizeof(*list));
	int rc = -1;

	if (list == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < n; i++)
		list[i] = &meta[i];
	qsort(list, n, sizeof(*list), by_key);
	if (tg_buf_adds(out, "\"__metadata__\":{", err) < 0)
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (i > 0 && tg_sv_eq(sv(list[i - 1]->key), sv(list[i]->key))) {
			(void)tg_fail(err, TG_E_BUG, "metadata: a key twice");
			goto out;
		}
		if ((i > 0 && tg_buf_addc(out, ',', err) < 0) ||
		    quoted(out, list[i]->key, err) < 0 ||
		    tg_buf_addc(out, ':', err) < 0 ||
		    quoted(out, list[i]->value, err) < 0)
			goto out;
	}
	rc = tg_buf_addc(out, '}', err);
out:
	free(list);
	return rc;
}

static int
entry(struct tg_buf *out, const struct tg_tensor *t, struct tg_err *err)
{
	if (quoted(out, t->name, err) < 0 ||
	    tg_buf_addf(out, err, ":{\"dtype\":\"%s\",\"shape\":[",
		tg_dtype_name(t->dtype)) < 0)
		return -1;
	for (unsigned k = 0; k < t->rank; k++)
		if (tg_buf_addf(out, err, "%s%llu", k == 0 ? "" : ",",
			(unsigned long long)t->shape[k]) < 0)
			return -1;
	return tg_buf_addf(out, err, "],\"data_offsets\":[%llu,%llu]}",
	    (unsigned long long)t->begin, (unsigned long long)t->end);
}

/* begin and end become offsets in the bytes of the tensors. */
static int
place(struct tg_tensor *tensor, const struct item *list, size_t n,
    struct tg_err *err)
{
	uint64_t at = 0;

	for (size_t i = 0; i < n; i++) {
		struct tg_tensor *t = &tensor[list[i].i];
		uint64_t bytes;

		if (i > 0 && tg_sv_eq(sv(list[i - 1].t->name), sv(t->name)))
			return tg_fail(
			    err, TG_E_BUG, "safetensors: a name twice");
		if (!tg_tensor_bytes(&bytes, t->dtype, t->shape, t->rank) ||
		    bytes > INT64_MAX - at)
			return tg_fail(
			    err, TG_E_BUG, "safetensors: a shape too large");
		t->begin = at;
		t->end = at += bytes;
	}
	return 0;
}

static int
body(struct tg_buf *out, struct tg_tensor *tensor, struct item *list, size_t n,
    const struct tg_tensor_meta *meta, size_t n_meta, bool has_meta,
    struct tg_err *err)
{
	bool first = true;

	if (tg_buf_addc(out, '{', err) < 0)
		return -1;
	if (has_meta) {
		if (metadata(out, meta, n_meta, err) < 0)
			return -1;
		first = false;
	}
	for (size_t i = 0; i < n; i++, first = false)
		if ((!first && tg_buf_addc(out, ',', err) < 0) ||
		    entry(out, &tensor[list[i].i], err) < 0)
			return -1;
	return tg_buf_addc(out, '}', err);
}

int
tg_safetensors_header(struct tg_buf *out, struct tg_tensor *tensor, size_t n,
    const struct tg_tensor_meta *meta, size_t n_meta, bool has_meta,
    size_t *order, struct tg_err *err)
{
	const size_t from = out->n;
	struct item *list = calloc(n + 1, sizeof(*list));
	size_t len;
	int rc = -1;

	if (list == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < n; i++)
		list[i] = (struct item){&tensor[i], i};
	qsort(list, n, sizeof(*list), official);
	if (place(tensor, list, n, err) < 0 ||
	    tg_buf_add(out, "\0\0\0\0\0\0\0\0", ALIGN, err) < 0 ||
	    body(out, tensor, list, n, meta, n_meta, has_meta, err) < 0)
		goto out;
	while ((out->n - from) % ALIGN != 0)
		if (tg_buf_addc(out, ' ', err) < 0)
			goto out;
	len = out->n - from - ALIGN;
	for (unsigned k = 0; k < ALIGN; k++)
		out->p[from + k] = (char)(uint8_t)((uint64_t)len >> (8 * k));
	for (size_t i = 0; i < n; i++) {
		order[i] = list[i].i;
		tensor[i].begin += out->n - from;
		tensor[i].end += out->n - from;
	}
	rc = 0;
out:
	if (rc < 0)
		out->n = from;
	free(list);
	return rc;
}
