#include "redactors/operators.h"

#include <stdlib.h>

#include "redactors/operators_priv.h"
#include "redactors/rule.h"
#include "redactors/token.h"

#include "base/banned.h"

#define SCRATCH_MAX (16u << 20) /* bytes of a value as it reads */
#define PSEUDONYM_BYTES 5	/* 40 bits, eight digits of base32 */
#define HASH_BYTES 16		/* 26 digits */
#define RUN_NUMBERS UINT64_C(1000000000000)

#define TG_ACTION(upper, name) #name,
static const char *const names[] = {
#include "redactors/operators.def"
};
#undef TG_ACTION

typedef bool (*general_fn)(
    struct tg_buf *out, struct tg_sv value, enum tg_birth_band band, int year);

#define TG_GENERALISE(type, function, source) \
	{#type, tg_operator_##function, source},
static const struct {
	const char *type;
	general_fn run;
	const char *source;
} generals[] = {
#include "redactors/generalise.def"
};
#undef TG_GENERALISE

struct tg_operators {
	const struct tg_rules *r;
	struct tg_operator *param; /* a type */
	uint8_t link[TG_KEY_LEN], run[TG_KEY_LEN], table[TG_KEY_LEN];
	bool has_link, has_run;
	int year;
	struct tg_numbers *of_file, *of_record;
	struct tg_buf canonical;
};

const char *
tg_action_name(enum tg_action a)
{
	return names[a];
}

bool
tg_action_parse(enum tg_action *out, struct tg_sv s)
{
	for (size_t i = 0; i < TG_COUNT(names); i++)
		if (tg_sv_is(s, names[i])) {
			*out = (enum tg_action)i;
			return true;
		}
	return false;
}

int
tg_operators_new(
    struct tg_operators **out, const struct tg_rules *r, struct tg_err *err)
{
	struct tg_operators *o = calloc(1, sizeof(*o));

	if (o == NULL)
		return tg_fail_memory(err);
	o->r = r;
	tg_buf_init(&o->canonical, SCRATCH_MAX);
	o->param = calloc(r->n_types + 1, sizeof(*o->param));
	if (o->param == NULL) {
		tg_operators_free(o);
		return tg_fail_memory(err);
	}
	for (size_t i = 0; i < r->n_types; i++)
		o->param[i].action = TG_ACT_LABEL;
	if (tg_numbers_new(&o->of_file, r->n_types, err) < 0 ||
	    tg_numbers_new(&o->of_record, r->n_types, err) < 0) {
		tg_operators_free(o);
		return -1;
	}
	*out = o;
	return 0;
}

int
tg_operators_like(
    struct tg_operators **out, const struct tg_operators *o, struct tg_err *err)
{
	if (tg_operators_new(out, o->r, err) < 0)
		return -1;
	memcpy((*out)->param, o->param, o->r->n_types * sizeof(*o->param));
	tg_operators_keys(*out,
	    &(struct tg_operators_keys){.link = o->has_link ? o->link : NULL,
		.run = o->has_run ? o->run : NULL,
		.table = o->table,
		.year = o->year});
	return 0;
}

void
tg_operators_free(struct tg_operators *o)
{
	if (o == NULL)
		return;
	tg_numbers_free(o->of_file);
	tg_numbers_free(o->of_record);
	tg_buf_wipe_deinit(&o->canonical);
	free(o->param);
	tg_crypt_wipe(o, sizeof(*o));
	free(o);
}

void
tg_operators_set(
    struct tg_operators *o, uint16_t type, const struct tg_operator *p)
{
	if (type < o->r->n_types)
		o->param[type] = *p;
}

enum tg_action
tg_operators_action(const struct tg_operators *o, uint16_t type)
{
	return type < o->r->n_types ? o->param[type].action : TG_ACT_LABEL;
}

bool
tg_operators_in_order(const struct tg_operators *o)
{
	for (size_t i = 0; i < o->r->n_types; i++)
		if (o->param[i].action == TG_ACT_NUMBER &&
		    o->param[i].number_scope == TG_NUMBER_FILE)
			return true;
	return false;
}

void
tg_operators_keys(struct tg_operators *o, const struct tg_operators_keys *k)
{
	o->has_link = k->link != NULL;
	o->has_run = k->run != NULL;
	if (k->link != NULL)
		memcpy(o->link, k->link, sizeof(o->link));
	if (k->run != NULL)
		memcpy(o->run, k->run, sizeof(o->run));
	if (k->table != NULL)
		memcpy(o->table, k->table, sizeof(o->table));
	o->year = k->year;
}

void
tg_operators_file(struct tg_operators *o)
{
	tg_numbers_reset(o->of_file);
}

void
tg_operators_record(struct tg_operators *o)
{
	tg_numbers_reset(o->of_record);
}

bool
tg_operators_generalises(const char *type)
{
	return tg_operators_source(type) != NULL;
}

const char *
tg_operators_source(const char *type)
{
	for (size_t i = 0; i < TG_COUNT(generals); i++)
		if (strcmp(generals[i].type, type) == 0)
			return generals[i].source;
	return NULL;
}

bool
tg_operators_dates(const char *type)
{
	return strcmp(type, "DATE_OF_BIRTH") == 0;
}

bool
tg_operators_general(struct tg_buf *out, const char *type, struct tg_sv value,
    enum tg_birth_band band, int year)
{
	const size_t from = out->n;

	for (size_t i = 0; i < TG_COUNT(generals); i++) {
		if (strcmp(generals[i].type, type) != 0)
			continue;
		if (generals[i].run(out, value, band, year))
			return true;
		out->n = from;
	}
	return false;
}

/* ---- one finding -------------------------------------------------------- */

struct work {
	struct tg_operators *o;
	struct tg_buf *out;
	const struct tg_operand *x;
	const struct tg_operator *param;
	const char *type;
	struct tg_sv value;
};

/* The value as it reads, in o->canonical. */
static bool
canonical(const struct work *w, struct tg_sv *out)
{
	tg_buf_reset(&w->o->canonical);
	if (tg_operator_canonical(&w->o->canonical, w->value, NULL) < 0)
		return false;
	*out = tg_buf_sv(&w->o->canonical);
	return true;
}

static bool
link_name(const struct work *w, const char *label, size_t bytes)
{
	struct tg_sv c;

	return w->o->has_link && canonical(w, &c) &&
	    tg_operator_hash(w->out, label, w->type, c, w->o->link, bytes);
}

static bool
tokenise(const struct work *w)
{
	struct tg_sv c;

	return w->o->has_link && canonical(w, &c) &&
	    tg_operator_tokenise(w->out, w->type, w->value, c, w->o->link);
}

static bool
number_of_run(const struct work *w, struct tg_sv c)
{
	uint8_t digest[16];
	uint64_t n = 0;

	if (!w->o->has_run)
		return false;
	tg_operator_digest(digest, "redactors/number", w->type, c, w->o->run);
	for (size_t i = 0; i < 8; i++)
		n = n << 8 | digest[i];
	return tg_buf_addf(w->out, NULL, "n%012llu",
		   (unsigned long long)(n % RUN_NUMBERS)) == 0;
}

static bool
number(const struct work *w)
{
	struct tg_numbers *table = w->o->of_record;
	uint8_t digest[16];
	struct tg_sv c;
	uint32_t n;

	if (!canonical(w, &c))
		return false;
	if (w->param->number_scope == TG_NUMBER_RUN)
		return number_of_run(w, c);
	if (w->param->number_scope == TG_NUMBER_FILE)
		table = w->o->of_file;
	tg_operator_digest(digest, "redactors/table", w->type, c, w->o->table);
	n = tg_numbers_of(table, w->x->f->type, digest);
	return n != 0 && tg_buf_addf(w->out, NULL, "%u", n) == 0;
}

/* Days of the session or of the record alone: never 0, at most as many as the
 * policy says, the same for all its dates. */
static bool
shift(const struct work *w)
{
	const bool alone =
	    w->param->shift_scope == TG_SHIFT_RECORD || w->x->session.n == 0;
	const struct tg_trace_text who = alone ? w->x->record : w->x->session;
	uint8_t digest[16];
	uint64_t n = 0;
	long days;

	if (!w->o->has_link || w->param->shift_days == 0 || who.n == 0 ||
	    !tg_operators_dates(w->type))
		return false;
	tg_operator_digest(digest, "redactors/shift",
	    alone ? "record" : "session", (struct tg_sv){who.bytes, who.n},
	    w->o->link);
	for (size_t i = 0; i < 8; i++)
		n = n << 8 | digest[i];
	days = 1 + (long)(n % w->param->shift_days);
	if ((digest[8] & 1) != 0)
		days = -days;
	return tg_buf_addc(w->out, 'd', NULL) == 0 &&
	    tg_operator_shift(w->out, w->value, days, w->o->year) &&
	    tg_buf_addc(w->out, 'd', NULL) == 0;
}

/* What stands between the type and the bracket. */
static bool
inner(const struct work *w, enum tg_action a)
{
	switch (a) {
	case TG_ACT_TAG:
		return tg_operator_tag(w->out, w->value);
	case TG_ACT_SHIFT_DATE:
		return shift(w);
	case TG_ACT_GENERALISE:
		return tg_operators_general(w->out, w->type, w->value,
		    w->param->birth_band, w->o->year);
	case TG_ACT_TOKENISE:
		return tokenise(w);
	case TG_ACT_HASH:
		return link_name(w, "redactors/hash", HASH_BYTES);
	case TG_ACT_PSEUDONYMISE:
		return link_name(w, "redactors/pseudonym", PSEUDONYM_BYTES);
	case TG_ACT_NUMBER:
		return number(w);
	case TG_ACT_KEEP:
	case TG_ACT_MASK:
	case TG_ACT_LABEL:
	case TG_ACT_REDACT:
	case TG_ACT_DROP_FIELD:
	case TG_ACT_DROP_RECORD:
	case TG_ACT_BLOCK_RUN:
		break;
	}
	return false;
}

/* "[TYPE", what tells the operator, the text, "]"; false when it is no token:
 * nothing was appended. */
static bool
token(const struct work *w, enum tg_action a)
{
	static const char *const lead[] = {[TG_ACT_TAG] = ":",
	    [TG_ACT_SHIFT_DATE] = "~",
	    [TG_ACT_GENERALISE] = ":",
	    [TG_ACT_TOKENISE] = "~",
	    [TG_ACT_HASH] = "_",
	    [TG_ACT_PSEUDONYMISE] = "_",
	    [TG_ACT_NUMBER] = "_"};
	const size_t from = w->out->n;

	if (a >= TG_COUNT(lead) || lead[a] == NULL)
		return false;
	if (tg_buf_addf(w->out, NULL, "[%s%s", w->type, lead[a]) == 0 &&
	    inner(w, a) && tg_buf_addc(w->out, ']', NULL) == 0 &&
	    tg_token_length(w->out->p + from, w->out->n - from) ==
		w->out->n - from)
		return true;
	w->out->n = from;
	return false;
}

static int
add_label(struct tg_buf *out, const char *type, struct tg_err *err)
{
	if (tg_buf_addc(out, '[', err) < 0 || tg_buf_adds(out, type, err) < 0)
		return -1;
	return tg_buf_addc(out, ']', err);
}

int
tg_operators_apply(struct tg_operators *o, struct tg_buf *out,
    const struct tg_operand *x, enum tg_action *done, struct tg_err *err)
{
	const struct tg_finding *f = x->f;
	const char *type = tg_rules_type(o->r, f->type);
	enum tg_action a = (enum tg_action)f->action;
	const size_t from = out->n;
	struct work w = {.o = o, .out = out, .x = x, .type = type};

	if (type == NULL || f->start > f->end || f->end > x->text.n ||
	    f->action >= TG_COUNT(names))
		return tg_fail(err, TG_E_BUG, "a finding outside its text");
	w.value = (struct tg_sv){x->text.bytes + f->start, f->end - f->start};
	w.param = &o->param[f->type];
	if (a == TG_ACT_MASK && !tg_operator_mask(out, w.value, w.param)) {
		out->n = from;
		a = TG_ACT_LABEL;
	} else if (a < TG_ACT_LABEL && a != TG_ACT_KEEP && a != TG_ACT_MASK &&
	    !token(&w, a)) {
		a = TG_ACT_LABEL;
	}
	if (done != NULL)
		*done = a;
	if (a == TG_ACT_KEEP)
		return tg_buf_addsv(out, w.value, err);
	return a >= TG_ACT_LABEL && a != TG_ACT_REDACT
	    ? add_label(out, type, err)
	    : 0;
}
