/*
 * json.h - the jansson door, for configuration, manifests and small documents.
 * Never on the record path: it re-prints numbers and is slow (base/jscan.h is
 * for records).
 *
 * Setters take ownership of the value also on failure, accept a NULL value
 * (that is a failure: the constructor ran out of memory) and return 0 or -1,
 * so that a document is built with  bad |= tg_json_set(...)  and one check.
 */
#ifndef TG_BASE_JSON_H
#define TG_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"

struct tg_json; /* a json_t */

enum tg_json_kind {
	TG_JSON_NULL,
	TG_JSON_BOOL,
	TG_JSON_INT,
	TG_JSON_REAL,
	TG_JSON_STR,
	TG_JSON_ARRAY,
	TG_JSON_OBJECT
};

struct tg_json *tg_json_object(void);
struct tg_json *tg_json_array(void);
struct tg_json *tg_json_str(struct tg_sv s); /* NULL also if not UTF-8 */
struct tg_json *tg_json_int(int64_t v);
struct tg_json *tg_json_bool(bool v);
struct tg_json *tg_json_null(void);
/* tg_json_ref - one more owner of the same value; NULL stays NULL. */
struct tg_json *tg_json_ref(struct tg_json *j);
struct tg_json *tg_json_copy(const struct tg_json *j); /* deep */
void tg_json_free(struct tg_json *j); /* drops one owner; NULL is fine */

int tg_json_set(struct tg_json *obj, const char *key, struct tg_json *take_v);
int tg_json_set_str(struct tg_json *obj, const char *key, const char *v);
int tg_json_set_sv(struct tg_json *obj, const char *key, struct tg_sv v);
int tg_json_set_int(struct tg_json *obj, const char *key, int64_t v);
int tg_json_set_bool(struct tg_json *obj, const char *key, bool v);
int tg_json_push(struct tg_json *arr, struct tg_json *take_v);
int tg_json_push_str(struct tg_json *arr, const char *v);

/* Borrowed; NULL when absent or of another kind of container. */
struct tg_json *tg_json_get(const struct tg_json *obj, const char *key);
struct tg_json *tg_json_at(const struct tg_json *arr, size_t i);
size_t tg_json_len(const struct tg_json *j); /* array or object, else 0 */
enum tg_json_kind tg_json_kind(const struct tg_json *j);
/* Entry @i of an object in the order of its keys sorted bytewise is not
 * offered: iterate with these, insertion order. */
const char *tg_json_key_first(struct tg_json *obj, void **iter);
const char *tg_json_key_next(struct tg_json *obj, void **iter);

/* The member as text / number / flag; the default when absent or other. */
const char *
tg_json_get_str(const struct tg_json *obj, const char *key, const char *dflt);
int64_t
tg_json_get_int(const struct tg_json *obj, const char *key, int64_t dflt);
bool tg_json_get_bool(const struct tg_json *obj, const char *key, bool dflt);
/* The value itself as text ("" when no string) or number (0). */
const char *tg_json_text(const struct tg_json *j);
int64_t tg_json_number(const struct tg_json *j);

#define TG_JSON_MAX (16u << 20) /* bytes of a document */

/* Duplicate keys, trailing bytes and NULs are refused; TG_E_CONFIG
 * "name:line:col: ...". */
int tg_json_parse(struct tg_json **out, struct tg_sv text, const char *name,
    struct tg_err *err) TG_MUST_CHECK;
int tg_json_load(struct tg_json **out, const char *path, struct tg_err *err)
    TG_MUST_CHECK;

/*
 * tg_json_canonical - keys sorted, no spaces, ASCII only, final LF; integers
 * below 2^53 only.  For a document of printable ASCII it is also RFC 8785 form
 * apart from the LF (which writes other characters as they are, not as
 * \u00E9).  What is signed and hashed.  TG_E_BUG for a real number, an integer
 * of 2^53 or more in size, more than 128 levels; TG_E_LIMIT by @out's ceiling.
 * Nothing is added on failure.
 */
int tg_json_canonical(struct tg_buf *out, const struct tg_json *j,
    struct tg_err *err) TG_MUST_CHECK;
/* tg_json_pretty - two spaces, keys sorted, final LF; for people. */
int tg_json_pretty(struct tg_buf *out, const struct tg_json *j,
    struct tg_err *err) TG_MUST_CHECK;

#endif
