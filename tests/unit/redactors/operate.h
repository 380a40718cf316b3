/* operate.h - one value through one operator, for the tests of operators. */
#ifndef TG_TESTS_UNIT_REDACTORS_OPERATE_H
#define TG_TESTS_UNIT_REDACTORS_OPERATE_H

#include "redactors/operators.h"
#include "tests/unit/redactors/fixture.h"

static const uint8_t key_a[TG_KEY_LEN] = {1};
static const uint8_t key_b[TG_KEY_LEN] = {2};

/* Operators with the keys at @secret (NULL: none), in 2026. */
static inline struct tg_operators *
operators(const uint8_t *secret)
{
	struct tg_operators *o;
	struct tg_err err = {.cls = TG_E_NONE};

	if (tg_operators_new(&o, fixture_rules(), &err) < 0)
		ck_abort_msg("%s", err.text);
	tg_operators_keys(o,
	    &(struct tg_operators_keys){
		.link = secret, .run = secret, .table = secret, .year = 2026});
	return o;
}

static inline uint16_t
type_of(const char *type)
{
	const int i = tg_rules_type_find(fixture_rules(), type);

	ck_assert_msg(i >= 0, "%s", type);
	return (uint16_t)i;
}

static inline enum tg_action
apply(struct tg_operators *o, struct tg_buf *out, const char *text,
    const char *type, enum tg_action action)
{
	const struct tg_trace_text all = {text, strlen(text)};
	const struct tg_trace_text session = {"s-1", 3}, record = {"{}", 2};
	const struct tg_finding f = {.start = 0,
	    .end = (uint32_t)all.n,
	    .type = type_of(type),
	    .action = (uint8_t)action};
	const struct tg_operand x = {&f, all, session, record};
	struct tg_err err = {.cls = TG_E_NONE};
	enum tg_action done = TG_ACT_BLOCK_RUN;

	tg_buf_reset(out);
	if (tg_operators_apply(o, out, &x, &done, &err) < 0)
		ck_abort_msg("%s", err.text);
	ck_assert_int_eq(tg_buf_addc(out, '\0', NULL), 0);
	out->n--;
	return done;
}

#endif
