/*
 * classes_fault.c - every allocation of the equivalence classes fails once, in
 * memory and with rows on disk: a clean error, never a verdict that lets a row
 * of a small class out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pipeline/classes.h"
#include "tests/fault/alloc.h"

#include "base/banned.h"

#define ROWS 40
#define SMALL 3 /* rows of the class that goes */

static void
digest(uint8_t out[TG_CLASS_DIGEST], char kind, int v)
{
	memset(out, 0, TG_CLASS_DIGEST);
	out[0] = (uint8_t)kind;
	out[1] = (uint8_t)v;
}

static struct tg_class_row
row_of(int i)
{
	struct tg_class_row r = {
	    .by = TG_SUBJECT_PERSON, .has_sensitive = true};

	digest(r.trace, 't', i);
	digest(r.subject, 'p', i);
	digest(r.quasi, 'q', i < SMALL);
	digest(r.sensitive, 's', i % 4);
	return r;
}

static int
verdicts(struct tg_classes *c, struct tg_err *err)
{
	for (int i = 0; i < ROWS; i++) {
		const struct tg_class_row r = row_of(i);
		enum tg_class_verdict v;

		if (tg_classes_verdict(c, &r, &v, err) < 0)
			return -1;
		if ((v == TG_CLASS_KEEP) != (i >= SMALL))
			return tg_fail(err, TG_E_BUG, "the verdict is wrong");
	}
	return tg_classes_same(c, err);
}

static int
classes(size_t memory, struct tg_err *err)
{
	const struct tg_class_limits limits = {.k = 5, .l = 2};
	struct tg_class_result result;
	struct tg_classes *c = NULL;
	int rc = tg_classes_new(&c, tg_fault_scratch, memory, err);

	for (int i = 0; rc == 0 && i < ROWS; i++) {
		const struct tg_class_row r = row_of(i);

		rc = tg_classes_add(c, &r, err);
	}
	if (rc == 0)
		rc = tg_classes_finish(c, &limits, &result, err);
	if (rc == 0)
		rc = verdicts(c, err);
	tg_classes_free(c);
	return rc;
}

static int
in_memory(struct tg_err *err)
{
	return classes(1u << 16, err);
}

static int
on_disk(struct tg_err *err)
{
	return classes(400, err);
}

static int
prepare(struct tg_err *err TG_UNUSED)
{
	return 0;
}

int
main(void)
{
	static const struct tg_fault_row rows[] = {
	    {"classes in memory", in_memory},
	    {"classes on disk", on_disk},
	};

	return tg_fault_main(rows, TG_COUNT(rows), prepare);
}
