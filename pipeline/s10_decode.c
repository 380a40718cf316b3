/* s10 - bytes to a scanned document whose every node has a meaning. */
#include <string.h>

#include "pipeline/sources/source.h"
#include "pipeline/sources/stream.h"
#include "pipeline/stage.h"
#include "base/banned.h"

/* A record without a format of ours is still looked at by a scan. */
static int
unknown_format(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	struct tg_unit *u;

	if (p->set->mode != TG_MODE_SCAN || r->doc.nodes[0].kind != TG_J_ARRAY)
		return tg_fail(err, TG_E_INPUT,
		    "no format that is known: a JSON object was expected");
	return tg_record_add_unit(r, 0, &u, err);
}

/* Half a surrogate pair between the digits of a card hides it from us and not
 * from a reader that skips it: the record does not leave. */
static int
whole_text(const struct tg_record *r, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;

	for (uint32_t i = 0; i < d->n; i++) {
		const struct tg_jnode *n = &d->nodes[i];
		size_t at = SIZE_MAX, from = 0;

		if (n->kind == TG_J_STRING && n->esc) {
			at = tg_jtext_lone_surrogate(tg_jdoc_str(d, i));
			from = n->start + 1;
		}
		if (at == SIZE_MAX && n->key_esc) {
			at = tg_jtext_lone_surrogate(tg_jdoc_key(d, i));
			from = n->key_start + 1;
		}
		if (at != SIZE_MAX)
			return tg_fail(err, TG_E_INPUT,
			    "byte %llu: a lone surrogate is no UTF-8",
			    (unsigned long long)(r->offset + from + at));
	}
	return 0;
}

/* Whose @r is.  A line that nothing tells, because that was among the keys
 * that went, is of the file's format when that can be so. */
static const struct tg_source *
source_of(const struct tg_pass *p, const struct tg_record *r)
{
	const struct tg_source *s = tg_source_for(&r->doc);
	const struct tg_source *known =
	    p->format == NULL ? p->expected : tg_source_find(p->format);

	return s == &tg_source_jsonl && known != NULL && known->loose ? known
								      : s;
}

/* Of no format that has units; what is packed came through here. */
static bool
in_pieces(const struct tg_pass *p, const struct tg_record *r)
{
	return (r->source == NULL || r->source == &tg_source_jsonl) &&
	    p->set->mode != TG_MODE_RECHECK &&
	    tg_stream_in_pieces(&r->doc, 0, p->stream);
}

int
tg_decode_piece(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	p->stream = true;
	r->in_pieces = true;
	return p->set->mode == TG_MODE_SCAN ? 0 : tg_stage_in_pieces(err);
}

void
tg_decode_unit_piece(const struct tg_pass *p, struct tg_record *r,
    uint32_t unit, const char *stage)
{
	/* What is packed came through here. */
	if (p->set->mode == TG_MODE_RECHECK)
		return;
	if (p->set->mode == TG_MODE_SCAN)
		r->in_pieces = true;
	else
		tg_unit_drop(&r->unit[unit], stage, "DEC-STREAM");
}

int
tg_s10_decode(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	size_t at = 0;

	if (tg_jscan(&r->doc, r->raw, &at, err) < 0)
		return tg_fail_in(
		    err, "byte %llu", (unsigned long long)(r->offset + at));
	if (whole_text(r, err) < 0 || tg_record_classes(r, err) < 0)
		return -1;
	r->source = r->tensors ? &tg_source_tensors : source_of(p, r);
	if (in_pieces(p, r) && tg_decode_piece(p, r, err) < 0)
		return -1;
	if (r->source == NULL)
		return unknown_format(p, r, err);
	if (p->format != NULL && p->set->mode != TG_MODE_SCAN &&
	    strcmp(p->format, r->source->name) != 0)
		return tg_fail(err, TG_E_INPUT,
		    "%s in an input of %s: one format a file", r->source->name,
		    p->format);
	if (r->source->classify(r, p->attrs, err) < 0)
		return -1;
	p->format = r->source->name;
	for (uint32_t i = 0; i < r->n_unit; i++) {
		r->unit[i].serial = ++p->serial;
		if (r->unit[i].piece)
			tg_decode_unit_piece(p, r, i, "decode");
	}
	p->counts->unknown += r->unknown;
	return 0;
}
