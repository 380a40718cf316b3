#include "base/json.h"

#include <jansson.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/fs.h"

#include "base/banned.h"

#define JSON_DEPTH 128		      /* of what is written */
#define JSON_EXACT (INT64_C(1) << 53) /* RFC 8785: below it is exact */

/* struct tg_json is a json_t under a name that does not need its header. */
static json_t *
in(struct tg_json *j)
{
	return (json_t *)j;
}

static const json_t *
in_const(const struct tg_json *j)
{
	return (const json_t *)j;
}

static struct tg_json *
ours(json_t *j)
{
	return (struct tg_json *)j;
}

struct tg_json *
tg_json_object(void)
{
	return ours(json_object());
}

struct tg_json *
tg_json_array(void)
{
	return ours(json_array());
}

/* A NUL would be refused when the document is read again. */
struct tg_json *
tg_json_str(struct tg_sv s)
{
	if (s.n == 0)
		return ours(json_string(""));
	if (memchr(s.p, '\0', s.n) != NULL)
		return NULL;
	return ours(json_stringn(s.p, s.n));
}

struct tg_json *
tg_json_int(int64_t v)
{
	return ours(json_integer(v));
}

struct tg_json *
tg_json_bool(bool v)
{
	return ours(json_boolean(v));
}

struct tg_json *
tg_json_null(void)
{
	return ours(json_null());
}

struct tg_json *
tg_json_ref(struct tg_json *j)
{
	return ours(json_incref(in(j)));
}

struct tg_json *
tg_json_copy(const struct tg_json *j)
{
	return j == NULL ? NULL : ours(json_deep_copy(in_const(j)));
}

void
tg_json_free(struct tg_json *j)
{
	json_decref(in(j));
}

int
tg_json_set(struct tg_json *obj, const char *key, struct tg_json *take_v)
{
	return json_object_set_new(in(obj), key, in(take_v)) == 0 ? 0 : -1;
}

int
tg_json_set_str(struct tg_json *obj, const char *key, const char *v)
{
	return tg_json_set(
	    obj, key, v == NULL ? NULL : tg_json_str(tg_sv_of(v)));
}

int
tg_json_set_sv(struct tg_json *obj, const char *key, struct tg_sv v)
{
	return tg_json_set(obj, key, tg_json_str(v));
}

int
tg_json_set_int(struct tg_json *obj, const char *key, int64_t v)
{
	return tg_json_set(obj, key, tg_json_int(v));
}

int
tg_json_set_bool(struct tg_json *obj, const char *key, bool v)
{
	return tg_json_set(obj, key, tg_json_bool(v));
}

int
tg_json_push(struct tg_json *arr, struct tg_json *take_v)
{
	return json_array_append_new(in(arr), in(take_v)) == 0 ? 0 : -1;
}

int
tg_json_push_str(struct tg_json *arr, const char *v)
{
	return tg_json_push(arr, v == NULL ? NULL : tg_json_str(tg_sv_of(v)));
}

struct tg_json *
tg_json_get(const struct tg_json *obj, const char *key)
{
	return ours(json_object_get(in_const(obj), key));
}

struct tg_json *
tg_json_at(const struct tg_json *arr, size_t i)
{
	return ours(json_array_get(in_const(arr), i));
}

size_t
tg_json_len(const struct tg_json *j)
{
	if (json_is_array(in_const(j)))
		return json_array_size(in_const(j));
	return json_object_size(in_const(j));
}

enum tg_json_kind
tg_json_kind(const struct tg_json *j)
{
	if (j == NULL)
		return TG_JSON_NULL;
	switch (json_typeof(in_const(j))) {
	case JSON_OBJECT:
		return TG_JSON_OBJECT;
	case JSON_ARRAY:
		return TG_JSON_ARRAY;
	case JSON_STRING:
		return TG_JSON_STR;
	case JSON_INTEGER:
		return TG_JSON_INT;
	case JSON_REAL:
		return TG_JSON_REAL;
	case JSON_TRUE:
	case JSON_FALSE:
		return TG_JSON_BOOL;
	case JSON_NULL:
		break;
	}
	return TG_JSON_NULL;
}

const char *
tg_json_key_first(struct tg_json *obj, void **iter)
{
	*iter = json_object_iter(in(obj));
	return *iter == NULL ? NULL : json_object_iter_key(*iter);
}

const char *
tg_json_key_next(struct tg_json *obj, void **iter)
{
	*iter = json_object_iter_next(in(obj), *iter);
	return *iter == NULL ? NULL : json_object_iter_key(*iter);
}

const char *
tg_json_get_str(const struct tg_json *obj, const char *key, const char *dflt)
{
	const char *s = json_string_value(in_const(tg_json_get(obj, key)));

	return s == NULL ? dflt : s;
}

int64_t
tg_json_get_int(const struct tg_json *obj, const char *key, int64_t dflt)
{
	const json_t *v = in_const(tg_json_get(obj, key));

	return json_is_integer(v) ? (int64_t)json_integer_value(v) : dflt;
}

bool
tg_json_get_bool(const struct tg_json *obj, const char *key, bool dflt)
{
	const json_t *v = in_const(tg_json_get(obj, key));

	return json_is_boolean(v) ? json_is_true(v) : dflt;
}

const char *
tg_json_text(const struct tg_json *j)
{
	const char *s = json_string_value(in_const(j));

	return s == NULL ? "" : s;
}

int64_t
tg_json_number(const struct tg_json *j)
{
	return (int64_t)json_integer_value(in_const(j));
}

/*
 * jansson calls a text that it had no memory for an invalid token.  Seen from
 * below it is told apart.
 */
static _Thread_local bool ran_out;
static pthread_once_t alloc_once = PTHREAD_ONCE_INIT;

static void *
watched_malloc(size_t n)
{
	void *p = malloc(n);

	if (p == NULL)
		ran_out = true;
	return p;
}

static void
watch_alloc(void)
{
	json_set_alloc_funcs(watched_malloc, free);
}

/* jansson's own texts quote the document; these do not. */
static const char *
error_text(enum json_error_code code)
{
	switch (code) {
	case json_error_stack_overflow:
		return "nested too deep";
	case json_error_invalid_utf8:
		return "not UTF-8";
	case json_error_premature_end_of_input:
		return "ends too early";
	case json_error_end_of_input_expected:
		return "something follows the end of the document";
	case json_error_null_byte_in_key:
	case json_error_null_character:
		return "NUL in a text is not allowed";
	case json_error_duplicate_key:
		return "the key stands twice in one object";
	case json_error_numeric_overflow:
		return "a number out of range";
	case json_error_unknown:
	case json_error_out_of_memory:
	case json_error_cannot_open_file:
	case json_error_invalid_argument:
	case json_error_invalid_syntax:
	case json_error_invalid_format:
	case json_error_wrong_type:
	case json_error_null_value:
	case json_error_item_not_found:
	case json_error_index_out_of_range:
		break;
	}
	return "not JSON";
}

int
tg_json_parse(struct tg_json **out, struct tg_sv text, const char *name,
    struct tg_err *err)
{
	json_error_t e;
	json_t *j;

	if (text.n > TG_JSON_MAX)
		return tg_fail(err, TG_E_CONFIG, "%s: larger than %u bytes",
		    name, TG_JSON_MAX);
	if (pthread_once(&alloc_once, watch_alloc) != 0)
		return tg_fail_memory(err);
	ran_out = false;
	j = json_loadb(text.n == 0 ? "" : text.p, text.n,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
	/* Also with a document: jansson leaves out bytes of a text that it has
	 * no memory for. */
	if (ran_out) {
		json_decref(j);
		return tg_fail_memory(err);
	}
	if (j == NULL)
		return tg_fail(err, TG_E_CONFIG, "%s:%d:%d: %s", name,
		    e.line > 0 ? e.line : 1, e.column > 0 ? e.column : 1,
		    error_text(json_error_code(&e)));
	*out = ours(j);
	return 0;
}

int
tg_json_load(struct tg_json **out, const char *path, struct tg_err *err)
{
	struct tg_buf text;
	int rc = -1;

	tg_buf_init(&text, TG_JSON_MAX);
	if (tg_fs_slurp(&text, path, NULL, err) < 0) {
		if (err != NULL && err->cls == TG_E_LIMIT)
			err->cls = TG_E_CONFIG;
		goto out;
	}
	rc = tg_json_parse(out, tg_buf_sv(&text), path, err);
out:
	tg_buf_deinit(&text);
	return rc;
}

/* Whether every number of @j is one that any JSON reader gives back. */
static int
check_exact(const json_t *j, int depth, struct tg_err *err)
{
	void *iter;

	if (depth > JSON_DEPTH)
		return tg_fail(err, TG_E_BUG, "document too deep to be signed");
	if (json_is_real(j))
		return tg_fail(
		    err, TG_E_BUG, "a real number in a canonical document");
	if (json_is_integer(j) &&
	    (json_integer_value(j) >= JSON_EXACT ||
		json_integer_value(j) <= -JSON_EXACT))
		return tg_fail(
		    err, TG_E_BUG, "an integer of 2^53 or more to be signed");
	for (size_t i = 0; i < json_array_size(j); i++)
		if (check_exact(json_array_get(j, i), depth + 1, err) < 0)
			return -1;
	if (!json_is_object(j))
		return 0;
	/* The iterator's functions want json_t *, but change nothing. */
	for (iter = json_object_iter((json_t *)(uintptr_t)j); iter != NULL;
	     iter = json_object_iter_next((json_t *)(uintptr_t)j, iter))
		if (check_exact(json_object_iter_value(iter), depth + 1, err) <
		    0)
			return -1;
	return 0;
}

struct sink {
	struct tg_buf *out;
	struct tg_err *err;
	bool full; /* the buffer refused, err says why */
};

static int
sink_add(const char *p, size_t n, void *data)
{
	struct sink *const s = data;

	if (tg_buf_add(s->out, p, n, s->err) == 0)
		return 0;
	s->full = true;
	return -1;
}

static int
dump(struct tg_buf *out, const struct tg_json *j, size_t flags,
    struct tg_err *err)
{
	struct sink s = {out, err, false};
	const size_t before = out->n;

	if (j == NULL)
		return tg_fail(err, TG_E_BUG, "no document to be written");
	if (json_dump_callback(in_const(j), sink_add, &s,
		flags | JSON_SORT_KEYS | JSON_ENCODE_ANY) == 0 &&
	    !s.full) { /* jansson passes over a key that was refused */
		if (tg_buf_addc(out, '\n', err) == 0)
			return 0;
	} else if (!s.full) { /* jansson's only other cause is memory */
		tg_fail_memory(err);
	}
	if (out->n > before) {
		out->n = before;
		out->p[before] = '\0';
	}
	return -1;
}

int
tg_json_canonical(
    struct tg_buf *out, const struct tg_json *j, struct tg_err *err)
{
	if (check_exact(in_const(j), 1, err) < 0)
		return -1;
	return dump(out, j, JSON_COMPACT | JSON_ENSURE_ASCII, err);
}

int
tg_json_pretty(struct tg_buf *out, const struct tg_json *j, struct tg_err *err)
{
	return dump(out, j, JSON_INDENT(2), err);
}
