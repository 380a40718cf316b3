#include "pipeline/sources/graph_ids.h"

#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "pipeline/sources/shape.h"
#include "base/banned.h"

#define MARK_DROP 1u

struct id {
	struct tg_sv name;
	uint32_t node;
};

struct ids {
	struct id *id; /* sorted by name; in the record's arena */
	uint32_t n;
};

static int
by_name(const void *a, const void *b)
{
	const struct id *x = a, *y = b;
	const int c = tg_sv_cmp(x->name, y->name);

	return c != 0 ? c : (x->node > y->node) - (x->node < y->node);
}

static int
text(struct tg_record *r, uint32_t i, struct tg_sv *out, struct tg_err *err)
{
	struct tg_trace_text t;

	if (tg_shape_text(r, i, &t, err) < 0)
		return -1;
	*out = (struct tg_sv){t.bytes, t.n};
	return 0;
}

/* Every "node_id", also of nodes that only the attention is traced to. */
static int
collect(struct ids *out, struct tg_record *r, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	uint32_t n = 0;

	for (uint32_t i = 0; i < d->n; i++)
		n += d->nodes[i].kind == TG_J_STRING &&
		    tg_jdoc_key_is(d, i, "node_id");
	*out = (struct ids){.n = 0};
	out->id = tg_arena_calloc(&r->arena, (size_t)n + 1, sizeof(*out->id));
	if (out->id == NULL)
		return tg_fail_memory(err);
	for (uint32_t i = 0; i < d->n; i++) {
		if (d->nodes[i].kind != TG_J_STRING ||
		    !tg_jdoc_key_is(d, i, "node_id"))
			continue;
		out->id[out->n].node = i;
		if (text(r, i, &out->id[out->n++].name, err) < 0)
			return -1;
	}
	qsort(out->id, out->n, sizeof(*out->id), by_name);
	return 0;
}

static bool
has(const struct ids *ids, struct tg_sv name)
{
	uint32_t lo = 0, hi = ids->n;

	while (lo < hi) {
		const uint32_t mid = lo + (hi - lo) / 2;
		const int c = tg_sv_cmp(ids->id[mid].name, name);

		if (c == 0)
			return true;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return false;
}

static int
check_links(struct tg_record *r, const struct ids *ids, struct tg_err *err)
{
	static const char *const ends[] = {"source", "target"};
	const struct tg_jdoc *d = &r->doc;
	const uint32_t links = tg_jdoc_find(d, 0, "links");
	struct tg_sv name;

	if (links == UINT32_MAX || d->nodes[links].kind != TG_J_ARRAY)
		return 0;
	for (uint32_t c = links + 1; c < d->nodes[links].next;
	     c = d->nodes[c].next) {
		for (size_t k = 0;
		     k < TG_COUNT(ends) && d->nodes[c].kind == TG_J_OBJECT;
		     k++) {
			const uint32_t i = tg_jdoc_find(d, c, ends[k]);

			if (i == UINT32_MAX)
				continue;
			if (text(r, i, &name, err) < 0)
				return -1;
			if (!has(ids, name))
				return tg_shape_fail(r, i,
				    "a link to a node that is not there", err);
		}
	}
	return 0;
}

/* The place of each node is one of the prompt's. */
static int
check_places(struct tg_record *r, const struct ids *ids, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t meta = tg_jdoc_find(d, 0, "metadata");
	uint32_t tokens;
	uint64_t at;

	tokens = d->nodes[meta].kind == TG_J_OBJECT
	    ? tg_jdoc_find(d, meta, "prompt_tokens")
	    : UINT32_MAX;
	if (tokens == UINT32_MAX || d->nodes[tokens].kind != TG_J_ARRAY ||
	    d->nodes[tokens].n == 0)
		return 0;
	for (uint32_t k = 0; k < ids->n; k++) {
		const uint32_t i = tg_jdoc_find(
		    d, d->nodes[ids->id[k].node].parent, "ctx_idx");

		if (i != UINT32_MAX && d->nodes[i].kind == TG_J_NUMBER &&
		    !tg_parse_u64(
			&at, tg_jdoc_raw(d, i), 0, d->nodes[tokens].n - 1))
			return tg_shape_fail(
			    r, i, "a node at a token that is not there", err);
	}
	return 0;
}

int
tg_graph_check(struct tg_record *r, struct tg_err *err)
{
	struct ids ids;

	if (collect(&ids, r, err) < 0)
		return -1;
	for (uint32_t k = 1; k < ids.n; k++)
		if (tg_sv_eq(ids.id[k - 1].name, ids.id[k].name))
			return tg_shape_fail(
			    r, ids.id[k].node, "two nodes of one name", err);
	if (check_links(r, &ids, err) < 0)
		return -1;
	return check_places(r, &ids, err);
}

/* Strings of array @i from element @from on that name no node. */
static int
mark(struct tg_record *r, const struct ids *ids, uint32_t i, uint32_t from,
    struct tg_err *err)
{
	struct tg_jdoc *d = &r->doc;
	struct tg_sv name;
	uint32_t k = 0;

	if (d->nodes[i].kind != TG_J_ARRAY)
		return 0;
	for (uint32_t c = i + 1; c < d->nodes[i].next;
	     c = d->nodes[c].next, k++) {
		if (k < from || d->nodes[c].kind != TG_J_STRING)
			continue;
		if (text(r, c, &name, err) < 0)
			return -1;
		if (!has(ids, name))
			d->nodes[c].mark |= MARK_DROP;
	}
	return 0;
}

int
tg_graph_dangling(struct tg_record *r, struct tg_err *err)
{
	struct tg_jdoc *d = &r->doc;
	const uint32_t q = tg_jdoc_find(d, 0, "qParams");
	uint32_t i;
	struct tg_sv name;
	struct ids ids;

	if (q == UINT32_MAX || d->nodes[q].kind != TG_J_OBJECT)
		return 0;
	if (collect(&ids, r, err) < 0)
		return -1;
	i = tg_jdoc_find(d, q, "pinnedIds");
	if (i != UINT32_MAX && mark(r, &ids, i, 0, err) < 0)
		return -1;
	i = tg_jdoc_find(d, q, "clickedId");
	if (i != UINT32_MAX && d->nodes[i].kind == TG_J_STRING &&
	    d->nodes[i].end - d->nodes[i].start > 2) {
		if (text(r, i, &name, err) < 0)
			return -1;
		if (!has(&ids, name))
			d->nodes[i].mark |= MARK_DROP;
	}
	i = tg_jdoc_find(d, q, "supernodes");
	if (i == UINT32_MAX || d->nodes[i].kind != TG_J_ARRAY)
		return 0;
	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next)
		if (mark(r, &ids, c, 1, err) < 0) /* 0: its label */
			return -1;
	return 0;
}
