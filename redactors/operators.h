/*
 * operators.h - what stands in place of a finding: the operators of
 * operators.def with the parameters that the policy gives a type.
 *
 * A table of operators belongs to one thread.  Values are kept as keyed hashes
 * only.  Every operator fails closed to the label: without a key, with a value
 * it cannot read, with a result that is no token (token.h).
 *
 * Scopes of `number`, each the same for any number of threads, shards, hosts:
 * record: in the order of the text, from 1.  file: in the order of the file,
 * from 1, so that one table sees a file from its beginning to its end
 * (tg_operators_in_order).  run: computed from the value with a key of the run,
 * so that nobody need ask anybody: twelve digits behind 'n', not dense, in no
 * order; of 100,000 values two share one with a chance of 1 in 200.
 */
#ifndef TG_REDACTORS_OPERATORS_H
#define TG_REDACTORS_OPERATORS_H

#include "base/crypt.h"
#include "redactors/redactor.h"

enum tg_number_scope { TG_NUMBER_RECORD, TG_NUMBER_FILE, TG_NUMBER_RUN };
enum tg_birth_band { TG_BIRTH_YEAR, TG_BIRTH_FIVE_YEARS };
enum tg_shift_scope { TG_SHIFT_SESSION, TG_SHIFT_RECORD };

/* The parameters of one type; all zero is the default, but for the action. */
struct tg_operator {
	uint8_t mask_first, mask_last; /* code points left readable */
	char mask_char;		       /* '\0': '*' */
	bool mask_separators;	       /* these are masked too */
	enum tg_number_scope number_scope;
	enum tg_birth_band birth_band;
	enum tg_shift_scope shift_scope;
	uint16_t shift_days;   /* at most so many, either way; 0: label */
	enum tg_action action; /* for who asks; a finding brings its own */
};

/* Keys of TG_KEY_LEN bytes, copied; NULL: what needs it becomes a label. */
struct tg_operators_keys {
	const uint8_t *link;  /* pseudonymise, hash, tokenise, shift_date */
	const uint8_t *run;   /* number of a run */
	const uint8_t *table; /* hashes of values in memory */
	int year; /* of the run: ages count from it; 0: dates are labelled */
};

/* A finding and what surrounds it; borrowed. */
struct tg_operand {
	const struct tg_finding *f; /* its action is what is to be done */
	struct tg_trace_text text;
	struct tg_trace_text session; /* shift_date; may be empty */
	struct tg_trace_text record;  /* the unit's own bytes; may be empty */
};

struct tg_operators;

/* Parameters at their default, no keys.  TG_E_MEMORY. */
int tg_operators_new(struct tg_operators **out, const struct tg_rules *r,
    struct tg_err *err) TG_MUST_CHECK;
/* Another table with the same parameters and keys, for another thread. */
int tg_operators_like(struct tg_operators **out, const struct tg_operators *o,
    struct tg_err *err) TG_MUST_CHECK;
void tg_operators_free(struct tg_operators *o);
void tg_operators_set(
    struct tg_operators *o, uint16_t type, const struct tg_operator *p);
/* The action of the parameters; label where none were set. */
enum tg_action tg_operators_action(const struct tg_operators *o, uint16_t type);
void
tg_operators_keys(struct tg_operators *o, const struct tg_operators_keys *k);
/* Whether what stands for a finding may hang on those before it in the file:
 * some type has numbers of a file. */
bool tg_operators_in_order(const struct tg_operators *o);
/* Numbers of the scope begin again. */
void tg_operators_file(struct tg_operators *o);
void tg_operators_record(struct tg_operators *o);

/*
 * tg_operators_apply - appends what stands for the finding; *done (may be
 * NULL) is what was done: the action of the finding, or label.  drop_field,
 * drop_record and block_run write the label; the caller does the rest.
 * TG_E_BUG: a finding outside its text; TG_E_MEMORY, TG_E_LIMIT.
 */
int tg_operators_apply(struct tg_operators *o, struct tg_buf *out,
    const struct tg_operand *x, enum tg_action *done, struct tg_err *err)
    TG_MUST_CHECK;

/* Whether values of @type can be generalised; whether they are dates. */
bool tg_operators_generalises(const char *type);
bool tg_operators_dates(const char *type);
/* The source of how coarse, or NULL. */
const char *tg_operators_source(const char *type);

/*
 * tg_operators_general - appends the coarser value alone ("192.0.2.x"); false
 * when @value cannot be read (nothing was appended) or memory ran out.
 * @year as in the keys.
 */
bool tg_operators_general(struct tg_buf *out, const char *type,
    struct tg_sv value, enum tg_birth_band band, int year) TG_MUST_CHECK;

/*
 * tg_operators_selftest - the examples of the rules of @type through @action
 * with the parameters of @o: nothing that was written may be found.
 * TG_E_CONFIG names the type, the operator and the rule that finds it.
 */
int tg_operators_selftest(struct tg_operators *o, const struct tg_rules *r,
    uint16_t type, enum tg_action action, struct tg_err *err) TG_MUST_CHECK;

#endif
