/* register.h - a register of exceptions beside an export, for the tests. */
#ifndef TG_TESTS_UNIT_PIPELINE_REGISTER_H
#define TG_TESTS_UNIT_PIPELINE_REGISTER_H

#include "pipeline/exceptions.h"
#include "tests/unit/pipeline/export.h"
#include "tests/unit/policies/exception_text.h"

/* It is the export's own state folder. */
static inline struct tg_register
register_of(struct export *x)
{
	return (struct tg_register){.state_dir = x->state,
	    .trust = x->trust,
	    .preparer = "e.moreau",
	    .ledger = x->l,
	    .now = x->s.clock.now};
}

/* EXC-1, in which @from became @to, joins it. */
static inline void
register_add(struct export *x, const char *from, const char *to)
{
	const char *path = scratch_path(&x->s, "asked.yaml");
	char id[TG_EXCEPTION_ID + 1];
	struct tg_buf text;
	struct tg_err err;

	tg_buf_init(&text, 1u << 16);
	exception_text(&text, from, to);
	scratch_put(path, tg_buf_sv(&text));
	tg_buf_deinit(&text);
	OK(tg_exception_add(id, x->state, path, &err));
	ck_assert_str_eq(id, "EXC-1");
}

/* @who approves or revokes it. */
static inline int
register_sign(struct export *x, enum who who, bool revoke, struct tg_err *err)
{
	const struct tg_register reg = register_of(x);
	struct tg_exception_now now;
	struct tg_arena mem;
	int rc;

	tg_arena_init(&mem, 1u << 20);
	ck_assert_int_eq(tg_exception_find(&now, &reg, "EXC-1", &mem, err), 0);
	rc = tg_exception_sign(&now, &reg, revoke,
	    tg_trust_by_key(x->trust, tg_minisign_public(x->key[who])),
	    x->key[who], err);
	tg_exception_now_free(&now);
	tg_arena_deinit(&mem);
	return rc;
}

/* What the job "nightly", to the recipient "lab", gets of it; free both. */
static inline int
register_open(struct tg_exceptions *out, struct export *x, const char *id,
    struct tg_arena *mem, struct tg_err *err)
{
	const struct tg_exceptions_ask ask = {"nightly", "lab"};
	const struct tg_register reg = register_of(x);

	tg_arena_init(mem, 1u << 20);
	return tg_exceptions_open(out, &reg, &id, 1, &ask, mem, err);
}

#endif
