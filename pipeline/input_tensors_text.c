/* input_tensors_text.c - the text of a tensor file as records: metadata, names,
 * and what the token ids of each context spell. */
#include "pipeline/input_tensors.h"

#include <stdlib.h>
#include <string.h>

#include "base/enc.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

bool
tg_tensors_leave(const struct tg_tensors *s)
{
	return s->t->members != NULL || s->t->write != NULL;
}

/* Something of the file, or all of it, is left out; the file stays. */
int
tg_tensors_leave_out(struct tg_tensors *s, const char *code, uint64_t record,
    const char *message)
{
	struct tg_quarantined w = {
	    .record = record, .code = code, .message = message};

	return tg_intake_leave_out(s->t, s->in, &w, s->err);
}

static int
string(struct tg_buf *b, struct tg_trace_text text, struct tg_err *err)
{
	if (tg_buf_addc(b, '"', err) < 0 ||
	    tg_json_escape(b, (struct tg_sv){text.bytes, text.n}, err) < 0)
		return -1;
	return tg_buf_addc(b, '"', err);
}

static int
head_json(struct tg_tensors *s, struct tg_buf *b)
{
	const struct tg_tensor_file *f = &s->file;

	tg_buf_reset(b);
	if (tg_buf_adds(b, "{\"metadata\":{", s->err) < 0)
		return -1;
	for (size_t i = 0; i < f->n_meta; i++)
		if ((i > 0 && tg_buf_addc(b, ',', s->err) < 0) ||
		    string(b, f->meta[i].key, s->err) < 0 ||
		    tg_buf_addc(b, ':', s->err) < 0 ||
		    string(b, f->meta[i].value, s->err) < 0)
			return -1;
	if (tg_buf_adds(b, "},\"names\":[", s->err) < 0)
		return -1;
	for (size_t i = 0; i < f->n; i++)
		if ((i > 0 && tg_buf_addc(b, ',', s->err) < 0) ||
		    string(b, f->tensor[i].name, s->err) < 0)
			return -1;
	return tg_buf_adds(b, "]}", s->err);
}

/* The metadata as it leaves, from the record as it leaves. */
static int
metadata(struct tg_tensors *s)
{
	struct tg_jdoc *d = &s->t->pass->nest[0];
	struct tg_arena *a = &s->file.arena;
	uint32_t m;
	size_t at;

	if (tg_jscan(d, tg_buf_sv(&s->t->out), &at, s->err) < 0)
		return -1;
	m = tg_jdoc_find(d, 0, "metadata");
	if (m == UINT32_MAX)
		return 0;
	s->meta = tg_arena_calloc(a, d->nodes[m].n + 1, sizeof(*s->meta));
	if (s->meta == NULL)
		return tg_fail_memory(s->err);
	for (uint32_t i = m + 1; i < d->nodes[m].next; i = d->nodes[i].next) {
		struct tg_jtext key, value;
		struct tg_sv k, v;

		if (d->nodes[i].kind != TG_J_STRING)
			return tg_fail(s->err, TG_E_BUG, "metadata: no text");
		if (tg_jtext_decode(&key, tg_jdoc_key(d, i),
			d->nodes[i].key_esc, a, s->err) < 0 ||
		    tg_jtext_decode(&value, tg_jdoc_str(d, i), d->nodes[i].esc,
			a, s->err) < 0)
			return -1;
		k = tg_arena_sv(a, (struct tg_sv){key.text.bytes, key.text.n});
		v = tg_arena_sv(
		    a, (struct tg_sv){value.text.bytes, value.text.n});
		if (k.p == NULL || v.p == NULL)
			return tg_fail_memory(s->err);
		s->meta[s->n_meta].key = (struct tg_trace_text){k.p, k.n};
		s->meta[s->n_meta++].value = (struct tg_trace_text){v.p, v.n};
	}
	return 0;
}

/* A tensor with a finding in its name does not leave. */
static void
drop_named(struct tg_tensors *s)
{
	const struct tg_record *r = &s->t->rec;
	const uint32_t names = tg_jdoc_find(&r->doc, 0, "names");

	for (uint32_t i = 0; i < r->n_text; i++)
		if (names != UINT32_MAX && r->text[i].n_hit > 0 &&
		    r->text[i].node > names)
			s->drop[r->text[i].node - names - 1] = true;
}

/* One record; 1: told and left out. */
static int
record(struct tg_tensors *s, uint64_t no, const struct tg_buf *json)
{
	struct tg_intake *t = s->t;
	struct tg_err why = {.cls = TG_E_NONE};
	const char *code = "DEC-FORMAT";

	tg_record_reset(&t->rec);
	t->rec.raw = tg_buf_sv(json);
	t->rec.no = no;
	t->rec.tensors = true;
	if (tg_pass_record(t->pass, &t->rec, &code, &why) == 0)
		return 0;
	if (why.cls != TG_E_INPUT) {
		*s->err = why;
		return -1;
	}
	return tg_tensors_leave_out(s, code, no, why.text) < 0 ? -1 : 1;
}

/* More text than a record may have is a fault of the file, not of the run. */
static int
too_long(struct tg_tensors *s, uint64_t record)
{
	if (s->err->cls != TG_E_LIMIT)
		return -1;
	tg_err_clear(s->err);
	return tg_tensors_leave_out(
	    s, "DEC-SIZE", record, "longer than a record may be");
}

int
tg_tensors_head(struct tg_tensors *s, bool *prompt)
{
	struct tg_intake *t = s->t;
	int rc;

	s->drop =
	    tg_arena_calloc(&s->file.arena, s->file.n + 1, sizeof(*s->drop));
	if (s->drop == NULL)
		return tg_fail_memory(s->err);
	if (head_json(s, &t->text) < 0)
		return too_long(s, 1) < 0 ? -1 : 1;
	rc = record(s, 1, &t->text);
	if (rc != 0)
		return rc;
	*prompt = t->rec.n_unit > 0 && t->rec.unit[0].prompt_hit;
	if (!tg_tensors_leave(s))
		return 0;
	if (t->rec.dropped) /* a secret in the metadata */
		return 1;
	drop_named(s);
	tg_buf_reset(&t->out);
	if (tg_emit(t->pass, &t->rec, &t->out, s->err) < 0)
		return -1;
	return metadata(s);
}

/* What the tokens of context @c spell, into s->text; *@n of them are known. */
static int
spell(struct tg_tensors *s, uint64_t c, uint32_t *n)
{
	const unsigned width = tg_dtype_bits(s->ids->dtype) / 8;
	const uint64_t at = s->ids->begin + c * s->roles.positions * width;
	uint32_t k = 0;

	tg_buf_reset(&s->text);
	s->off[0] = 0;
	for (; k < s->roles.positions; k++) {
		struct tg_trace_text piece;
		const uint8_t *p;

		if (tg_window_get(
			&s->w, at + (uint64_t)k * width, width, &p, s->err) < 0)
			return -1;
		if (tg_vocab_piece(s->t->pass->vocab,
			tg_tensor_index(s->ids->dtype, p), &piece) == 0)
			break; /* padding, or another vocabulary */
		if (tg_buf_add(&s->text, piece.bytes, piece.n, s->err) < 0)
			return -1;
		s->off[k + 1] = (uint32_t)s->text.n;
	}
	*n = k;
	for (size_t i = 0; i < s->text.n; i++) { /* halves of characters */
		i +=
		    tg_utf8_valid((struct tg_sv){s->text.p + i, s->text.n - i});
		if (i < s->text.n)
			s->text.p[i] = '?';
	}
	return 0;
}

/* The trace is told by its text: in every file that repeats it it is one. */
static int
context_json(struct tg_tensors *s, struct tg_buf *b)
{
	uint8_t digest[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];

	tg_buf_reset(b);
	if (tg_sha256_bytes(digest, s->text.p == NULL ? "" : s->text.p,
		s->text.n, s->err) < 0)
		return -1;
	tg_sha256_hex(hex, digest);
	if (tg_buf_addf(b, s->err, "{\"trace\":\"%s\",\"text\":", hex) < 0 ||
	    string(b, (struct tg_trace_text){tg_buf_sv(&s->text).p, s->text.n},
		s->err) < 0)
		return -1;
	return tg_buf_addc(b, '}', s->err);
}

/* Tokens of the context that stay: what s40 left, and s50. */
static uint32_t
kept(const struct tg_tensors *s)
{
	const struct tg_record *r = &s->t->rec;
	uint32_t keep;

	if (r->dropped || r->n_unit == 0)
		return 0;
	keep = r->unit[0].keep;
	for (uint32_t i = 0; i < r->n_text; i++)
		if (r->text[i].content)
			while (keep > 0 && s->off[keep] > r->text[i].cut)
				keep--;
	return keep;
}

/* By whom the context is spelled: its ids, the tokens beside, the text. */
enum told { BY_IDS, BY_TOKENS, BY_TEXT };

static bool
spelled(const struct tg_tensors *s)
{
	return s->ids != NULL && s->t->pass->vocab != NULL;
}

static enum told
told_by(const struct tg_tensors *s)
{
	if (spelled(s))
		return BY_IDS;
	return s->row.token != NULL ? BY_TOKENS : BY_TEXT;
}

/* Its text into s->text, where each of the *@n parts begins into s->off. */
static int
text_of(struct tg_tensors *s, uint64_t c, enum told by, uint32_t *n)
{
	if (by == BY_IDS)
		return spell(s, c, n);
	if (by == BY_TOKENS) {
		*n = s->row.n_token;
		return tg_beside_spell(
		    &s->text, s->off, &s->row, TG_SPELL_PLAIN, s->err);
	}
	tg_buf_reset(&s->text);
	if (tg_buf_add(&s->text, s->row.text.bytes, s->row.text.n, s->err) < 0)
		return -1;
	s->off[0] = 0;
	s->off[1] = (uint32_t)s->text.n;
	*n = s->row.text.n > 0;
	return 0;
}

/* The rows that stay, of what the stages left and what stands beside. */
static int
rows(struct tg_tensors *s, enum told by, bool cut, uint32_t *keep)
{
	uint32_t was;

	*keep = kept(s);
	if (by == BY_TEXT && *keep > 0) /* the whole context, or nothing */
		*keep = (uint32_t)s->roles.positions;
	was = *keep;
	if (tg_tensors_beside_narrow(s, by != BY_IDS, keep) < 0)
		return -1;
	s->t->pass->counts->contexts_cut += *keep < was && !cut;
	return 0;
}

/* What goes of context @c besides the rows behind s->keep[c]. */
static int
note(struct tg_tensors *s, uint64_t c)
{
	const struct tg_record *r = &s->t->rec;
	const uint64_t n = s->roles.contexts * s->roles.positions;

	s->bare[c] = r->n_unit > 0 && r->unit[0].bare;
	if (memchr(s->struck_now, 1, s->keep[c]) == NULL)
		return 0;
	/* A position without a bit in the file is none (a shape with 0). */
	if (n / 8 > s->in->bytes) {
		s->keep[c] = 0;
		return 0;
	}
	if (s->struck == NULL)
		s->struck = calloc((size_t)(n / 8) + 1, 1);
	if (s->struck == NULL)
		return tg_fail_memory(s->err);
	for (uint64_t p = 0; p < s->keep[c]; p++)
		if (s->struck_now[p] != 0)
			tg_bits_add(s->struck, c * s->roles.positions + p);
	return 0;
}

static void
count_rows(struct tg_tensors *s, uint64_t c)
{
	struct tg_counts *n = s->t->pass->counts;
	uint64_t alone = 0;

	for (uint64_t p = 0; p < s->keep[c]; p++)
		alone += s->struck_now[p] != 0;
	n->rows += s->roles.positions;
	if (s->bare[c])
		n->contexts_bare++;
	else
		n->rows_kept += s->keep[c] - alone;
	n->tokens_struck += alone;
}

static int
context(struct tg_tensors *s, uint64_t c)
{
	struct tg_intake *t = s->t;
	const uint64_t cut = t->pass->counts->contexts_cut;
	uint32_t known = 0;
	enum told by;
	int rc;

	if (tg_tensors_beside_next(s) < 0)
		return -1;
	by = told_by(s);
	if (by != BY_IDS && s->beside_bad)
		return 0;
	if (text_of(s, c, by, &known) < 0 || context_json(s, &t->text) < 0)
		return too_long(s, c + 2);
	t->pass->off = s->off;
	t->pass->n_off = known;
	t->pass->struck = s->struck_now;
	memset(s->struck_now, 0, s->roles.positions);
	t->pass->counts->records++;
	rc = record(s, c + 2, &t->text);
	if (rc < 0)
		return -1;
	s->unknown = s->unknown || (by == BY_IDS && known < s->roles.positions);
	if (rc == 0 &&
	    rows(s, by, t->pass->counts->contexts_cut > cut, &s->keep[c]) < 0)
		return too_long(s, c + 2);
	if (note(s, c) < 0)
		return -1;
	if (tg_tensors_leave(s))
		count_rows(s, c);
	return 0;
}

/* Nothing says what the tensors were made of. */
static int
unknown_text(struct tg_tensors *s)
{
	s->unscanned = true;
	return tg_tensors_leave_out(s, "ACT-UNSCANNED", 0,
	    s->ids == NULL || s->roles.positions == 0
		? "no token ids that fit: what its tensors were made of is "
		  "not known"
		: "token ids without a tokenizer are not scanned: name its "
		  "tokenizer.json");
}

/* Each context through the stages. */
static int
every(struct tg_tensors *s)
{
	if (tg_window_init(&s->w, s->ids_fd >= 0 ? s->ids_fd : s->fd, s->err) <
	    0)
		return -1;
	for (uint64_t c = 0; c < s->roles.contexts; c++)
		if (context(s, c) < 0)
			return -1;
	if (tg_tensors_beside_end(s) < 0)
		return -1;
	if (!s->unknown)
		return 0;
	return tg_tensors_leave_out(s, "ACT-UNSCANNED", 0,
	    "token ids that its tokenizer does not have: the rows from there "
	    "on");
}

int
tg_tensors_contexts(struct tg_tensors *s)
{
	const uint64_t n = s->roles.contexts, len = s->roles.positions;

	s->keep = calloc((size_t)n + 1, sizeof(*s->keep));
	s->off = calloc((size_t)len + 2, sizeof(*s->off));
	s->struck_now = calloc((size_t)len + 2, 1);
	s->bare = calloc((size_t)n + 1, sizeof(*s->bare));
	if (s->keep == NULL || s->off == NULL || s->struck_now == NULL ||
	    s->bare == NULL)
		return tg_fail_memory(s->err);
	if (!s->roles.placed || (s->ids == NULL && s->t->pass->texts_gone))
		return 0;
	if (s->t->pass->set->mode != TG_MODE_RECHECK &&
	    tg_tensors_beside_open(s) < 0)
		return -1;
	if (s->beside_bad && !spelled(s))
		return 0;
	if (len == 0 || (s->beside == NULL && !spelled(s)))
		return unknown_text(s);
	return every(s);
}
