#include "pipeline/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/enc.h"
#include "pipeline/facts_priv.h"
#include "pipeline/sampled.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

#define BLOCK (1u << 16) /* bytes written at a time */
#define ROWS_A_LINE 256	 /* classes */
#define DAY 86400
#define ROW_BYTES 8 /* of a digest of the classes */

/* ---- lines ------------------------------------------------------------- */

static int
flush(struct tg_facts *f, struct tg_err *err)
{
	if (tg_fs_out_write(&f->out, f->block.p, f->block.n, err) < 0)
		return -1;
	tg_buf_reset(&f->block);
	return 0;
}

static int
put(struct tg_facts *f, bool hashed, struct tg_err *err)
{
	if (tg_buf_addc(&f->line, '\n', err) < 0)
		return -1;
	if (hashed)
		tg_sha256_add(&f->sha, f->line.p, f->line.n);
	if (f->block.n + f->line.n > BLOCK && flush(f, err) < 0)
		return -1;
	if (f->line.n > BLOCK)
		return tg_fs_out_write(&f->out, f->line.p, f->line.n, err);
	return tg_buf_addsv(&f->block, tg_buf_sv(&f->line), err);
}

static int
begin(struct tg_facts *f, const char *kind, struct tg_err *err)
{
	tg_buf_reset(&f->line);
	return tg_buf_addf(&f->line, err, "{\"line\":\"%s\"", kind);
}

int
tg_facts_add_text(
    struct tg_buf *b, const char *key, const char *value, struct tg_err *err)
{
	if (tg_buf_addf(b, err, ",\"%s\":\"", key) < 0 ||
	    tg_json_escape(b, tg_sv_of(value), err) < 0)
		return -1;
	return tg_buf_addc(b, '"', err);
}

int
tg_facts_add_number(
    struct tg_buf *b, const char *key, uint64_t v, struct tg_err *err)
{
	return tg_buf_addf(b, err, ",\"%s\":%llu", key, (unsigned long long)v);
}

int
tg_facts_add_flag(struct tg_buf *b, const char *key, bool v, struct tg_err *err)
{
	return v ? tg_buf_addf(b, err, ",\"%s\":true", key) : 0;
}

/* Canonical, without its line feed. */
static int
put_json(struct tg_facts *f, struct tg_json *take_o, bool bad, bool hashed,
    struct tg_err *err)
{
	int rc = bad ? tg_fail_memory(err) : 0;

	tg_buf_reset(&f->line);
	if (rc == 0)
		rc = tg_json_canonical(&f->line, take_o, err);
	tg_json_free(take_o);
	if (rc < 0)
		return -1;
	f->line.n--;
	return put(f, hashed, err);
}

/* A name that is no text cannot be asked for. */
static const char *
name_of(const char *file)
{
	const struct tg_sv s = tg_sv_of(file);

	return tg_utf8_valid(s) == s.n ? file : "?";
}

static int
head(struct tg_facts *f, const struct tg_facts_run *run, struct tg_err *err)
{
	static const char *const units[] = {"trace", "session", "subject"};
	const struct tg_settings *s = run->set;
	struct tg_json *o = tg_json_object(), *list = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < run->n_file; i++) {
		struct tg_json *in = tg_json_object();

		bad |= tg_json_set_str(in, "file", name_of(run->file[i]));
		bad |= tg_json_set_bool(in, "real", run->real[i]);
		bad |= tg_json_push(list, in);
	}
	bad |= tg_json_set(o, "inputs", list);
	bad |= tg_json_set_str(o, "line", TG_FACTS_HEAD);
	bad |= tg_json_set_str(o, "schema", TG_FACTS_SCHEMA);
	bad |= tg_json_set_str(o, "run", run->run);
	bad |= tg_json_set_str(o, "unit", units[s->sample_unit]);
	bad |= tg_json_set_int(o, "rate_ppb", (int64_t)s->rate_ppb);
	bad |= tg_json_set_int(o, "asked_ppb", (int64_t)run->asked_ppb);
	bad |= tg_json_set_bool(o, "all_synthetic", run->all_synthetic);
	bad |= tg_json_set_int(o, "max_tokens", (int64_t)s->max_tokens);
	bad |= tg_json_set_int(o, "max_bytes", (int64_t)s->max_bytes);
	bad |= tg_json_set_int(o, "oldest", s->oldest);
	bad |= tg_json_set_int(o, "k", (int64_t)run->limits->k);
	bad |= tg_json_set_int(o, "l", (int64_t)run->limits->l);
	bad |= tg_json_set_bool(o, "k_enforced", run->classes_enforced);
	bad |= tg_json_set_str(o, "salt", run->salt);
	bad |= tg_json_set_str(o, "rules_sha256", tg_rules_sha256(f->rules));
	bad |=
	    tg_json_set_str(o, "names_sha256", tg_rules_names_sha256(f->rules));
	bad |= tg_json_set_str(o, "attributes_sha256", run->attributes_sha256);
	return put_json(f, o, bad != 0, true, err);
}

int
tg_facts_new(struct tg_facts **out, const char *path,
    const struct tg_rules *rules, const struct tg_facts_run *run,
    struct tg_err *err)
{
	struct tg_facts *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return tg_fail_memory(err);
	f->out.fd = -1;
	f->rules = rules;
	tg_buf_init(&f->block, BLOCK);
	tg_buf_init(&f->line, 64u << 20); /* the first one names every input */
	f->hit = calloc(TG_FACTS_HITS, sizeof(*f->hit));
	if (f->hit == NULL) {
		free(f);
		return tg_fail_memory(err);
	}
	if (tg_sha256_init(&f->sha, err) < 0) {
		free(f->hit);
		free(f);
		return -1;
	}
	if (tg_fs_out_open(&f->out, path, 0600, TG_FS_OVERWRITE, err) < 0 ||
	    head(f, run, err) < 0) {
		tg_facts_free(f);
		return -1;
	}
	f->set = run->set;
	*out = f;
	return 0;
}

void
tg_facts_free(struct tg_facts *f)
{
	if (f == NULL)
		return;
	tg_fs_out_abort(&f->out);
	tg_sha256_drop(&f->sha);
	tg_buf_deinit(&f->block);
	tg_buf_deinit(&f->line);
	free(f->hit);
	free(f->tokens);
	free(f);
}

void
tg_facts_input(struct tg_facts *f, size_t index, const struct tg_quasi *quasi)
{
	f->input = index;
	f->quasi = quasi;
	f->no = 0;
}

/* ---- units ------------------------------------------------------------- */

static bool
is(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

/* Whether stage @stage, or one behind it, saw the unit. */
static bool
reached(const struct tg_unit *u, const char *stage)
{
	static const char *const order[] = {"decode", "sample", "redact",
	    "activations", "limit", "anonymise", NULL};

	for (size_t i = 0; u->dropped && order[i] != NULL; i++) {
		if (is(order[i], stage))
			return true;
		if (is(order[i], u->stage))
			return false;
	}
	return true;
}

static bool
has_activations(const struct tg_record *r)
{
	return r->tensors || r->source == &tg_source_graph ||
	    r->source == &tg_source_graph_index ||
	    (r->source != NULL && r->source->features);
}

/* Where it stands, and by which numbers it is drawn and looked up. */
static int
identity(struct tg_facts *f, const struct tg_record *r, uint32_t i,
    struct tg_err *err)
{
	const struct tg_unit *u = &r->unit[i];
	const struct tg_trace_text who =
	    u->person.n > 0 ? u->person : u->session_id;
	struct tg_buf *b = &f->line;

	if (tg_facts_add_number(b, "input", f->input, err) < 0 ||
	    tg_facts_add_number(b, "record", r->no, err) < 0 ||
	    tg_facts_add_number(b, "unit", (uint64_t)i + 1, err) < 0 ||
	    tg_buf_addf(b, err, ",\"draw\":\"%016llx\"",
		(unsigned long long)u->draw) < 0)
		return -1;
	/* Whose the caps take it for.  By a key that no auditor is shown. */
	if (who.n > 0 &&
	    tg_buf_addf(b, err, ",\"who\":\"%016llx\"",
		(unsigned long long)tg_sample_number(f->set->table_key, who)) <
		0)
		return -1;
	if (u->trace_id.n == 0)
		return 0;
	return tg_buf_addf(b, err, ",\"id\":\"%016llx\"",
	    (unsigned long long)tg_sample_number(
		f->set->sample_key, u->trace_id));
}

/* ,"key":"<the first 64 bits>" */
static int
head_of(struct tg_buf *b, const char *key, const uint8_t d[TG_CLASS_DIGEST],
    struct tg_err *err)
{
	char hex[2 * ROW_BYTES + 1];

	tg_hex(hex, d, ROW_BYTES);
	return tg_buf_addf(b, err, ",\"%s\":\"%s\"", key, hex);
}

/* Its row of the classes: what is alike has the same number. */
static int
row(struct tg_facts *f, const struct tg_class_row *row, struct tg_err *err)
{
	struct tg_buf *b = &f->line;

	if (tg_facts_add_number(b, "row", f->rows++, err) < 0 ||
	    head_of(b, "trace", row->trace, err) < 0 ||
	    tg_facts_add_number(b, "by", (uint64_t)row->by, err) < 0 ||
	    head_of(b, "subject", row->subject, err) < 0 ||
	    head_of(b, "class", row->quasi, err) < 0 ||
	    tg_facts_add_flag(b, "health", row->health, err) < 0)
		return -1;
	return row->has_sensitive ? head_of(b, "said", row->sensitive, err) : 0;
}

/* What the limits and the classes judge. */
static int
figures(struct tg_facts *f, const struct tg_record *r, uint32_t i,
    struct tg_err *err)
{
	const struct tg_unit *u = &r->unit[i];
	const struct tg_jnode *n = &r->doc.nodes[u->node];
	struct tg_buf *b = &f->line;
	const uint64_t own = reached(u, "limit") ? u->own_tokens : u->tokens;
	const struct tg_class_row *its =
	    reached(u, "anonymise") ? tg_quasi_row(f->quasi, i) : NULL;

	if (tg_facts_add_number(b, "bytes", n->end - n->start, err) < 0)
		return -1;
	/* The texts are known from then on. */
	if (reached(u, "redact") &&
	    tg_facts_add_number(b, "tokens",
		reached(u, "anonymise") ? u->tokens : own + f->tokens[i],
		err) < 0)
		return -1;
	if (own > 0 && tg_facts_add_number(b, "own_tokens", own, err) < 0)
		return -1;
	if (u->time > 0 &&
	    tg_facts_add_number(b, "day", (uint64_t)(u->time / DAY), err) < 0)
		return -1;
	return its == NULL ? 0 : row(f, its, err);
}

static int
flags(struct tg_buf *b, const struct tg_record *r, const struct tg_unit *u,
    struct tg_err *err)
{
	return tg_facts_add_flag(b, "activations", has_activations(r), err) <
		    0 ||
		tg_facts_add_flag(b, "prompt", u->prompt_hit, err) < 0 ||
		tg_facts_add_flag(b, "foreign", u->foreign, err) < 0 ||
		tg_facts_add_flag(b, "nearly", u->nearly || r->nearly, err) < 0
	    ? -1
	    : 0;
}

static int
unit(struct tg_facts *f, const struct tg_record *r, uint32_t i, size_t *at,
    struct tg_err *err)
{
	const struct tg_unit *u = &r->unit[i];
	struct tg_buf *b = &f->line;

	if (begin(f, TG_FACTS_UNIT, err) < 0 || identity(f, r, i, err) < 0)
		return -1;
	if (u->dropped &&
	    (tg_facts_add_text(b, "stage", u->stage, err) < 0 ||
		tg_facts_add_text(b, "code", u->code, err) < 0))
		return -1;
	if (tg_facts_add_text(b, "format",
		r->source == NULL ? "" : r->source->name, err) < 0 ||
	    flags(b, r, u, err) < 0 || figures(f, r, i, err) < 0 ||
	    tg_facts_hits(f, i, at, err) < 0 || tg_buf_addc(b, '}', err) < 0)
		return -1;
	f->units++;
	if (f->out.n + f->block.n + b->n <= TG_FACTS_MAX)
		return put(f, true, err);
	f->unwritten++;
	return 0;
}

/* Of units that did not get behind the limit, which alone counts them. */
static int
tokens(struct tg_facts *f, const struct tg_record *r, struct tg_err *err)
{
	if (r->n_unit > f->cap_tokens) {
		uint64_t *more =
		    realloc(f->tokens, r->n_unit * sizeof(*f->tokens));

		if (more == NULL)
			return tg_fail_memory(err);
		f->tokens = more;
		f->cap_tokens = r->n_unit;
	}
	tg_limit_tokens(f->tokens, r);
	return 0;
}

int
tg_facts_record(
    struct tg_facts *f, const struct tg_record *r, struct tg_err *err)
{
	size_t at = 0;

	if (f->no != r->no)
		tg_facts_begin(f, r->no);
	tg_facts_sort(f);
	if (tokens(f, r, err) < 0)
		return -1;
	for (uint32_t i = 0; i < r->n_unit; i++)
		if (!r->unit[i].frame && !is(r->unit[i].code, "SMP-OUT") &&
		    unit(f, r, i, &at, err) < 0)
			return -1;
	f->no = 0;
	return 0;
}

/* ---- the end ----------------------------------------------------------- */

/* The size of the class of each row, and its different texts. */
static int
classes(struct tg_facts *f, struct tg_classes *c, struct tg_err *err)
{
	uint64_t row = 0;
	bool more = true;

	if (tg_classes_sizes(c, err) < 0)
		return -1;
	while (more) {
		struct tg_json *o = tg_json_object(), *k = tg_json_array(),
			       *l = tg_json_array();
		int bad = tg_json_set_int(o, "row", (int64_t)row);
		struct tg_class_size size;
		size_t n = 0;

		while (n < ROWS_A_LINE &&
		    (more = tg_classes_next_size(c, &size, err) > 0)) {
			bad |= tg_json_push(k, tg_json_int((int64_t)size.k));
			bad |= tg_json_push(l, tg_json_int((int64_t)size.l));
			n++;
		}
		row += n;
		bad |= tg_json_set(o, "k", k);
		bad |= tg_json_set(o, "l", l);
		bad |= tg_json_set_str(o, "line", TG_FACTS_CLASSES);
		if (n == 0)
			tg_json_free(o);
		else if (put_json(f, o, bad != 0, true, err) < 0)
			return -1;
	}
	return 0;
}

int
tg_facts_finish(struct tg_facts *f, struct tg_classes *c,
    const uint64_t *records, const uint64_t *quarantined, size_t n_input,
    char sha256[TG_SHA256_HEX], struct tg_err *err)
{
	struct tg_json *o, *list;
	uint8_t digest[TG_SHA256_LEN];
	char hex[TG_SHA256_HEX];
	int bad = 0;

	if (c != NULL && classes(f, c, err) < 0)
		return -1;
	tg_sha256_end(&f->sha, digest);
	tg_sha256_hex(hex, digest);
	o = tg_json_object();
	list = tg_json_array();
	for (size_t i = 0; i < n_input; i++) {
		struct tg_json *in = tg_json_object();

		bad |= tg_json_set_int(in, "records", (int64_t)records[i]);
		bad |=
		    tg_json_set_int(in, "quarantined", (int64_t)quarantined[i]);
		bad |= tg_json_push(list, in);
	}
	bad |= tg_json_set(o, "inputs", list);
	bad |= tg_json_set_str(o, "line", TG_FACTS_END);
	bad |= tg_json_set_int(o, "units", (int64_t)f->units);
	bad |= tg_json_set_int(o, "unwritten", (int64_t)f->unwritten);
	bad |= tg_json_set_str(o, "sha256", hex);
	if (put_json(f, o, bad != 0, false, err) < 0 || flush(f, err) < 0 ||
	    tg_sha256_bytes(digest, f->line.p, f->line.n, err) < 0)
		return -1;
	tg_sha256_hex(sha256, digest);
	return tg_fs_out_commit(&f->out, err);
}
