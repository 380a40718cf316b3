#include "pipeline/input.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/input_ahead.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

#define OUT_MAX (64u << 20) /* bytes of one record as it leaves */
#define PROGRESS_EVERY 256  /* records */

static const struct tg_sv eols[] = {{"", 0}, {"\n", 1}, {"\r\n", 2}};

void
tg_intake_init(struct tg_intake *t, struct tg_pass *pass)
{
	*t = (struct tg_intake){.pass = pass};
	tg_record_init(&t->rec);
	tg_buf_init(&t->out, OUT_MAX);
	tg_buf_init(&t->text, OUT_MAX);
}

void
tg_intake_deinit(struct tg_intake *t)
{
	tg_ahead_free(t->ahead);
	t->ahead = NULL;
	tg_record_deinit(&t->rec);
	tg_buf_deinit(&t->out);
	tg_buf_deinit(&t->text);
}

struct cause {
	const char *words; /* in the scanner's text */
	const char *code;
};

/* Whichever stage it was too much for. */
static const struct cause anywhere[] = {
    {"parts in a record", "LIM-PARTS"},
    {"piece of a stream", "DEC-STREAM"},
};

static const struct cause causes[] = {
    {"UTF-8", "DEC-UTF8"},
    {"deep", "DEC-DEPTH"},
    {"nest", "DEC-DEPTH"},
    {"number longer", "DEC-NUMBER"},
    {"ends", "DEC-TRUNCATED"},
    {"used twice", "DEC-KEY"},
    {"format", "DEC-FORMAT"},
};

/* The code of a decoding failure; a later stage's code stands. */
static const char *
code_of(const char *code, const char *text)
{
	for (size_t i = 0; i < TG_COUNT(anywhere); i++)
		if (strstr(text, anywhere[i].words) != NULL)
			return anywhere[i].code;
	if (strcmp(code, "DEC-JSON") != 0)
		return code;
	for (size_t i = 0; i < TG_COUNT(causes); i++)
		if (strstr(text, causes[i].words) != NULL)
			return causes[i].code;
	return code;
}

int
tg_intake_leave_out(struct tg_intake *t, struct tg_input *in,
    struct tg_quarantined *w, struct tg_err *err)
{
	struct tg_counts *c = t->pass->counts;

	w->source = in->index;
	w->file = in->path;
	in->quarantined++;
	c->quarantined++;
	tg_counts_stage(c, "decode")->in++;
	if (tg_counts_drop(c, "decode", w->code, 1, err) < 0)
		return -1;
	if (t->quarantine != NULL)
		return tg_quarantine_add(t->quarantine, w, err);
	if (t->say != NULL && w->record != 0)
		(void)fprintf(t->say,
		    "tracegate: %s: record %llu at byte %llu left out: %s "
		    "(%s)\n",
		    in->path, (unsigned long long)w->record,
		    (unsigned long long)w->offset, w->message, w->code);
	else if (t->say != NULL)
		(void)fprintf(t->say, "tracegate: %s left out: %s (%s)\n",
		    in->path, w->message, w->code);
	return 0;
}

/* The name in the bag of a document: a graph is named by its slug. */
static int
document_name(struct tg_intake *t, const struct tg_input *in,
    const struct tg_source *source, char *name, size_t size, struct tg_err *err)
{
	struct tg_jdoc *d = &t->pass->nest[0];
	const char *format = source->name;
	uint32_t i;
	size_t at;

	if (source == &tg_source_graph_index) {
		(void)snprintf(name, size, "data/attribution-graph/%s",
		    "graph-metadata.json");
		if (t->members != NULL && tg_members_has(t->members, name))
			(void)snprintf(name, size,
			    "data/attribution-graph/graph-metadata-%04u.json",
			    in->index);
		return 0;
	}
	if (tg_jscan(d, tg_buf_sv(&t->out), &at, err) < 0)
		return -1;
	i = tg_jdoc_find(d, 0, "metadata");
	i = i == UINT32_MAX ? i : tg_jdoc_find(d, i, "slug");
	if (i != UINT32_MAX && d->nodes[i].kind == TG_J_STRING &&
	    tg_jdoc_str(d, i).n == 28 &&
	    memcmp(tg_jdoc_str(d, i).p, "p_", 2) == 0)
		(void)snprintf(name, size, "data/%s/%.*s.json", format,
		    TG_SV_FMT(tg_jdoc_str(d, i)));
	else
		(void)snprintf(
		    name, size, "data/%s/src-%04u.json", format, in->index);
	if (t->members != NULL && tg_members_has(t->members, name))
		(void)snprintf(
		    name, size, "data/%s/src-%04u.json", format, in->index);
	return 0;
}

/* Opens the member that @r belongs to. */
static int
place(struct tg_intake *t, const struct tg_input *in, const struct tg_record *r,
    uint64_t *chunk, struct tg_err *err)
{
	char name[128];

	if (r->source->document) {
		if (document_name(t, in, r->source, name, sizeof(name), err) <
		    0)
			return -1;
		return tg_members_open(t->members, name, err);
	}
	if (*chunk == r->offset / TG_CHUNK_BYTES)
		return 0;
	*chunk = r->offset / TG_CHUNK_BYTES;
	(void)snprintf(name, sizeof(name), "data/%s/src-%04u-part-%05llu.jsonl",
	    r->source->name, in->index, (unsigned long long)*chunk);
	return tg_members_open(t->members, name, err);
}

static int
emit(struct tg_intake *t, const struct tg_input *in, struct tg_record *r,
    struct tg_sv eol, uint64_t *chunk, struct tg_err *err)
{
	tg_buf_reset(&t->out);
	if (r->dropped || (t->members == NULL && t->write == NULL))
		return 0;
	if (tg_emit(t->pass, r, &t->out, err) < 0)
		return -1;
	t->pass->counts->bytes_out += t->out.n + eol.n;
	if (t->members == NULL && t->alone)
		return tg_fail(err, TG_E_USAGE,
		    "a tensor file is written alone: one file at a time");
	t->written += t->out.n + eol.n;
	if (t->members == NULL)
		return t->write(t->write_ctx, tg_buf_sv(&t->out), eol, err);
	if (place(t, in, r, chunk, err) < 0)
		return -1;
	return tg_members_add(t->members, tg_buf_sv(&t->out), eol, err);
}

/* Plain text becomes {"text":"…"}: the offsets of findings are the text's. */
static int
wrap_text(struct tg_buf *out, struct tg_sv raw, struct tg_err *err)
{
	tg_buf_reset(out);
	if (tg_buf_adds(out, "{\"text\":\"", err) < 0 ||
	    tg_json_escape(out, raw, err) < 0)
		return -1;
	return tg_buf_adds(out, "\"}", err);
}

/* Bytes of @s that begin no code point. */
static uint64_t
trailing(struct tg_sv s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) == 0x80;
	return n;
}

/* Where the record stands in its file, for those who show it. */
static void
stands(struct tg_intake *t, const struct tg_coming *c)
{
	struct tg_record *r = c->rec;

	r->no = c->at.no;
	r->offset = c->at.offset;
	r->line = c->at.line;
	r->chars = 0;
	if (!t->pass->want_paths)
		return;
	r->chars =
	    t->trailing == UINT64_MAX ? UINT64_MAX : r->offset - t->trailing;
	if (c->at.oversized)
		t->trailing = UINT64_MAX;
	else if (t->trailing != UINT64_MAX)
		t->trailing += trailing(c->raw);
}

void
tg_intake_begin(struct tg_intake *t, struct tg_coming *c, struct tg_record *rec,
    struct tg_buf *text)
{
	c->rec = rec;
	c->code = c->at.cut ? "DEC-TRUNCATED" : "DEC-SIZE";
	c->rc = -1;
	tg_record_reset(rec);
	tg_err_clear(&c->why);
	stands(t, c);
	if (c->at.oversized || c->at.cut) {
		(void)tg_fail(&c->why, TG_E_INPUT,
		    c->at.cut ? "the input breaks off in this record"
			      : "longer than a record may be");
		return;
	}
	rec->raw = c->raw;
	if (t->frame != TG_INPUT_JSON) {
		if (wrap_text(text, c->raw, &c->why) < 0)
			return;
		rec->raw = tg_buf_sv(text);
	}
	c->rc = tg_pass_begin(t->pass, rec, &c->code, &c->why);
}

int
tg_intake_settle(struct tg_intake *t, struct tg_input *in, struct tg_coming *c,
    uint64_t *chunk, struct tg_err *err)
{
	struct tg_quarantined w = {.record = c->at.no,
	    .offset = c->at.offset,
	    .raw = c->raw,
	    .stored = c->at.oversized,
	    .bytes = c->at.size};

	in->records++;
	t->pass->counts->records++;
	if (c->told != NULL && tg_told_again(c->told, t->pass, c->rec, err) < 0)
		return -1;
	if (c->rc == 0)
		c->rc = tg_pass_end(t->pass, c->rec, &c->code, &c->why);
	if (c->rc == 0)
		return emit(t, in, c->rec, eols[c->at.eol < 3 ? c->at.eol : 1],
		    chunk, err);
	if (c->why.cls != TG_E_INPUT) {
		*err = c->why;
		return -1;
	}
	if (w.stored)
		w.raw = (struct tg_sv){NULL, 0};
	w.code = code_of(c->code, c->why.text);
	w.message = c->why.text;
	return tg_intake_leave_out(t, in, &w, err);
}

static int
one(struct tg_intake *t, struct tg_input *in, const struct tg_reader_rec *rec,
    uint64_t *chunk, struct tg_err *err)
{
	struct tg_coming c = {.at = *rec, .raw = rec->text};

	tg_intake_begin(t, &c, &t->rec, &t->text);
	if (c.rc == 0)
		c.rc = tg_pass_look(t->pass, &t->rec, &c.code, &c.why);
	return tg_intake_settle(t, in, &c, chunk, err);
}

struct spill {
	struct tg_intake *t;
	unsigned source;
};

static int
spill(void *ctx, const struct tg_reader_rec *rec TG_UNUSED, const void *p,
    size_t n, struct tg_err *err)
{
	const struct spill *s = ctx;

	/* The pieces are kept behind what was left out before. */
	if (tg_ahead_drain(s->t->ahead, err) < 0)
		return -1;
	if (s->t->quarantine == NULL)
		return 0;
	return tg_quarantine_piece(s->t->quarantine, s->source, p, n, err);
}

/* The whole file could not be read (further). */
static int
broken(struct tg_intake *t, struct tg_input *in, const struct tg_err *why,
    struct tg_err *err)
{
	struct tg_quarantined w = {.code = "DEC-FORMAT", .message = why->text};

	const size_t n = strlen(in->path);
	char message[2 * TG_ERR_TEXT];

	if (why->cls != TG_E_INPUT && why->cls != TG_E_LIMIT) {
		*err = *why;
		return -1;
	}
	/* The file is named in front of it anyway. */
	if (strncmp(w.message, in->path, n) == 0 &&
	    strncmp(w.message + n, ": ", 2) == 0)
		w.message += n + 2;
	if (why->hint[0] != '\0') {
		(void)snprintf(
		    message, sizeof(message), "%s; %s", w.message, why->hint);
		w.message = message;
	}
	if (in->records > 0)
		w.code = "DEC-TRUNCATED";
	return tg_intake_leave_out(t, in, &w, err);
}

static int
all(struct tg_intake *t, struct tg_input *in, struct tg_reader *r,
    struct tg_err *err)
{
	struct tg_reader_rec rec;
	struct tg_err why = {0};
	uint64_t chunk = UINT64_MAX;
	int more;

	/* A byte order mark is no character of the text. */
	t->trailing = tg_reader_info(r)->bom ? 3 : 0;
	tg_ahead_input(t->ahead, in, &chunk);
	while ((more = tg_reader_next(r, &rec, &why)) > 0) {
		if ((t->ahead == NULL
			    ? one(t, in, &rec, &chunk, err)
			    : tg_ahead_record(t->ahead, &rec, err)) < 0)
			return -1;
		if (t->progress != NULL && in->records % PROGRESS_EVERY == 0)
			t->progress(t->progress_ctx, rec.offset + rec.size);
	}
	if (tg_ahead_failed(t->ahead)) {
		*err = why;
		return -1;
	}
	if (tg_ahead_drain(t->ahead, err) < 0)
		return -1;
	return more < 0 ? broken(t, in, &why, err) : 0;
}

static int
finish(struct tg_intake *t, struct tg_input *in, struct tg_reader *r,
    struct tg_err *err)
{
	struct tg_quarantined w = {
	    .code = "DEC-EMPTY", .message = "no record in this file"};

	if (t->members != NULL && tg_members_close(t->members, err) < 0)
		return -1;
	if (tg_reader_digest(r, in->sha256, &in->bytes, err) < 0)
		return -1;
	t->pass->counts->bytes_in += in->bytes;
	in->format = t->pass->format == NULL ? "" : t->pass->format;
	return in->records == 0 ? tg_intake_leave_out(t, in, &w, err) : 0;
}

int
tg_input_run(
    struct tg_intake *t, struct tg_input *in, int fd, struct tg_err *err)
{
	struct spill s = {t, in->index};
	struct tg_reader_limits limits = {.spill = spill, .spill_ctx = &s};
	struct tg_reader *r = NULL;
	struct tg_err why = {0};
	bool mine = false;
	int rc = -1;

	t->pass->format = NULL;
	t->pass->stream = false;
	tg_operators_file(t->pass->ops);
	in->format = "";
	if (t->frame == TG_INPUT_JSON &&
	    (tg_input_tensors(t, in, fd, &mine, err) < 0 || mine))
		return mine ? 0 : -1;
	if (tg_ahead_open(t, err) < 0)
		return -1;
	if (t->frame != TG_INPUT_JSON)
		limits.frame = t->frame == TG_INPUT_TEXT ? TG_FRAME_DOCUMENT
							 : TG_FRAME_LINES;
	if ((fd >= 0 ? tg_reader_open_fd(&r, fd, in->path, &limits, &why)
		     : tg_reader_open(&r, in->path, &limits, &why)) < 0) {
		if (fd < 0 && why.cls == TG_E_INPUT &&
		    tg_sha256_file(in->sha256, in->path, &in->bytes, err) < 0)
			return -1;
		return broken(t, in, &why, err);
	}
	if (all(t, in, r, err) == 0 && finish(t, in, r, err) == 0)
		rc = 0;
	tg_ahead_forget(t->ahead);
	tg_reader_free(r);
	return rc;
}
