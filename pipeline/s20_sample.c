/*
 * s20 - which units are kept: keyed, order-free, nested (1 % is inside 5 %).
 *
 * Kept iff BLAKE2b-64 of the id under the sampling key (little-endian) is below
 * rate * 2^64.  The id is the trace id, so that all records of a trace go
 * together; one of at most 256 bytes is taken in ASCII lower case (hex trace
 * ids of OTLP JSON compare without regard to case).
 * Source: policy-and-evidence 4.4, "Sampling"; docs/REPLAY.md does it again.
 */
#include <string.h>

#include "pipeline/sampled.h"
#include "pipeline/sources/shape.h"
#include "pipeline/stage.h"
#include "pipeline/tally.h"
#include "base/banned.h"

#define PPB 1000000000u
#define ID_MAX 256

__extension__ typedef unsigned __int128 wide;

/* h < floor(ppb * 2^64 / 10^9) */
bool
tg_sample_below(uint64_t h, uint64_t ppb)
{
	if (ppb >= PPB)
		return true;
	return h < (uint64_t)(((wide)ppb << 64) / PPB);
}

uint64_t
tg_sample_number(const uint8_t key[TG_KEY_LEN], struct tg_trace_text id)
{
	uint8_t digest[8];
	char low[ID_MAX];
	uint64_t h = 0;
	const char *p = id.bytes;

	if (id.n <= ID_MAX) {
		for (size_t i = 0; i < id.n; i++) {
			const char c = id.bytes[i];

			low[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
		}
		p = low;
	}
	tg_crypt_blake2b(digest, sizeof(digest), p, id.n, key);
	for (unsigned i = sizeof(digest); i-- > 0;)
		h = h << 8 | digest[i];
	return h;
}

/* ---- whose a unit is --------------------------------------------------- */

/* The value that stands at node @i, or in an attribute at node @i. */
static int
value_of(struct tg_record *r, uint32_t i, struct tg_trace_text *out,
    struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	struct tg_sv raw;

	if (d->nodes[i].kind == TG_J_OBJECT) {
		i = tg_jdoc_find(d, i, "value");
		if (i == UINT32_MAX || d->nodes[i].n == 0)
			return 0;
		i++;
	}
	if (d->nodes[i].kind == TG_J_STRING)
		return tg_shape_text(r, i, out, err);
	raw = tg_jdoc_raw(d, i);
	*out = (struct tg_trace_text){raw.p, raw.n};
	return 0;
}

/* The first node of nodes @from to @end that names a person. */
static uint32_t
person_in(const struct tg_record *r, uint32_t from, uint32_t end)
{
	const uint8_t *at = from >= end
	    ? NULL
	    : memchr(r->field + from, TG_FIELD_user_id, end - from);

	return at == NULL ? UINT32_MAX : (uint32_t)(at - r->field);
}

/* Who is named for all units of a record (attributes of the resource): the
 * nearest before the unit, else behind the last. */
struct shared {
	uint32_t at, from; /* node, or UINT32_MAX; the gap's beginning */
};

static struct shared
shared_first(const struct tg_record *r)
{
	const struct tg_unit *last = &r->unit[r->n_unit - 1];

	return (struct shared){
	    person_in(r, r->doc.nodes[last->node].next, r->doc.n), 0};
}

static void
shared_next(
    struct shared *s, const struct tg_record *r, const struct tg_unit *u)
{
	const uint32_t at = person_in(r, s->from, u->node);

	if (at != UINT32_MAX)
		s->at = at;
	s->from = r->doc.nodes[u->node].next;
}

/* "" when nobody is named. */
static int
person(struct tg_record *r, const struct tg_unit *u, const struct shared *s,
    struct tg_trace_text *out, struct tg_err *err)
{
	uint32_t at = person_in(r, u->node, r->doc.nodes[u->node].next);

	*out = (struct tg_trace_text){NULL, 0};
	if (at == UINT32_MAX)
		at = s->at;
	return at == UINT32_MAX ? 0 : value_of(r, at, out, err);
}

/* A unit without an id is its own trace: its bytes are its id. */
static struct tg_trace_text
identity(const struct tg_settings *set, const struct tg_record *r,
    const struct tg_unit *u, struct tg_trace_text who)
{
	const struct tg_sv raw = tg_jdoc_raw(&r->doc, u->node);

	if (set->sample_unit == TG_SAMPLE_SUBJECT && who.n > 0)
		return who;
	if (set->sample_unit != TG_SAMPLE_TRACE && u->session_id.n > 0)
		return u->session_id;
	if (u->trace_id.n > 0)
		return u->trace_id;
	return (struct tg_trace_text){raw.p, raw.n};
}

/* False: enough of this person; of a session where nobody is named. */
static int
cap(struct tg_pass *p, const struct tg_unit *u, struct tg_trace_text who,
    bool *below, struct tg_err *err)
{
	const uint64_t max = p->set->max_per_subject;

	*below = true;
	if (who.n == 0)
		who = u->session_id;
	if (max == 0 || who.n == 0)
		return 0;
	if (p->tally == NULL)
		p->tally = tg_tally_new();
	if (p->tally == NULL)
		return tg_fail_memory(err);
	*below = tg_tally_below(p->tally, p->set->table_key, who, max);
	return 0;
}

static int
draw(struct tg_pass *p, const struct tg_record *r, struct tg_unit *u,
    struct tg_trace_text who, struct tg_err *err)
{
	const uint64_t h =
	    tg_sample_number(p->set->sample_key, identity(p->set, r, u, who));
	bool below = true;

	u->draw = h;
	if (!tg_sample_below(h, p->set->rate_ppb)) {
		tg_unit_drop(u, "sample", "SMP-OUT");
	} else if (p->set->max_records != 0 &&
	    p->sampled == p->set->max_records) {
		tg_unit_drop(u, "sample", "SMP-CAP-TOTAL");
	} else if (cap(p, u, who, &below, err) < 0) {
		return -1;
	} else if (!below) {
		tg_unit_drop(u, "sample", "SMP-CAP-SUBJECT");
	} else {
		p->sampled++;
		p->counts->of_person += who.n > 0;
		p->counts->of_session += who.n == 0 && u->session_id.n > 0;
		p->counts->of_unknown += who.n == 0 && u->session_id.n == 0;
	}
	return p->drawn == NULL ? 0
				: tg_sampled_add(p->drawn, h, !u->dropped, err);
}

int
tg_s20_sample(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	struct shared shared;
	struct tg_trace_text who;

	if (r->n_unit == 0)
		return 0;
	shared = shared_first(r);
	for (uint32_t i = 0; i < r->n_unit; i++) {
		struct tg_unit *u = &r->unit[i];

		if (u->frame)
			continue;
		shared_next(&shared, r, u);
		if (person(r, u, &shared, &who, err) < 0 ||
		    draw(p, r, u, who, err) < 0)
			return -1;
		u->person = who;
	}
	return 0;
}
