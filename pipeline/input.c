#include "pipeline/input.h"

#include <stdio.h>
#include <string.h>

#include "pipeline/sources/reader.h"
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
document_name(struct tg_intake *t, const struct tg_input *in, char *name,
    size_t size, struct tg_err *err)
{
	struct tg_jdoc *d = &t->pass->nest[0];
	const char *format = t->rec.source->name;
	uint32_t i;
	size_t at;

	if (t->rec.source == &tg_source_graph_index) {
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

/* Opens the member that a record at @offset belongs to. */
static int
place(struct tg_intake *t, const struct tg_input *in, uint64_t offset,
    uint64_t *chunk, struct tg_err *err)
{
	char name[128];

	if (t->rec.source->document) {
		if (document_name(t, in, name, sizeof(name), err) < 0)
			return -1;
		return tg_members_open(t->members, name, err);
	}
	if (*chunk == offset / TG_CHUNK_BYTES)
		return 0;
	*chunk = offset / TG_CHUNK_BYTES;
	(void)snprintf(name, sizeof(name), "data/%s/src-%04u-part-%05llu.jsonl",
	    t->rec.source->name, in->index, (unsigned long long)*chunk);
	return tg_members_open(t->members, name, err);
}

static int
emit(struct tg_intake *t, const struct tg_input *in, struct tg_sv eol,
    uint64_t *chunk, struct tg_err *err)
{
	struct tg_record *r = &t->rec;

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
	if (place(t, in, r->offset, chunk, err) < 0)
		return -1;
	return tg_members_add(t->members, tg_buf_sv(&t->out), eol, err);
}

/* Plain text becomes {"text":"…"}: the offsets of findings are the text's. */
static int
wrap_text(struct tg_intake *t, struct tg_sv raw, struct tg_err *err)
{
	tg_buf_reset(&t->text);
	if (tg_buf_adds(&t->text, "{\"text\":\"", err) < 0 ||
	    tg_json_escape(&t->text, raw, err) < 0)
		return -1;
	return tg_buf_adds(&t->text, "\"}", err);
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
stands(struct tg_intake *t, const struct tg_reader_rec *rec)
{
	struct tg_record *r = &t->rec;

	r->no = rec->no;
	r->offset = rec->offset;
	r->line = rec->line;
	r->chars = 0;
	if (!t->pass->want_paths)
		return;
	r->chars =
	    t->trailing == UINT64_MAX ? UINT64_MAX : rec->offset - t->trailing;
	if (rec->oversized)
		t->trailing = UINT64_MAX;
	else if (t->trailing != UINT64_MAX)
		t->trailing += trailing(rec->text);
}

static int
one(struct tg_intake *t, struct tg_input *in, const struct tg_reader_rec *rec,
    uint64_t *chunk, struct tg_err *err)
{
	struct tg_record *r = &t->rec;
	struct tg_err why = {0};
	const char *code = "DEC-SIZE";
	struct tg_quarantined w = {.record = rec->no,
	    .offset = rec->offset,
	    .raw = rec->text,
	    .bytes = rec->size};
	struct tg_sv raw = rec->text;

	in->records++;
	t->pass->counts->records++;
	stands(t, rec);
	if (rec->oversized || rec->cut) {
		w.stored = rec->oversized;
		w.code = rec->cut ? "DEC-TRUNCATED" : code;
		w.message = rec->cut ? "the input breaks off in this record"
				     : "longer than a record may be";
		if (rec->oversized)
			w.raw = (struct tg_sv){NULL, 0};
		return tg_intake_leave_out(t, in, &w, err);
	}
	tg_record_reset(r);
	if (t->frame != TG_INPUT_JSON) {
		if (wrap_text(t, raw, err) < 0)
			return -1;
		raw = tg_buf_sv(&t->text);
	}
	r->raw = raw;
	if (tg_pass_record(t->pass, r, &code, &why) == 0)
		return emit(
		    t, in, eols[rec->eol < 3 ? rec->eol : 1], chunk, err);
	if (why.cls != TG_E_INPUT) {
		*err = why;
		return -1;
	}
	w.code = code_of(code, why.text);
	w.message = why.text;
	return tg_intake_leave_out(t, in, &w, err);
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
	while ((more = tg_reader_next(r, &rec, &why)) > 0) {
		if (one(t, in, &rec, &chunk, err) < 0)
			return -1;
		if (t->progress != NULL && in->records % PROGRESS_EVERY == 0)
			t->progress(t->progress_ctx, rec.offset + rec.size);
	}
	if (more < 0)
		return broken(t, in, &why, err);
	return 0;
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
	tg_reader_free(r);
	return rc;
}
