/* book.h - a ledger to test on: ORIGIN in a scratch folder, and entries. */
#ifndef TG_TESTS_UNIT_PIPELINE_LEDGER_BOOK_H
#define TG_TESTS_UNIT_PIPELINE_LEDGER_BOOK_H

#include <inttypes.h>

#include "pipeline/ledger/ledger.h"
#include "tests/unit/pipeline/scratch.h"

#define ORIGIN "exports.example.org/tracegate/uk"

struct book {
	struct scratch s;
	char dir[128], state[128];
};

static inline void
book_init(struct book *b)
{
	scratch_init(&b->s);
	(void)snprintf(b->dir, sizeof(b->dir), "%s", scratch_path(&b->s, "l"));
	(void)snprintf(
	    b->state, sizeof(b->state), "%s", scratch_path(&b->s, "state"));
}

static inline void
book_deinit(struct book *b)
{
	scratch_deinit(&b->s);
}

static inline void
book_create(struct book *b)
{
	struct tg_err err;

	OK(tg_ledger_create(b->dir, b->state, ORIGIN, &b->s.env, &err));
}

static inline struct tg_ledger *
book_open(struct book *b)
{
	struct tg_ledger *l = NULL;
	struct tg_err err;

	OK(tg_ledger_open(&l, b->dir, b->state, &b->s.env, &err));
	return l;
}

/* @n entries "test.entry" with k = "v<number>", one second apart. */
static inline void
book_fill(struct book *b, unsigned n)
{
	struct tg_ledger *l = book_open(b);
	struct tg_err err;
	uint64_t index;
	char v[32];

	for (unsigned i = 0; i < n; i++) {
		struct tg_json *body = tg_json_object();

		(void)snprintf(v, sizeof(v), "v%" PRIu64, tg_ledger_size(l));
		ck_assert_int_eq(tg_json_set_str(body, "k", v), 0);
		b->s.clock.now++;
		OK(tg_ledger_append(l, "test.entry", body, &index, &err));
	}
	tg_ledger_free(l);
}

static inline uint64_t
book_check(struct book *b)
{
	struct tg_err err;
	uint64_t n = 0;

	OK(tg_ledger_check(b->dir, NULL, &n, &err));
	return n;
}

#endif
