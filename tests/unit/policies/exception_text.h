/* exception_text.h - a record of an exception, as the tests change it. */
#ifndef TG_TESTS_UNIT_POLICIES_EXCEPTION_TEXT_H
#define TG_TESTS_UNIT_POLICIES_EXCEPTION_TEXT_H

#include <check.h>
#include <string.h>

#include "base/buf.h"

static const char exception_record[] =
    "schema: tracegate.exception/1\n"
    "id: EXC-1\n"
    "region: uk\n"
    "policy_path: /limits/max_tokens_per_trace\n"
    "inherited_value: 1000\n"
    "requested_value: 2000\n"
    "direction: looser\n"
    "scope: {project: nightly}\n"
    "justification: \"Long dialogues are what is studied.\"\n"
    "risk: \"More text of one person in a record.\"\n"
    "compensating_controls: [\"Rate halved\", \"Two readers\"]\n"
    "requested_by: r.asker\n"
    "valid_from: \"2026-11-20\"\n"
    "valid_until: \"2026-12-20\"\n"
    "review_note: \"Ends with the study.\"\n";

/* The text of @record in which @from became @to; NULL, NULL: as it is. */
static inline void
record_text(
    struct tg_buf *out, const char *record, const char *from, const char *to)
{
	const char *at = from == NULL ? NULL : strstr(record, from);

	tg_buf_reset(out);
	ck_assert_msg(from == NULL || at != NULL, "no '%s'", from);
	if (at == NULL) {
		ck_assert_int_eq(tg_buf_adds(out, record, NULL), 0);
		return;
	}
	ck_assert_int_eq(
	    tg_buf_add(out, record, (size_t)(at - record), NULL), 0);
	ck_assert_int_eq(tg_buf_adds(out, to, NULL), 0);
	ck_assert_int_eq(tg_buf_adds(out, at + strlen(from), NULL), 0);
}

/* The same of exception_record. */
static inline void
exception_text(struct tg_buf *out, const char *from, const char *to)
{
	record_text(out, exception_record, from, to);
}

#endif
