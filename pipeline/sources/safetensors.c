#include "pipeline/sources/safetensors.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/jscan.h"
#include "base/num.h"
#include "base/banned.h"

#define LENGTH 8 /* bytes in front of the header */

struct parse {
	struct tg_tensor_file *f;
	struct tg_jdoc doc;
	uint64_t buffer; /* bytes behind the header */
	struct tg_err *err;
};

static int
bad(const struct parse *p, uint32_t node, const char *what)
{
	return tg_fail(p->err, TG_E_INPUT, "byte %llu: %s",
	    (unsigned long long)LENGTH + p->doc.nodes[node].start, what);
}

/* Key or value of @node as text: no NUL, no half of a surrogate pair. */
static int
text_of(struct parse *p, uint32_t node, bool key, struct tg_trace_text *out)
{
	const struct tg_jnode *n = &p->doc.nodes[node];
	const struct tg_sv raw =
	    key ? tg_jdoc_key(&p->doc, node) : tg_jdoc_str(&p->doc, node);
	struct tg_jtext text;
	struct tg_sv copy;

	if (tg_jtext_decode(&text, raw, key ? n->key_esc : n->esc, &p->f->arena,
		p->err) < 0)
		return -1;
	if (memchr(text.text.bytes, '\0', text.text.n) != NULL)
		return bad(p, node, "a NUL in a name or a text");
	if (tg_jtext_lone_surrogate(raw) != SIZE_MAX)
		return bad(p, node, "a lone surrogate is no UTF-8");
	copy = tg_arena_sv(
	    &p->f->arena, (struct tg_sv){text.text.bytes, text.text.n});
	if (copy.p == NULL)
		return tg_fail_memory(p->err);
	*out = (struct tg_trace_text){copy.p, copy.n};
	return 0;
}

static int
metadata(struct parse *p, uint32_t node)
{
	const struct tg_jdoc *d = &p->doc;
	struct tg_tensor_file *f = p->f;

	if (d->nodes[node].kind != TG_J_OBJECT)
		return bad(p, node, "__metadata__ is not an object");
	f->has_meta = true;
	f->meta = tg_arena_calloc(
	    &f->arena, (size_t)d->nodes[node].n + 1, sizeof(*f->meta));
	if (f->meta == NULL)
		return tg_fail_memory(p->err);
	for (uint32_t i = node + 1; i < d->nodes[node].next;
	     i = d->nodes[i].next) {
		struct tg_tensor_meta *m = &f->meta[f->n_meta];

		if (d->nodes[i].kind != TG_J_STRING)
			return bad(
			    p, i, "a value of __metadata__ is not a string");
		if (text_of(p, i, true, &m->key) < 0 ||
		    text_of(p, i, false, &m->value) < 0)
			return -1;
		f->n_meta++;
	}
	return 0;
}

/* A whole number, digits only: 4.0, 4e0 and -4 are none. */
static int
number(struct parse *p, uint32_t i, uint64_t *out)
{
	if (p->doc.nodes[i].kind != TG_J_NUMBER ||
	    !tg_parse_u64(out, tg_jdoc_raw(&p->doc, i), 0, UINT64_MAX))
		return bad(p, i, "not a whole number of 64 bits");
	return 0;
}

static int
shape(struct parse *p, uint32_t node, struct tg_tensor *t)
{
	const struct tg_jdoc *d = &p->doc;

	if (d->nodes[node].kind != TG_J_ARRAY)
		return bad(p, node, "the shape is not an array");
	if (d->nodes[node].n > TG_TENSOR_RANK)
		return bad(p, node, "more axes than are read (8)");
	for (uint32_t i = node + 1; i < d->nodes[node].next;
	     i = d->nodes[i].next)
		if (number(p, i, &t->shape[t->rank++]) < 0)
			return -1;
	return 0;
}

static int
offsets(struct parse *p, uint32_t node, struct tg_tensor *t)
{
	const struct tg_jdoc *d = &p->doc;
	uint64_t at[2];
	unsigned n = 0;

	if (d->nodes[node].kind != TG_J_ARRAY || d->nodes[node].n != 2)
		return bad(p, node, "data_offsets are not two numbers");
	for (uint32_t i = node + 1; i < d->nodes[node].next;
	     i = d->nodes[i].next)
		if (number(p, i, &at[n++]) < 0)
			return -1;
	if (at[0] > at[1])
		return bad(p, node, "data_offsets go backwards");
	if (at[1] > p->buffer)
		return bad(p, node, "data_offsets end behind the file");
	t->begin = p->f->data + at[0];
	t->end = p->f->data + at[1];
	return 0;
}

static int
dtype(struct parse *p, uint32_t i, struct tg_tensor *t)
{
	const struct tg_jnode *n = &p->doc.nodes[i];

	if (n->kind != TG_J_STRING || n->esc ||
	    !tg_dtype_find(&t->dtype, tg_jdoc_str(&p->doc, i)))
		return bad(p, i, "a dtype that the format does not know");
	return 0;
}

static int
member(struct parse *p, uint32_t i, struct tg_tensor *t, unsigned *seen)
{
	const struct tg_jdoc *d = &p->doc;

	if (tg_jdoc_key_is(d, i, "dtype")) {
		*seen |= 1;
		return dtype(p, i, t);
	}
	if (tg_jdoc_key_is(d, i, "shape")) {
		*seen |= 2;
		return shape(p, i, t);
	}
	if (tg_jdoc_key_is(d, i, "data_offsets")) {
		*seen |= 4;
		return offsets(p, i, t);
	}
	return bad(p, i, "a key that the format does not know");
}

static int
entry(struct parse *p, uint32_t node, struct tg_tensor *t)
{
	const struct tg_jdoc *d = &p->doc;
	unsigned seen = 0;
	uint64_t bytes;

	if (d->nodes[node].kind != TG_J_OBJECT)
		return bad(p, node, "the entry of a tensor is not an object");
	if (text_of(p, node, true, &t->name) < 0)
		return -1;
	if (t->name.n > TG_TENSOR_NAME)
		return bad(p, node, "a name longer than 1024 bytes");
	for (uint32_t i = node + 1; i < d->nodes[node].next;
	     i = d->nodes[i].next)
		if (member(p, i, t, &seen) < 0)
			return -1;
	if (seen != 7)
		return bad(
		    p, node, "dtype, shape and data_offsets are not all there");
	if (!tg_tensor_bytes(&bytes, t->dtype, t->shape, t->rank))
		return bad(
		    p, node, "the shape is too large or not of whole bytes");
	if (bytes != t->end - t->begin)
		return bad(p, node, "data_offsets do not fit shape and dtype");
	return 0;
}

static int
by_offset(const void *a, const void *b)
{
	const struct tg_tensor *x = a, *y = b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return tg_sv_cmp((struct tg_sv){x->name.bytes, x->name.n},
	    (struct tg_sv){y->name.bytes, y->name.n});
}

/* Every byte behind the header belongs to one tensor. */
static int
cover(const struct parse *p)
{
	const struct tg_tensor_file *f = p->f;
	uint64_t at = f->data;

	for (size_t i = 0; i < f->n; i++) {
		if (f->tensor[i].begin != at)
			return tg_fail(p->err, TG_E_INPUT,
			    "byte %llu: %s between two tensors",
			    (unsigned long long)at,
			    f->tensor[i].begin > at ? "a hole" : "an overlap");
		at = f->tensor[i].end;
	}
	if (at != f->size)
		return tg_fail(p->err, TG_E_INPUT,
		    "byte %llu: bytes behind the last tensor",
		    (unsigned long long)at);
	return 0;
}

static int
root(struct parse *p)
{
	const struct tg_jdoc *d = &p->doc;
	struct tg_tensor_file *f = p->f;

	if (d->nodes[0].kind != TG_J_OBJECT)
		return bad(p, 0, "the header is not a JSON object");
	if (d->nodes[0].n > TG_TENSOR_COUNT)
		return bad(p, 0, "more tensors than are read (65536)");
	f->tensor = tg_arena_calloc(
	    &f->arena, (size_t)d->nodes[0].n + 1, sizeof(*f->tensor));
	if (f->tensor == NULL)
		return tg_fail_memory(p->err);
	for (uint32_t i = 1; i < d->n; i = d->nodes[i].next) {
		if (tg_jdoc_key_is(d, i, "__metadata__")) {
			if (metadata(p, i) < 0)
				return -1;
		} else if (entry(p, i, &f->tensor[f->n++]) < 0) {
			return -1;
		}
	}
	if (f->n > 0)
		qsort(f->tensor, f->n, sizeof(*f->tensor), by_offset);
	return cover(p);
}

int
tg_safetensors_head(
    size_t *want, const uint8_t *p, uint64_t size, struct tg_err *err)
{
	uint64_t n;

	if (size < LENGTH)
		return tg_fail(err, TG_E_INPUT,
		    "byte %llu: too short for the length of a header",
		    (unsigned long long)size);
	n = tg_tensor_index(TG_DTYPE_U64, p);
	if (n > TG_SAFETENSORS_HEADER)
		return tg_fail(err, TG_E_INPUT,
		    "byte 0: the header is longer than the format allows "
		    "(100000000 bytes)");
	if (n > size - LENGTH)
		return tg_fail(err, TG_E_INPUT,
		    "byte 0: the header is longer than the file");
	if (n > TG_SAFETENSORS_HEADER_OURS)
		return tg_fail(err, TG_E_INPUT,
		    "byte 0: a header of more than 16 MiB is no trace's");
	*want = LENGTH + (size_t)n;
	return 0;
}

int
tg_safetensors_parse(struct tg_tensor_file *f, struct tg_sv head, uint64_t size,
    struct tg_err *err)
{
	struct parse p = {.f = f, .err = err};
	size_t want, at;
	int rc = -1;

	if (tg_safetensors_head(&want, (const uint8_t *)head.p, size, err) < 0)
		return -1;
	if (head.n < want)
		return tg_fail(err, TG_E_BUG, "safetensors: half a header");
	f->format = TG_TENSOR_SAFETENSORS;
	f->size = size;
	f->data = want;
	p.buffer = size - want;
	tg_jdoc_init(&p.doc);
	if (tg_jscan(&p.doc, (struct tg_sv){head.p + LENGTH, want - LENGTH},
		&at, err) < 0)
		(void)tg_fail_in(
		    err, "byte %llu", (unsigned long long)LENGTH + at);
	else
		rc = root(&p);
	tg_jdoc_deinit(&p.doc);
	return rc;
}

int
tg_safetensors_read(struct tg_tensor_file *f, int fd, struct tg_err *err)
{
	struct tg_window w;
	struct tg_buf b;
	struct stat st;
	const uint8_t *p;
	size_t want = 0;
	int rc = -1;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return tg_fail(err, TG_E_INPUT, "not a regular file");
	if (tg_window_init(&w, fd, err) < 0)
		return -1;
	tg_buf_init(&b, LENGTH + TG_SAFETENSORS_HEADER_OURS);
	if (st.st_size >= LENGTH && tg_window_get(&w, 0, LENGTH, &p, err) < 0)
		goto out;
	if (tg_safetensors_head(&want, w.buf, (uint64_t)st.st_size, err) < 0)
		goto out;
	while (b.n < want) {
		const size_t n = want - b.n < TG_TENSOR_WINDOW
		    ? want - b.n
		    : TG_TENSOR_WINDOW;

		if (tg_window_get(&w, b.n, n, &p, err) < 0 ||
		    tg_buf_add(&b, p, n, err) < 0)
			goto out;
	}
	rc = tg_safetensors_parse(f, tg_buf_sv(&b), (uint64_t)st.st_size, err);
out:
	tg_buf_deinit(&b);
	tg_window_deinit(&w);
	return rc;
}
