/* s10 - bytes to a scanned document whose every node has a meaning. */
#include <string.h>

#include "pipeline/sources/source.h"
#include "pipeline/stage.h"
#include "base/banned.h"

/* A record without a format of ours is still looked at by a scan. */
static int
unknown_format(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	struct tg_unit *u;

	if (p->set->mode != TG_MODE_SCAN)
		return tg_fail(err, TG_E_INPUT,
		    "no format that is known: a JSON object was expected");
	return tg_record_add_unit(r, 0, &u, err);
}

int
tg_s10_decode(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	size_t at = 0;

	if (tg_jscan(&r->doc, r->raw, &at, err) < 0)
		return tg_fail_in(
		    err, "byte %llu", (unsigned long long)(r->offset + at));
	if (tg_record_classes(r, err) < 0)
		return -1;
	r->source = tg_source_for(&r->doc);
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
	for (uint32_t i = 0; i < r->n_unit; i++)
		r->unit[i].serial = ++p->serial;
	p->counts->unknown += r->unknown;
	return 0;
}
