#include "pipeline/beside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pipeline/sources/reader.h"
#include "base/banned.h"

#define ARENA_MAX (64u << 20) /* bytes of the texts of one context */
#define PATH_LEN 4096

static const char *const lists[] = {
    "tokens", "prompt_tokens", "str_tokens", "token_strings", "tokenStrings"};
static const char *const texts[] = {
    "text", "prompt", "input", "content", "messages"};
static const char *const strings[] = {"token", "text", "str"};

struct tg_beside {
	struct tg_reader *reader;
	struct tg_jdoc doc;
	struct tg_arena arena;
	struct tg_buf text; /* all strings of a context but its tokens */
	uint32_t at;	    /* the next element of the document's array, or 0 */
	uint64_t no;
};

static bool
regular(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

/* NAME.jsonl or NAME.json into @out; false when there is neither. */
static bool
find(char out[PATH_LEN], const char *path)
{
	static const char *const tails[] = {".jsonl", ".json"};
	const char *dot = strrchr(path, '.');
	const char *slash = strrchr(path, '/');
	const size_t n = dot == NULL || (slash != NULL && dot < slash)
	    ? strlen(path)
	    : (size_t)(dot - path);

	for (size_t i = 0; i < TG_COUNT(tails); i++) {
		const int len =
		    snprintf(out, PATH_LEN, "%.*s%s", (int)n, path, tails[i]);

		if (n < PATH_LEN && len > 0 && len < PATH_LEN && regular(out))
			return true;
	}
	return false;
}

int
tg_beside_open(struct tg_beside **out, const char *named, const char *path,
    struct tg_err *err)
{
	struct tg_reader_limits limits = {.frame = TG_FRAME_AUTO};
	char found[PATH_LEN];
	struct tg_beside *b;
	size_t n;

	*out = NULL;
	if (named == NULL && !find(found, path))
		return 0;
	if (named == NULL)
		named = found;
	n = strlen(named);
	if (n >= 6 && strcmp(named + n - 6, ".jsonl") == 0)
		limits.frame = TG_FRAME_LINES; /* also arrays, a line each */
	b = calloc(1, sizeof(*b));
	if (b == NULL)
		return tg_fail_memory(err);
	tg_jdoc_init(&b->doc);
	tg_arena_init(&b->arena, ARENA_MAX);
	tg_buf_init(&b->text, ARENA_MAX);
	if (tg_reader_open(&b->reader, named, &limits, err) < 0) {
		tg_beside_free(b);
		return -1;
	}
	*out = b;
	return 0;
}

void
tg_beside_free(struct tg_beside *b)
{
	if (b == NULL)
		return;
	tg_reader_free(b->reader);
	tg_jdoc_deinit(&b->doc);
	tg_arena_deinit(&b->arena);
	tg_buf_deinit(&b->text);
	free(b);
}

static int
decode(struct tg_beside *b, struct tg_trace_text *out, uint32_t i,
    struct tg_err *err)
{
	struct tg_jtext t;

	if (tg_jtext_decode(&t, tg_jdoc_str(&b->doc, i), b->doc.nodes[i].esc,
		&b->arena, err) < 0)
		return -1;
	*out = t.text;
	return 0;
}

/* The string of a token, or UINT32_MAX. */
static uint32_t
string_of(const struct tg_jdoc *d, uint32_t i)
{
	if (d->nodes[i].kind == TG_J_STRING)
		return i;
	for (size_t k = 0;
	     d->nodes[i].kind == TG_J_OBJECT && k < TG_COUNT(strings); k++) {
		const uint32_t s = tg_jdoc_find(d, i, strings[k]);

		if (s != UINT32_MAX && d->nodes[s].kind == TG_J_STRING)
			return s;
	}
	return UINT32_MAX;
}

static int
odd(const struct tg_beside *b, const char *what, struct tg_err *err)
{
	return tg_fail(err, TG_E_INPUT, "the texts beside it: context %llu: %s",
	    (unsigned long long)b->no, what);
}

static int
tokens(struct tg_beside *b, struct tg_beside_row *row, uint32_t i,
    struct tg_err *err)
{
	const struct tg_jdoc *d = &b->doc;
	struct tg_trace_text *t =
	    tg_arena_calloc(&b->arena, (size_t)d->nodes[i].n + 1, sizeof(*t));

	if (t == NULL)
		return tg_fail_memory(err);
	row->token = t;
	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next) {
		const uint32_t s = string_of(d, c);

		if (s == UINT32_MAX)
			return odd(b, "a token that is no string", err);
		if (decode(b, &t[row->n_token], s, err) < 0)
			return -1;
		tg_spell_learn(&row->traits, t[row->n_token++]);
	}
	return 0;
}

/* The child of object @i under the first of @names, or UINT32_MAX. */
static uint32_t
under(const struct tg_jdoc *d, uint32_t i, const char *const *names, size_t n)
{
	for (size_t k = 0; k < n; k++) {
		const uint32_t c = tg_jdoc_find(d, i, names[k]);

		if (c != UINT32_MAX)
			return c;
	}
	return UINT32_MAX;
}

/* Every string below @i but those below @list, a line each: the answer beside
 * the prompt was read by the model too. */
static int
all_strings(struct tg_beside *b, uint32_t i, uint32_t list, struct tg_err *err)
{
	const struct tg_jdoc *d = &b->doc;

	tg_buf_reset(&b->text);
	for (uint32_t c = i; c < d->nodes[i].next; c++) {
		struct tg_trace_text t;

		if (c == list) {
			c = d->nodes[c].next - 1;
			continue;
		}
		if (d->nodes[c].kind != TG_J_STRING)
			continue;
		if (decode(b, &t, c, err) < 0 ||
		    (b->text.n > 0 && tg_buf_addc(&b->text, '\n', err) < 0) ||
		    tg_buf_add(&b->text, t.bytes, t.n, err) < 0)
			return -1;
	}
	return 0;
}

static int
understand(struct tg_beside *b, struct tg_beside_row *row, uint32_t i,
    struct tg_err *err)
{
	const struct tg_jdoc *d = &b->doc;
	uint32_t list = UINT32_MAX, text = UINT32_MAX;

	if (d->nodes[i].kind == TG_J_ARRAY)
		list = i;
	else if (d->nodes[i].kind == TG_J_STRING)
		text = i;
	else if (d->nodes[i].kind == TG_J_OBJECT) {
		list = under(d, i, lists, TG_COUNT(lists));
		text = under(d, i, texts, TG_COUNT(texts));
	}
	if (list != UINT32_MAX && d->nodes[list].kind != TG_J_ARRAY)
		return odd(b, "tokens that are no array", err);
	if (list == UINT32_MAX && text == UINT32_MAX)
		return odd(b, "neither tokens nor a text", err);
	if (all_strings(b, i, list, err) < 0)
		return -1;
	if (b->text.n > 0)
		row->text = (struct tg_trace_text){b->text.p, b->text.n};
	return list == UINT32_MAX ? 0 : tokens(b, row, list, err);
}

/* The next value: an element of the array at hand, or a record. 1, 0, -1. */
static int
value(struct tg_beside *b, uint32_t *i, struct tg_err *err)
{
	const bool document =
	    tg_reader_info(b->reader)->frame == TG_FRAME_DOCUMENT;
	struct tg_reader_rec rec;
	size_t at;
	int more;

	if (b->at != 0 && b->at >= b->doc.nodes[0].next)
		return 0;
	if (b->at == 0) {
		more = tg_reader_next(b->reader, &rec, err);
		if (more <= 0)
			return more;
		if (rec.oversized || rec.cut)
			return odd(b, "longer than a record, or cut", err);
		if (tg_jscan(&b->doc, rec.text, &at, err) < 0)
			return -1;
		*i = 0;
		if (!document || b->doc.nodes[0].kind != TG_J_ARRAY)
			return 1;
		b->at = 1;
		if (b->doc.nodes[0].n == 0)
			return 0;
	}
	*i = b->at;
	b->at = b->doc.nodes[b->at].next;
	return 1;
}

int
tg_beside_next(
    struct tg_beside *b, struct tg_beside_row *row, struct tg_err *err)
{
	uint32_t i = 0;
	int more;

	b->no++;
	more = value(b, &i, err);
	*row = (struct tg_beside_row){.text = {"", 0}};
	if (more <= 0)
		return more;
	tg_arena_reset(&b->arena);
	return understand(b, row, i, err) < 0 ? -1 : 1;
}

int
tg_beside_spell(struct tg_buf *out, uint32_t *off,
    const struct tg_beside_row *row, enum tg_spelling how, struct tg_err *err)
{
	tg_buf_reset(out);
	off[0] = 0;
	for (uint32_t k = 0; k < row->n_token; k++) {
		if (tg_spell(out, row->token[k], how, err) < 0)
			return -1;
		off[k + 1] = (uint32_t)out->n;
	}
	tg_spell_mend(out, 0);
	return 0;
}

int
tg_beside_digest(
    struct tg_beside *b, uint8_t out[TG_SHA256_LEN], struct tg_err *err)
{
	uint64_t bytes;

	return tg_reader_digest(b->reader, out, &bytes, err);
}
