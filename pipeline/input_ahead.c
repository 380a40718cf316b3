#include "pipeline/input_ahead.h"

#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "pipeline/controls.h"
#include "pipeline/sources/source.h"
#include "pipeline/sources/stream.h"
#include "base/banned.h"

#define TEXT_MAX (64u << 20)   /* bytes of a record, wrapped */
#define NESTED_MAX (96u << 20) /* bytes of JSON in strings of one record */

/* A record that is out, and all it needs until its turn. */
struct parcel {
	struct tg_coming c;
	struct tg_record rec;
	struct tg_buf raw, text;
	struct tg_told told;
	bool stream;   /* of the pass, when it was handed out */
	size_t weight; /* bytes of the largest record its memory has held */
};

/* What a thread looks with. */
struct hand {
	struct tg_pass pass;
	struct tg_counts counts;
};

struct tg_ahead {
	struct tg_intake *t;
	struct tg_crew *crew;
	struct hand *hand;
	unsigned n_hand;
	struct parcel *parcel;
	struct parcel **in_place; /* of the crew */
	struct parcel **spare;	  /* the one used last on top */
	size_t n_place, n_spare;
	size_t bytes;  /* of the records that are out */
	size_t weight; /* of all parcels */
	bool failed;
	struct tg_input *in;
	uint64_t *chunk;
	/* scratch */
	struct tg_jdoc nest[TG_NEST_MAX];
	struct tg_arena arena;
};

/* ---- parcels ----------------------------------------------------------- */

static void
parcel_init(struct parcel *p)
{
	tg_record_init(&p->rec);
	tg_buf_init(&p->raw, TEXT_MAX);
	tg_buf_init(&p->text, TEXT_MAX);
	tg_told_init(&p->told);
	p->weight = 0;
}

static void
parcel_deinit(struct parcel *p)
{
	tg_record_deinit(&p->rec);
	tg_buf_deinit(&p->raw);
	tg_buf_deinit(&p->text);
	tg_told_deinit(&p->told);
}

/* Memory that large records took is kept for as many as may be out at once. */
static void
parcel_back(struct tg_ahead *a, struct parcel *p)
{
	if (p->weight > TG_AHEAD_KEEP && a->weight > TG_AHEAD_BYTES) {
		a->weight -= p->weight;
		parcel_deinit(p);
		parcel_init(p);
	}
	a->spare[a->n_spare++] = p;
}

static void
look(void *ctx, unsigned who, size_t place)
{
	struct tg_ahead *a = ctx;
	struct hand *h = &a->hand[who];
	struct parcel *p = a->in_place[place];

	h->pass.stream = p->stream;
	tg_told_listen(&p->told, &h->pass, a->t->pass);
	p->c.told = &p->told;
	p->c.rc = tg_pass_look(&h->pass, &p->rec, &p->c.code, &p->c.why);
}

/* ---- its life ---------------------------------------------------------- */

static int
make(struct tg_ahead *a, unsigned threads, struct tg_err *err)
{
	a->n_place = (size_t)threads * TG_AHEAD_PLACES;
	a->parcel = calloc(a->n_place, sizeof(*a->parcel));
	a->in_place = calloc(a->n_place, sizeof(*a->in_place));
	a->spare = calloc(a->n_place, sizeof(*a->spare));
	a->hand = calloc(threads, sizeof(*a->hand));
	if (a->parcel == NULL || a->in_place == NULL || a->spare == NULL ||
	    a->hand == NULL)
		return tg_fail_memory(err);
	for (; a->n_spare < a->n_place; a->n_spare++) {
		parcel_init(&a->parcel[a->n_spare]);
		a->spare[a->n_spare] = &a->parcel[a->n_spare];
	}
	for (; a->n_hand < threads; a->n_hand++) {
		struct hand *h = &a->hand[a->n_hand];

		if (tg_pass_like(&h->pass, a->t->pass, &h->counts, err) < 0)
			return -1;
	}
	return tg_crew_new(&a->crew, threads - 1, a->n_place, look, a, err);
}

int
tg_ahead_open(struct tg_intake *t, struct tg_err *err)
{
	struct tg_ahead *a;

	if (t->threads <= 1 || t->ahead != NULL)
		return 0;
	if (t->pass->set->mode <= TG_MODE_REDACT &&
	    tg_operators_in_order(t->pass->ops)) {
		t->fewer = "numbers of a file (number_scope) go by its order";
		return 0;
	}
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return tg_fail_memory(err);
	a->t = t;
	for (size_t i = 0; i < TG_NEST_MAX; i++)
		tg_jdoc_init(&a->nest[i]);
	tg_arena_init(&a->arena, NESTED_MAX);
	if (make(a, t->threads, err) < 0) {
		tg_ahead_free(a);
		return -1;
	}
	if (tg_crew_helpers(a->crew) + 1 < t->threads)
		t->fewer = "the system makes no more";
	t->ahead = a;
	return 0;
}

void
tg_ahead_free(struct tg_ahead *a)
{
	if (a == NULL)
		return;
	tg_crew_free(a->crew);
	for (unsigned i = 0; i < a->n_hand; i++)
		tg_pass_deinit(&a->hand[i].pass);
	for (size_t i = 0; a->parcel != NULL && i < a->n_place; i++)
		parcel_deinit(&a->parcel[i]);
	for (size_t i = 0; i < TG_NEST_MAX; i++)
		tg_jdoc_deinit(&a->nest[i]);
	tg_arena_deinit(&a->arena);
	free(a->hand);
	free(a->parcel);
	free(a->in_place);
	free(a->spare);
	free(a);
}

void
tg_ahead_input(struct tg_ahead *a, struct tg_input *in, uint64_t *chunk)
{
	if (a == NULL)
		return;
	a->in = in;
	a->chunk = chunk;
	for (unsigned i = 0; i < a->n_hand; i++)
		tg_pass_follow(&a->hand[i].pass, a->t->pass);
}

/* ---- what hangs on the order ------------------------------------------- */

/* Whether string @i of @d may hold an object, or lines of them: its members'
 * names need quotes, and those are escaped. */
static bool
may_hold_object(const struct tg_jdoc *d, uint32_t i)
{
	const struct tg_jnode *n = &d->nodes[i];

	return n->kind == TG_J_STRING && n->esc &&
	    strchr("{[ \\deir:", *tg_jdoc_str(d, i).p) != NULL;
}

/* Whether JSON in a string of @d, or in one of that, is a piece of a stream.
 * What cannot be told is one. */
static bool
piece_inside(struct tg_ahead *a, const struct tg_jdoc *d, unsigned depth)
{
	for (uint32_t i = 0; depth < TG_NEST_MAX && i < d->n; i++) {
		struct tg_jdoc *in = &a->nest[depth];
		struct tg_jtext text;
		struct tg_err quiet = {0};
		size_t at;

		if (!may_hold_object(d, i))
			continue;
		if (tg_jtext_decode(&text, tg_jdoc_str(d, i), d->nodes[i].esc,
			&a->arena, &quiet) < 0 ||
		    tg_controls_out(
			&text, tg_jdoc_str(d, i), &a->arena, &quiet) < 0 ||
		    tg_texts_in_lines(text.text))
			return true;
		if (!tg_texts_like_json(text.text))
			continue;
		if (tg_jscan(in, (struct tg_sv){text.text.bytes, text.text.n},
			&at, &quiet) < 0) {
			if (quiet.cls == TG_E_MEMORY)
				return true;
			continue;
		}
		if (tg_stream_in_pieces(in, 0, false) ||
		    piece_inside(a, in, depth + 1))
			return true;
	}
	return false;
}

/* Whether those behind @p may be read differently for what s30 sees in it
 * (tg_decode_piece). */
static bool
changes_others(struct tg_ahead *a, const struct parcel *p)
{
	const struct tg_pass *pass = a->t->pass;
	const struct tg_source *s = p->rec.source;
	bool yes;

	if (pass->stream || pass->set->mode == TG_MODE_RECHECK ||
	    (s != NULL && s != &tg_source_jsonl) ||
	    memchr(p->rec.raw.p, '\\', p->rec.raw.n) == NULL)
		return false;
	yes = piece_inside(a, &p->rec.doc, 0);
	tg_arena_reset(&a->arena);
	return yes;
}

/* ---- the row ----------------------------------------------------------- */

/* The oldest has its turn. */
static int
settle(struct tg_ahead *a, size_t place, struct tg_err *err)
{
	struct parcel *p = a->in_place[place];
	const int rc = tg_intake_settle(a->t, a->in, &p->c, a->chunk, err);

	a->bytes -= p->raw.n;
	parcel_back(a, p);
	tg_crew_taken(a->crew);
	return rc;
}

/* Those that are done have their turn; @wait: the oldest is waited for. */
static int
take(struct tg_ahead *a, bool wait, struct tg_err *err)
{
	size_t place;

	for (; tg_crew_oldest(a->crew, wait, &place); wait = false)
		if (settle(a, place, err) < 0)
			return -1;
	return 0;
}

static int
drain(struct tg_ahead *a, struct tg_err *err)
{
	while (tg_crew_out(a->crew) > 0)
		if (take(a, true, err) < 0)
			return -1;
	return 0;
}

/* Looked at by the pass itself, behind all others. */
static int
in_its_turn(struct tg_ahead *a, struct parcel *p, struct tg_err *err)
{
	if (drain(a, err) < 0)
		return -1;
	p->c.rc = tg_pass_look(a->t->pass, &p->rec, &p->c.code, &p->c.why);
	return tg_intake_settle(a->t, a->in, &p->c, a->chunk, err);
}

/* A place for @n bytes. */
static int
find_room(struct tg_ahead *a, size_t n, size_t *place, struct tg_err *err)
{
	if (n > TG_AHEAD_ONE && drain(a, err) < 0)
		return -1;
	while (!tg_crew_place(a->crew, place) ||
	    (a->bytes > 0 && a->bytes + n > TG_AHEAD_BYTES))
		if (take(a, true, err) < 0)
			return -1;
	return 0;
}

static int
fill(struct tg_ahead *a, struct parcel *p, const struct tg_reader_rec *rec,
    struct tg_err *err)
{
	tg_buf_reset(&p->raw);
	tg_told_reset(&p->told);
	if (tg_buf_addsv(&p->raw, rec->text, err) < 0)
		return -1;
	if (p->raw.n > p->weight) {
		a->weight += p->raw.n - p->weight;
		p->weight = p->raw.n;
	}
	p->c = (struct tg_coming){.at = *rec, .raw = tg_buf_sv(&p->raw)};
	p->c.at.text = (struct tg_sv){NULL, 0};
	tg_intake_begin(a->t, &p->c, &p->rec, &p->text);
	p->stream = a->t->pass->stream;
	return 0;
}

static int
next(struct tg_ahead *a, const struct tg_reader_rec *rec, struct tg_err *err)
{
	struct parcel *p;
	size_t place;
	int rc;

	if (find_room(a, rec->text.n, &place, err) < 0)
		return -1;
	p = a->spare[--a->n_spare];
	rc = fill(a, p, rec, err);
	if (rc < 0 ||
	    (p->c.rc == 0 && p->rec.alive > 0 &&
		(p->raw.n > TG_AHEAD_ONE || changes_others(a, p)))) {
		if (rc == 0)
			rc = in_its_turn(a, p, err);
		parcel_back(a, p);
		return rc;
	}
	a->in_place[place] = p;
	a->bytes += p->raw.n;
	tg_crew_give(a->crew, p->c.rc < 0 || p->rec.alive == 0);
	return take(a, false, err);
}

int
tg_ahead_record(
    struct tg_ahead *a, const struct tg_reader_rec *rec, struct tg_err *err)
{
	const int rc = next(a, rec, err);

	a->failed = a->failed || rc < 0;
	return rc;
}

int
tg_ahead_drain(struct tg_ahead *a, struct tg_err *err)
{
	if (a == NULL)
		return 0;
	if (drain(a, err) < 0) {
		a->failed = true;
		return -1;
	}
	for (unsigned i = 0; i < a->n_hand; i++)
		tg_counts_texts(a->t->pass->counts, &a->hand[i].counts);
	return 0;
}

bool
tg_ahead_failed(const struct tg_ahead *a)
{
	return a != NULL && a->failed;
}

void
tg_ahead_forget(struct tg_ahead *a)
{
	if (a == NULL)
		return;
	tg_crew_clear(a->crew);
	for (a->n_spare = 0; a->n_spare < a->n_place; a->n_spare++)
		a->spare[a->n_spare] = &a->parcel[a->n_spare];
	a->bytes = 0;
	a->failed = false;
	for (unsigned i = 0; i < a->n_hand; i++)
		memset(&a->hand[i].counts, 0, sizeof(a->hand[i].counts));
}
