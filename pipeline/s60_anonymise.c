/*
 * s60 - identifiers and times, as /anonymisation of the policy says: dropped,
 * replaced by a keyed pseudonym, generalised, or kept.
 *
 * A pseudonym is BLAKE2b-128 keyed with a key of one recipient (or one bundle)
 * over the field's name and the value, so that no two recipients can join.  It
 * keeps the shape the format asks for: 16 or 32 hex digits for OTLP ids (the
 * first a letter, so that it cannot be taken for a number), else p_<base32>.
 *
 * Generalised are an IP address (its network, redactors/generalise.def) and a
 * locale (its language); of other fields nothing coarser is known: they go.
 */
#include <string.h>

#include "base/enc.h"
#include "base/env.h"
#include "base/num.h"
#include "pipeline/aggregates.h"
#include "pipeline/sources/source.h"
#include "pipeline/stage.h"
#include "base/banned.h"

#define MARK_DROP 1u
#define NANO 1000000000u

static bool
is_hex(struct tg_trace_text t)
{
	if (t.n != 16 && t.n != 32)
		return false;
	for (size_t i = 0; i < t.n; i++) {
		const char c = t.bytes[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
			(c >= 'A' && c <= 'F')))
			return false;
	}
	return true;
}

static int
pseudonym(struct tg_pass *p, enum tg_field_id field, struct tg_trace_text v,
    struct tg_err *err)
{
	const bool hex = is_hex(v);
	uint8_t digest[16];
	char text[40];

	tg_buf_reset(&p->work);
	if (tg_buf_adds(&p->work, tg_field_name(field), err) < 0 ||
	    tg_buf_addc(&p->work, '\0', err) < 0)
		return -1;
	for (size_t i = 0; i < v.n; i++) {
		const char c = v.bytes[i];
		const char low =
		    hex && c >= 'A' && c <= 'F' ? (char)(c + 32) : c;

		if (tg_buf_addc(&p->work, low, err) < 0)
			return -1;
	}
	tg_crypt_blake2b(digest, sizeof(digest), p->work.p, p->work.n,
	    p->set->pseudonym_key);
	tg_buf_reset(&p->work);
	if (hex) {
		digest[0] = (uint8_t)(0xa0 |
		    ((digest[0] & 0x50) != 0 ? 0x10 : 0) | (digest[0] & 0x0f));
		tg_hex(text, digest, v.n / 2);
		return tg_buf_adds(&p->work, text, err);
	}
	tg_base32(text, digest, sizeof(digest));
	return tg_buf_addf(&p->work, err, "p_%s", text);
}

/* The node that goes when @i goes: the attribute around a value. */
static uint32_t
member_of(const struct tg_record *r, uint32_t i)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t up = d->nodes[i].parent;
	const uint32_t kv = up == UINT32_MAX ? UINT32_MAX : d->nodes[up].parent;

	if (kv != UINT32_MAX && tg_jdoc_key_is(d, up, "value") &&
	    d->nodes[kv].kind == TG_J_OBJECT &&
	    tg_jdoc_find(d, kv, "key") != UINT32_MAX)
		return kv;
	return i;
}

static void
drop(struct tg_pass *p, struct tg_record *r, uint32_t i)
{
	r->doc.nodes[member_of(r, i)].mark |= MARK_DROP;
	p->counts->fields_dropped++;
}

/* The value becomes the string in p->work. */
static int
put(struct tg_pass *p, struct tg_record *r, uint32_t i, struct tg_err *err)
{
	const struct tg_jnode *n = &r->doc.nodes[i];
	const struct tg_sv by = tg_arena_sv(&r->arena, tg_buf_sv(&p->work));

	if (by.p == NULL)
		return tg_fail_memory(err);
	if (tg_quasi_value(
		p->quasi, r, i, (enum tg_field_id)r->field[i], by, err) < 0)
		return -1;
	return tg_edits_add(&r->edits, n->start + 1, n->end - 1, by, err);
}

static int
label(struct tg_pass *p, enum tg_field_id field, struct tg_err *err)
{
	tg_buf_reset(&p->work);
	if (tg_buf_addc(&p->work, '[', err) < 0)
		return -1;
	for (const char *s = tg_field_name(field); *s != '\0'; s++) {
		const char c = *s >= 'a' && *s <= 'z' ? (char)(*s - 32) : *s;

		if (tg_buf_addc(&p->work, c, err) < 0)
			return -1;
	}
	return tg_buf_addc(&p->work, ']', err);
}

/* The language of "fr-FR", "en_GB.UTF-8" (BCP 47; ISO 639): two or three
 * letters. */
static bool
language(struct tg_buf *out, struct tg_trace_text v)
{
	size_t n = 0;

	while (n < v.n &&
	    ((v.bytes[n] >= 'a' && v.bytes[n] <= 'z') ||
		(v.bytes[n] >= 'A' && v.bytes[n] <= 'Z')))
		n++;
	if (n < 2 || n > 3 ||
	    (n < v.n && v.bytes[n] != '-' && v.bytes[n] != '_'))
		return false;
	return tg_buf_add(out, v.bytes, n, NULL) == 0;
}

/* The coarser value into p->work; false when there is none. */
static bool
coarser(struct tg_pass *p, enum tg_field_id field, struct tg_trace_text v)
{
	tg_buf_reset(&p->work);
	if (field == TG_FIELD_locale)
		return language(&p->work, v);
	return field == TG_FIELD_client_ip &&
	    tg_operators_general(&p->work, "IP_ADDRESS",
		(struct tg_sv){v.bytes, v.n}, TG_BIRTH_YEAR, 0);
}

/* The slug of a graph is free text: the filter, which has no key for
 * pseudonyms, labels it where it keeps the ids of spans. */
static enum tg_op
op_of(
    const struct tg_pass *p, const struct tg_record *r, enum tg_field_id field)
{
	if (p->set->mode == TG_MODE_REDACT && field == TG_FIELD_trace_id &&
	    (r->source == &tg_source_graph ||
		r->source == &tg_source_graph_index))
		return TG_OP_LABEL;
	return p->set->op[field];
}

/* Whom the unit is of; counted, not kept. */
static int
person(struct tg_pass *p, struct tg_record *r, uint32_t i, struct tg_err *err)
{
	const struct tg_jnode *n = &r->doc.nodes[i];
	const struct tg_sv raw = tg_jdoc_raw(&r->doc, i);
	struct tg_jtext text = {.text = {raw.p, raw.n}};

	if (p->quasi == NULL || n->kind == TG_J_NULL)
		return 0;
	if (n->kind == TG_J_STRING &&
	    tg_jtext_decode(
		&text, tg_jdoc_str(&r->doc, i), n->esc, &r->arena, err) < 0)
		return -1;
	return tg_quasi_person(p->quasi, r, i, text.text, err);
}

static int
identifier(
    struct tg_pass *p, struct tg_record *r, uint32_t i, struct tg_err *err)
{
	const enum tg_field_id field = (enum tg_field_id)r->field[i];
	const enum tg_op op = op_of(p, r, field);
	const struct tg_jnode *n = &r->doc.nodes[i];
	struct tg_jtext text;

	if (field == TG_FIELD_user_id && person(p, r, i, err) < 0)
		return -1;
	if (n->kind == TG_J_NULL)
		return 0;
	if (op == TG_OP_KEEP)
		return tg_quasi_value(
		    p->quasi, r, i, field, tg_jdoc_raw(&r->doc, i), err);
	if (op == TG_OP_DROP || n->kind != TG_J_STRING) {
		drop(p, r, i);
		return 0;
	}
	if (n->end - n->start == 2) /* an empty parentSpanId */
		return 0;
	if (op == TG_OP_LABEL) {
		if (label(p, field, err) < 0)
			return -1;
		return put(p, r, i, err);
	}
	if (tg_jtext_decode(
		&text, tg_jdoc_str(&r->doc, i), n->esc, &r->arena, err) < 0)
		return -1;
	if (op == TG_OP_GENERALISE) {
		if (!coarser(p, field, text.text)) {
			drop(p, r, i);
			return 0;
		}
		p->counts->generalised++;
		return put(p, r, i, err);
	}
	if (pseudonym(p, field, text.text, err) < 0)
		return -1;
	p->counts->pseudonymised++;
	return put(p, r, i, err);
}

/* Midnight UTC of the day, or of the first of the month or year. */
static int64_t
floor_time(int64_t t, enum tg_granularity g)
{
	int year, month, day;
	int64_t days = t / 86400;

	tg_time_civil(t, &year, &month, &day);
	if (g == TG_TIME_MONTH || g == TG_TIME_YEAR)
		days -= day - 1;
	if (g == TG_TIME_YEAR)
		while (month > 1) {
			days -= 1;
			tg_time_civil(days * 86400, &year, &month, &day);
			days -= day - 1;
		}
	return days * 86400;
}

/* Of a time of @unit, or of what all units share: the safe harbor leaves the
 * year alone of what is about health. */
static enum tg_granularity
granularity_of(
    const struct tg_pass *p, const struct tg_record *r, uint32_t unit)
{
	bool year = p->set->harbor == TG_HARBOR_ALWAYS;
	uint32_t u, end;

	if (p->set->harbor == TG_HARBOR_HEALTH)
		for (u = tg_record_units(r, unit, &end); u < end && !year; u++)
			year = r->unit[u].health;
	return year && p->set->granularity < TG_TIME_YEAR ? TG_TIME_YEAR
							  : p->set->granularity;
}

static int
generalise(struct tg_pass *p, struct tg_record *r, uint32_t i,
    enum tg_granularity to, struct tg_err *err)
{
	const struct tg_jnode *n = &r->doc.nodes[i];
	const bool quoted = n->kind == TG_J_STRING;
	const struct tg_sv raw =
	    quoted ? tg_jdoc_str(&r->doc, i) : tg_jdoc_raw(&r->doc, i);
	struct tg_sv by;
	uint64_t v;

	if (to == TG_TIME_INSTANT)
		return tg_quasi_value(
		    p->quasi, r, i, TG_FIELD_timestamp, raw, err);
	if (!tg_parse_u64(&v, raw, 0, INT64_MAX) || to == TG_TIME_NONE) {
		drop(p, r, i);
		return 0;
	}
	tg_buf_reset(&p->work);
	if (v == 0)
		return 0;
	if (tg_buf_addf(&p->work, err, "%lld000000000",
		(long long)floor_time((int64_t)(v / NANO), to)) < 0)
		return -1;
	p->counts->generalised++;
	if (quoted)
		return put(p, r, i, err);
	by = tg_arena_sv(&r->arena, tg_buf_sv(&p->work));
	if (by.p == NULL)
		return tg_fail_memory(err);
	if (tg_quasi_value(p->quasi, r, i, TG_FIELD_timestamp, by, err) < 0)
		return -1;
	return tg_edits_add(&r->edits, n->start, n->end, by, err);
}

int
tg_s60_anonymise(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	if (tg_aggregates_take(p, r, err) < 0)
		return -1;
	tg_quasi_begin(p->quasi);
	for (uint32_t i = 0; i < r->doc.n; i++) {
		const uint32_t unit = r->cls[i] >= TG_CLS_ID
		    ? tg_record_unit_of(r, i)
		    : TG_UNIT_NONE;

		if (unit != TG_UNIT_NONE && r->unit[unit].dropped)
			continue;
		if (r->cls[i] == TG_CLS_ID && identifier(p, r, i, err) < 0)
			return -1;
		if (r->cls[i] == TG_CLS_TIME &&
		    generalise(p, r, i, granularity_of(p, r, unit), err) < 0)
			return -1;
	}
	return tg_quasi_end(p->quasi, r, err);
}
