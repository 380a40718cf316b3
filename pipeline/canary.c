#include "pipeline/canary.h"

#include <stdlib.h>
#include <string.h>

#include "base/binomial.h"
#include "base/enc.h"
#include "base/num.h"
#include "pipeline/stage.h"
#include "base/banned.h"

#define PPB UINT64_C(1000000000)
#define TEXT_MAX (64u << 10) /* bytes of a planted text in any form */
#define TOKEN 3		     /* bytes of one */

/* How a value is written; those in front are also of values that only count as
 * they are. */
enum form {
	PLAIN,
	TOKENS,
	NESTED,	 /* JSON in a string */
	BASE64,	 /* all of the text */
	PERCENT, /* each byte of the value */
	ESCAPED, /* likewise, in JSON */
	HIDDEN,	 /* a zero-width space behind each character */
	WIDE,	 /* full-width forms */
	FORMS
};
#define FORMS_AS_IS HIDDEN

static const struct {
	const char *before, *behind;
	bool french;
} carriers[] = {
    {"Hello again: ", ", thanks for your help.", false},
    {"Bonjour, ", ", merci de votre aide.", true},
    {"As they wrote to us last week, ", "", false},
    {"Comme indiqué hier, ", ".", true},
};

static const struct {
	const char *before, *behind;
} containers[] = {
    {"{\"text\":", "}"},
    {"{\"resourceSpans\":[{\"resource\":{\"attributes\":[]},\"scopeSpans\":"
     "[{\"spans\":[{\"traceId\":\"5b8efff798038103d269b633813fc60c\","
     "\"spanId\":\"eee19b7ec3c1b174\",\"startTimeUnixNano\":"
     "\"1765900000123000000\",\"attributes\":[{\"key\":"
     "\"gen_ai.prompt.0.content\",\"value\":{\"stringValue\":",
	"}}]}]}]}]}"},
};

struct plant {
	struct tg_pass pass;
	struct tg_settings set;
	struct tg_counts *counts;
	struct tg_record rec;
	enum form form;
	struct tg_buf text; /* with the value in it, at [start, end) */
	size_t start, end;
	struct tg_buf raw, out; /* the record; as it would leave */
};

/* ---- writing ----------------------------------------------------------- */

/* One byte of a value, in ASCII. */
static int
disguise(struct tg_buf *b, enum form form, char c, struct tg_err *err)
{
	const unsigned u = (unsigned char)c;

	switch (form) {
	case PERCENT:
		return tg_buf_addf(b, err, "%%%02X", u);
	case HIDDEN:
		return tg_buf_addf(b, err, "%c\xe2\x80\x8b", c);
	case WIDE: /* U+FF01 is '!' */
		if (u > 0x20)
			return tg_buf_addf(b, err, "\xef%c%c",
			    (int)(0xbc + (u >= 0x60)),
			    (int)(0x80 + ((u - 0x20) & 0x3f)));
		break;
	case PLAIN:
	case TOKENS:
	case NESTED:
	case BASE64:
	case ESCAPED:
	case FORMS:
		break;
	}
	return tg_buf_addc(b, c, err);
}

/* The sentence number @no with the value in it. */
static int
say(struct plant *p, const struct tg_canary_row *row,
    const struct tg_canary_value *v, uint64_t no, struct tg_err *err)
{
	const size_t k = no / FORMS % TG_COUNT(carriers);

	tg_buf_reset(&p->text);
	if (tg_buf_addf(&p->text, err, "%s%s ", carriers[k].before,
		row->lead[carriers[k].french]) < 0 ||
	    tg_buf_add(&p->text, v->text, v->start, err) < 0)
		return -1;
	p->start = p->text.n;
	for (size_t i = v->start; i < v->end; i++)
		if (disguise(&p->text, p->form, v->text[i], err) < 0)
			return -1;
	p->end = p->text.n;
	if (tg_buf_add(&p->text, v->text + v->end, v->n - v->end, err) < 0)
		return -1;
	return tg_buf_adds(&p->text, carriers[k].behind, err);
}

static int
string(struct tg_buf *out, struct tg_sv s, struct tg_err *err)
{
	if (tg_buf_addc(out, '"', err) < 0 || tg_json_escape(out, s, err) < 0)
		return -1;
	return tg_buf_addc(out, '"', err);
}

/* The value as \u00xx. */
static int
escaped(struct plant *p, struct tg_err *err)
{
	const struct tg_sv s = tg_buf_sv(&p->text);

	if (tg_buf_addc(&p->raw, '"', err) < 0 ||
	    tg_json_escape(&p->raw, (struct tg_sv){s.p, p->start}, err) < 0)
		return -1;
	for (size_t i = p->start; i < p->end; i++)
		if (tg_buf_addf(&p->raw, err, "\\u%04x",
			(unsigned)(unsigned char)s.p[i]) < 0)
			return -1;
	if (tg_json_escape(
		&p->raw, (struct tg_sv){s.p + p->end, s.n - p->end}, err) < 0)
		return -1;
	return tg_buf_addc(&p->raw, '"', err);
}

static int
nested(struct plant *p, struct tg_err *err)
{
	tg_buf_reset(&p->out);
	if (tg_buf_adds(&p->out, "{\"note\":", err) < 0 ||
	    string(&p->out, tg_buf_sv(&p->text), err) < 0 ||
	    tg_buf_addc(&p->out, '}', err) < 0)
		return -1;
	return string(&p->raw, tg_buf_sv(&p->out), err);
}

/* All of the text becomes the value. */
static int
base64(struct plant *p, struct tg_err *err)
{
	tg_buf_reset(&p->out);
	if (tg_b64_add(&p->out, p->text.p, p->text.n, TG_B64_PADDED, err) < 0)
		return -1;
	tg_buf_reset(&p->text);
	if (tg_buf_adds(&p->text, "data ", err) < 0)
		return -1;
	p->start = p->text.n;
	if (tg_buf_addsv(&p->text, tg_buf_sv(&p->out), err) < 0)
		return -1;
	p->end = p->text.n;
	return string(&p->raw, tg_buf_sv(&p->text), err);
}

/* Bytes of the first token of @left: cut between code points. */
static size_t
token(struct tg_sv left)
{
	size_t n = left.n < TOKEN ? left.n : TOKEN;

	while (n < left.n && ((unsigned char)left.p[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* {"tokens":[…]} */
static int
tokens(struct plant *p, struct tg_err *err)
{
	struct tg_sv left = tg_buf_sv(&p->text);

	if (tg_buf_adds(&p->raw, "{\"tokens\":[", err) < 0)
		return -1;
	while (left.n > 0) {
		const size_t n = token(left);

		if (string(&p->raw, (struct tg_sv){left.p, n}, err) < 0)
			return -1;
		left = (struct tg_sv){left.p + n, left.n - n};
		if (left.n > 0 && tg_buf_addc(&p->raw, ',', err) < 0)
			return -1;
	}
	return tg_buf_adds(&p->raw, "]}", err);
}

static int
write_record(struct plant *p, uint64_t no, struct tg_err *err)
{
	/* Every form in each. */
	const size_t k = (no + no / FORMS) % TG_COUNT(containers);
	int rc;

	tg_buf_reset(&p->raw);
	if (p->form == TOKENS)
		return tokens(p, err);
	if (tg_buf_adds(&p->raw, containers[k].before, err) < 0)
		return -1;
	if (p->form == NESTED)
		rc = nested(p, err);
	else if (p->form == BASE64)
		rc = base64(p, err);
	else if (p->form == ESCAPED)
		rc = escaped(p, err);
	else
		rc = string(&p->raw, tg_buf_sv(&p->text), err);
	return rc < 0 ? -1 : tg_buf_adds(&p->raw, containers[k].behind, err);
}

/* ---- looking ----------------------------------------------------------- */

/* Whether every byte of [@from, @to) of @t is struck. */
static bool
struck(const struct tg_text *t, size_t from, size_t to)
{
	for (uint32_t k = 0; k < t->n_hit && from < to; k++)
		if (t->hit[k].start <= from && t->hit[k].end > from)
			from = t->hit[k].end;
	return from >= to;
}

/* A token is struck as a whole, or is not among the texts. */
static bool
token_struck(const struct tg_record *r, uint32_t node)
{
	for (uint32_t i = 0; i < r->n_text; i++)
		if (r->text[i].node == node && r->text[i].n_hit > 0)
			return true;
	return false;
}

/* @seen: bytes of the value. */
static bool
tokens_struck(const struct plant *p, size_t *seen)
{
	const struct tg_jdoc *d = &p->rec.doc;
	const uint32_t array = tg_jdoc_find(d, 0, "tokens");
	struct tg_sv left = tg_buf_sv(&p->text);
	size_t at = 0;
	bool all = true;

	for (uint32_t i = array + 1; i < d->nodes[array].next; i++) {
		const size_t n = token(left);
		const size_t from = p->start > at ? p->start : at;
		const size_t to = p->end < at + n ? p->end : at + n;

		if (from < to) {
			all = all && token_struck(&p->rec, i);
			*seen += to - from;
		}
		at += n;
		left = (struct tg_sv){left.p + n, left.n - n};
	}
	return all;
}

static bool
texts_struck(const struct plant *p, size_t *seen)
{
	const size_t n = p->end - p->start;
	bool all = true;

	for (uint32_t i = 0; i < p->rec.n_text; i++) {
		const struct tg_text *t = &p->rec.text[i];
		const char *s = t->text.text.bytes;
		const char *at = t->kind != TG_TXT_STRING
		    ? NULL
		    : memmem(s, t->text.text.n, p->text.p + p->start, n);

		if (at == NULL)
			continue;
		all = all && struck(t, (size_t)(at - s), (size_t)(at - s) + n);
		*seen += n;
	}
	return all;
}

/* Whether the record at hand came through without its value. */
static int
look(struct plant *p, bool *found, struct tg_err *err)
{
	const struct tg_record *r = &p->rec;
	size_t seen = 0;

	if (r->n_unit == 1 && r->unit[0].dropped &&
	    strcmp(r->unit[0].stage, "redact") == 0) {
		*found = true;
		return 0;
	}
	*found = p->form == TOKENS ? tokens_struck(p, &seen)
				   : texts_struck(p, &seen);
	if (r->dropped || seen != p->end - p->start)
		return tg_fail(err, TG_E_BUG,
		    "a canary is not where it was planted (form %d)",
		    (int)p->form);
	tg_buf_reset(&p->out);
	if (tg_emit(&p->pass, &p->rec, &p->out, err) < 0)
		return -1;
	*found = *found &&
	    memmem(p->out.p, p->out.n, p->text.p + p->start,
		p->end - p->start) == NULL;
	return 0;
}

static int
one(struct plant *p, const struct tg_canary_row *row, uint64_t no,
    const uint8_t key[TG_KEY_LEN], bool *found, struct tg_err *err)
{
	struct tg_canary_value v;
	const char *code;

	p->form = (enum form)(no % (row->as_is ? FORMS_AS_IS : FORMS));
	if (tg_canary_draw(&v, row, key, no, err) < 0 ||
	    say(p, row, &v, no, err) < 0 || write_record(p, no, err) < 0)
		return -1;
	tg_record_reset(&p->rec);
	p->rec.raw = tg_buf_sv(&p->raw);
	p->rec.no = no + 1;
	p->pass.format = NULL;
	if (tg_pass_record(&p->pass, &p->rec, &code, err) == 0)
		return look(p, found, err);
	/* The policy blocks the run for it: it would not leave. */
	if (err->cls != TG_E_NO)
		return -1;
	tg_err_clear(err);
	*found = true;
	return 0;
}

/* ---- a run ------------------------------------------------------------- */

static size_t
rows_of(const struct tg_canary_row *out[], size_t max, const char *type)
{
	const struct tg_canary_row *row;
	size_t n = 0;

	for (size_t i = 0; (row = tg_canary_row(i)) != NULL; i++)
		if (strcmp(row->type, type) == 0 && n < max)
			out[n++] = row;
	return n;
}

static int
one_type(struct plant *p, struct tg_canary *c, uint64_t n,
    const uint8_t key[TG_KEY_LEN], struct tg_err *err)
{
	const struct tg_canary_row *row[16];
	const size_t rows = rows_of(row, TG_COUNT(row), c->type);

	if (c->state == TG_CANARY_MEASURED && rows == 0)
		c->state = TG_CANARY_NOT_COVERED;
	if (c->state != TG_CANARY_MEASURED)
		return 0;
	c->class = row[0]->class;
	for (; c->planted < n; c->planted++) {
		bool found = false;

		/* Another row for each round of the forms. */
		if (one(p, row[c->planted / FORMS % rows], c->planted, key,
			&found, err) < 0)
			return tg_fail_in(err, "canaries of %s", c->type);
		c->found += found;
	}
	return 0;
}

/* The run's own settings, but that every text is read to its end. */
static void
all_of_it(struct tg_settings *s)
{
	s->mode = TG_MODE_EXPORT;
	s->rate_ppb = PPB;
	s->max_records = 0;
	s->max_per_subject = 0;
	s->max_tokens = UINT64_MAX;
	s->max_bytes = UINT64_MAX;
	s->oldest = 0;
	s->text_drops = false;
}

static int
plant_init(struct plant *p, const struct tg_policy *policy,
    const struct tg_rules *rules, const struct tg_attributes *attrs,
    const struct tg_settings *set, struct tg_err *err)
{
	*p = (struct plant){
	    .set = *set, .counts = calloc(1, sizeof(*p->counts))};
	tg_record_init(&p->rec);
	tg_buf_init(&p->text, TEXT_MAX);
	tg_buf_init(&p->raw, TEXT_MAX);
	tg_buf_init(&p->out, TEXT_MAX);
	all_of_it(&p->set);
	if (p->counts == NULL)
		return tg_fail_memory(err);
	if (tg_pass_init(&p->pass, &p->set, rules, attrs, p->counts, err) < 0 ||
	    tg_settings_scanner(p->pass.scanner, rules, policy, err) < 0)
		return -1;
	return tg_settings_operators(p->pass.ops, rules, policy, err);
}

static void
plant_deinit(struct plant *p)
{
	tg_pass_deinit(&p->pass);
	tg_record_deinit(&p->rec);
	tg_buf_deinit(&p->text);
	tg_buf_deinit(&p->raw);
	tg_buf_deinit(&p->out);
	tg_crypt_wipe(&p->set, sizeof(p->set));
	free(p->counts);
}

static int
ask(struct tg_canaries *c, const struct tg_policy *p,
    const struct tg_rules *rules, struct tg_err *err)
{
	if (tg_policy_u64(p, "/gates/canary_min_per_type", &c->per_type, err) <
		0 ||
	    tg_policy_ratio(p, "/gates/canary_recall_min_structured",
		&c->min_ppb[TG_CANARY_STRUCTURED], err) < 0 ||
	    tg_policy_ratio(p, "/gates/canary_recall_min_free_text",
		&c->min_ppb[TG_CANARY_FREE_TEXT], err) < 0)
		return -1;
	for (size_t i = 0; i < tg_rules_type_count(rules); i++) {
		const char *type = tg_rules_type(rules, (uint16_t)i);
		const char *done = tg_settings_action(p, type);
		const bool stays =
		    strcmp(done, "keep") == 0 || strcmp(done, "tag") == 0;

		if (c->n == TG_COUNT(c->type))
			return tg_fail(
			    err, TG_E_LIMIT, "more types than can be counted");
		c->type[c->n++] = (struct tg_canary){.type = type,
		    .state = stays ? TG_CANARY_KEPT : TG_CANARY_MEASURED};
	}
	return 0;
}

int
tg_canaries_run(struct tg_canaries *out, const struct tg_policy *p,
    const struct tg_rules *rules, const struct tg_attributes *attrs,
    const struct tg_settings *set, const uint8_t key[TG_KEY_LEN],
    struct tg_err *err)
{
	struct plant plant;
	int rc = -1;

	*out = (struct tg_canaries){.n = 0};
	if (ask(out, p, rules, err) < 0)
		return -1;
	if (plant_init(&plant, p, rules, attrs, set, err) < 0)
		goto out;
	for (size_t i = 0; i < out->n; i++)
		if (one_type(&plant, &out->type[i], out->per_type, key, err) <
		    0)
			goto out;
	rc = 0;
out:
	plant_deinit(&plant);
	return rc;
}

static const char *const classes[] = {"structured", "free_text"};

int
tg_canaries_judge(const struct tg_canaries *c, struct tg_err *err)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct tg_canary *t = &c->type[i];

		if (t->state == TG_CANARY_MEASURED &&
		    t->found * PPB < c->min_ppb[t->class] * t->planted)
			return tg_fail(err, TG_E_NO,
			    "GATE-CANARY: of %llu planted values of %s %llu "
			    "were found; the policy asks for %llu.%02llu %% "
			    "(/gates/canary_recall_min_%s)",
			    (unsigned long long)t->planted, t->type,
			    (unsigned long long)t->found,
			    (unsigned long long)(c->min_ppb[t->class] /
				10000000),
			    (unsigned long long)(c->min_ppb[t->class] / 100000 %
				100),
			    classes[t->class]);
	}
	return 0;
}

static struct tg_json *
one_json(const struct tg_canary *t)
{
	struct tg_json *o = tg_json_object();
	int64_t upper = (int64_t)PPB;
	int bad = 0;

	/* Of those that were missed. */
	if (!tg_binomial_upper(
		&upper, (int64_t)t->planted, (int64_t)(t->planted - t->found)))
		upper = (int64_t)PPB;
	bad |= tg_json_set_str(o, "type", t->type);
	bad |= tg_json_set_str(o, "class", classes[t->class]);
	bad |= tg_json_set_int(o, "planted", (int64_t)t->planted);
	bad |= tg_json_set_int(o, "found", (int64_t)t->found);
	bad |= tg_json_set_int(o, "recall_low_ppb", (int64_t)PPB - upper);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}

struct tg_json *
tg_canaries_json(const struct tg_canaries *c)
{
	struct tg_json *o = tg_json_object(), *list = tg_json_array(),
		       *kept = tg_json_array(), *none = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct tg_canary *t = &c->type[i];

		if (t->state == TG_CANARY_KEPT)
			bad |= tg_json_push_str(kept, t->type);
		else if (t->state == TG_CANARY_NOT_COVERED)
			bad |= tg_json_push_str(none, t->type);
		else if (t->planted > 0)
			bad |= tg_json_push(list, one_json(t));
	}
	bad |= tg_json_set_int(o, "per_type", (int64_t)c->per_type);
	bad |= tg_json_set_int(
	    o, "min_structured_ppb", (int64_t)c->min_ppb[TG_CANARY_STRUCTURED]);
	bad |= tg_json_set_int(
	    o, "min_free_text_ppb", (int64_t)c->min_ppb[TG_CANARY_FREE_TEXT]);
	bad |= tg_json_set(o, "types", list);
	bad |= tg_json_set(o, "kept", kept);
	bad |= tg_json_set(o, "not_covered", none);
	if (bad == 0)
		return o;
	tg_json_free(o);
	return NULL;
}
