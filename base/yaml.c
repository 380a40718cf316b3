#include "base/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/enc.h"
#include "base/fs.h"

#include "base/banned.h"

#define YAML_NODES (1u << 18)	/* nodes of a document */
#define YAML_MEMORY (64u << 20) /* bytes for nodes and texts */

struct tg_yaml {
	struct tg_arena arena;
	const char *name;
	struct tg_sv text;
	struct tg_ynode *root;
};

/* A seq or map that is still open. */
struct frame {
	struct tg_ynode *node;
	struct tg_ynode *last; /* entry */
	struct tg_ynode *key;  /* of the value to come */
};

struct build {
	struct tg_yaml *y;
	struct frame open[TG_YAML_DEPTH];
	size_t depth;
	size_t nodes;
};

static int
fail_mark(const struct tg_yaml *y, yaml_mark_t at, struct tg_err *err,
    const char *what)
{
	return tg_fail(err, TG_E_CONFIG, "%s:%zu:%zu: %s", y->name, at.line + 1,
	    at.column + 1, what);
}

/* What an author most often meant, by libyaml's words. */
static const struct {
	const char *problem, *hint;
	bool from; /* tell where it begins */
} parser_hints[] = {
    {"found character that cannot start any token",
	"a text that begins with @, ` or % wants quotes; a line is indented "
	"with spaces, never with tabs",
	false},
    {"found a tab character that violates indentation",
	"indent with spaces, never with tabs", false},
    {"mapping values are not allowed in this context",
	"a text with ': ' in it wants quotes; a key is followed by a colon "
	"and a space and stands as far in as those beside it",
	false},
    {"could not find expected ':'", "a key is followed by a colon and a space",
	true},
    {"did not find expected ',' or ']'", "the list is not closed with ]", true},
    {"did not find expected ',' or '}'",
	"the map is not closed with }, or a text in it wants quotes", true},
    {"did not find expected key",
	"a key stands as far in as those beside it; a text with quotes in it "
	"is put in quotes whole",
	false},
    {"found unexpected end of stream", "a quote is not closed", true},
};

/* With the place where what is broken begins: libyaml finds the end of it. */
static int
hint_parser(const yaml_parser_t *parser, struct tg_err *err)
{
	const yaml_mark_t at = parser->context_mark;
	const bool begins =
	    parser->context != NULL && at.index < parser->problem_mark.index;

	for (size_t i = 0;
	     parser->problem != NULL && i < TG_COUNT(parser_hints); i++) {
		if (strcmp(parser->problem, parser_hints[i].problem) != 0)
			continue;
		if (begins && parser_hints[i].from)
			return tg_fail_hint(err, "%s (it begins at %zu:%zu)",
			    parser_hints[i].hint, at.line + 1, at.column + 1);
		return tg_fail_hint(err, "%s", parser_hints[i].hint);
	}
	return -1;
}

static int
fail_parser(
    const struct tg_yaml *y, const yaml_parser_t *parser, struct tg_err *err)
{
	/* libyaml's texts are constants: none repeats the document. */
	const char *what =
	    parser->problem == NULL ? "not YAML" : parser->problem;

	if (parser->error == YAML_MEMORY_ERROR)
		return tg_fail_memory(err);
	if (parser->error == YAML_READER_ERROR)
		return fail_mark(y, parser->mark, err, what);
	(void)fail_mark(y, parser->problem_mark, err, what);
	return hint_parser(parser, err);
}

static struct tg_ynode *
new_node(
    struct build *b, enum tg_ykind kind, yaml_mark_t at, struct tg_err *err)
{
	struct tg_ynode *node;

	if (b->nodes == YAML_NODES) {
		fail_mark(b->y, at, err, "more than 262144 entries");
		return NULL;
	}
	node = tg_arena_alloc(&b->y->arena, sizeof(*node));
	if (node == NULL) {
		tg_fail_memory(err);
		return NULL;
	}
	b->nodes++;
	node->kind = kind;
	node->line = (uint32_t)at.line + 1;
	node->col = (uint32_t)at.column + 1;
	return node;
}

/* Puts a whole or an opening node where it belongs: key, entry or root. */
static int
place(struct build *b, struct tg_ynode *node, struct tg_err *err)
{
	struct frame *f;

	if (b->depth == 0) {
		b->y->root = node;
		return 0;
	}
	f = &b->open[b->depth - 1];
	if (f->node->kind == TG_Y_MAP && f->key == NULL) {
		if (node->kind != TG_Y_SCALAR)
			return tg_yaml_fail(
			    b->y, node, err, "a key must be plain text");
		if (!node->quoted && tg_sv_is(node->text, "<<"))
			return tg_yaml_fail(
			    b->y, node, err, "merge keys (<<) are not allowed");
		f->key = node;
		return 0;
	}
	node->key = f->key;
	f->key = NULL;
	if (f->last == NULL)
		f->node->child = node;
	else
		f->last->next = node;
	f->last = node;
	f->node->n++;
	return 0;
}

static int
on_scalar(struct build *b, const yaml_event_t *ev, struct tg_err *err)
{
	const struct tg_sv value = {
	    (const char *)ev->data.scalar.value, ev->data.scalar.length};
	struct tg_ynode *node;

	if (ev->data.scalar.anchor != NULL)
		return fail_mark(
		    b->y, ev->start_mark, err, "anchors are not allowed");
	if (ev->data.scalar.tag != NULL)
		return fail_mark(
		    b->y, ev->start_mark, err, "tags are not allowed");
	if (value.n > 0 && memchr(value.p, '\0', value.n) != NULL)
		return fail_mark(
		    b->y, ev->start_mark, err, "NUL in a text is not allowed");
	node = new_node(b, TG_Y_SCALAR, ev->start_mark, err);
	if (node == NULL)
		return -1;
	node->quoted = ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
	node->text = tg_arena_sv(&b->y->arena, value);
	if (node->text.p == NULL)
		return tg_fail_memory(err);
	return place(b, node, err);
}

static int
on_open(struct build *b, enum tg_ykind kind, const yaml_event_t *ev,
    struct tg_err *err)
{
	const bool map = kind == TG_Y_MAP;
	const yaml_char_t *const anchor = map ? ev->data.mapping_start.anchor
					      : ev->data.sequence_start.anchor;
	const yaml_char_t *const tag =
	    map ? ev->data.mapping_start.tag : ev->data.sequence_start.tag;
	struct tg_ynode *node;

	if (anchor != NULL)
		return fail_mark(
		    b->y, ev->start_mark, err, "anchors are not allowed");
	if (tag != NULL)
		return fail_mark(
		    b->y, ev->start_mark, err, "tags are not allowed");
	if (b->depth == TG_YAML_DEPTH)
		return fail_mark(
		    b->y, ev->start_mark, err, "more than 24 levels deep");
	node = new_node(b, kind, ev->start_mark, err);
	if (node == NULL || place(b, node, err) < 0)
		return -1;
	b->open[b->depth++] = (struct frame){node, NULL, NULL};
	return 0;
}

static int
key_cmp(const void *a, const void *b)
{
	const struct tg_ynode *const *const x = a;
	const struct tg_ynode *const *const y = b;
	const int c = tg_sv_cmp((*x)->text, (*y)->text);

	if (c != 0)
		return c;
	if ((*x)->line != (*y)->line)
		return (*x)->line < (*y)->line ? -1 : 1;
	return (*x)->col < (*y)->col ? -1 : (*x)->col > (*y)->col;
}

/* Sorted, not each with each: a map of 100,000 keys stays quick. */
static int
check_keys(struct build *b, const struct tg_ynode *map, struct tg_err *err)
{
	const struct tg_ynode *twice = NULL, *first = NULL, **keys;
	size_t n = 0;

	if (map->n < 2)
		return 0;
	keys = reallocarray(NULL, map->n, sizeof(*keys));
	if (keys == NULL)
		return tg_fail_memory(err);
	for (const struct tg_ynode *e = map->child; e != NULL; e = e->next)
		keys[n++] = e->key;
	qsort(keys, n, sizeof(*keys), key_cmp);
	for (size_t i = 1; i < n; i++) {
		if (!tg_sv_eq(keys[i - 1]->text, keys[i]->text))
			continue;
		if (twice == NULL || keys[i]->line < twice->line ||
		    (keys[i]->line == twice->line &&
			keys[i]->col < twice->col)) {
			twice = keys[i];
			first = keys[i - 1];
		}
	}
	free(keys);
	if (twice == NULL)
		return 0;
	return tg_yaml_fail(b->y, twice, err,
	    "the key stands twice, first in line %u", first->line);
}

static int
on_close(struct build *b, struct tg_err *err)
{
	const struct tg_ynode *const node = b->open[--b->depth].node;

	return node->kind == TG_Y_MAP ? check_keys(b, node, err) : 0;
}

static int
on_document(struct build *b, const yaml_event_t *ev, size_t documents,
    struct tg_err *err)
{
	if (documents > 0)
		return fail_mark(b->y, ev->start_mark, err,
		    "a second document is not allowed");
	if (ev->data.document_start.version_directive != NULL ||
	    ev->data.document_start.tag_directives.start !=
		ev->data.document_start.tag_directives.end)
		return fail_mark(
		    b->y, ev->start_mark, err, "directives are not allowed");
	return 0;
}

static int
on_event(struct build *b, const yaml_event_t *ev, size_t *documents,
    struct tg_err *err)
{
	switch (ev->type) {
	case YAML_DOCUMENT_START_EVENT:
		return on_document(b, ev, (*documents)++, err);
	case YAML_ALIAS_EVENT:
		(void)fail_mark(
		    b->y, ev->start_mark, err, "aliases are not allowed");
		return tg_fail_hint(
		    err, "a text that begins with * wants quotes");
	case YAML_SCALAR_EVENT:
		return on_scalar(b, ev, err);
	case YAML_SEQUENCE_START_EVENT:
		return on_open(b, TG_Y_SEQ, ev, err);
	case YAML_MAPPING_START_EVENT:
		return on_open(b, TG_Y_MAP, ev, err);
	case YAML_SEQUENCE_END_EVENT:
	case YAML_MAPPING_END_EVENT:
		return on_close(b, err);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_STREAM_END_EVENT:
	case YAML_DOCUMENT_END_EVENT:
		break;
	}
	return 0;
}

static int
parse_events(struct build *b, yaml_parser_t *parser, struct tg_err *err)
{
	size_t documents = 0;
	bool more = true;

	while (more) {
		yaml_event_t ev;
		int rc;

		if (!yaml_parser_parse(parser, &ev))
			return fail_parser(b->y, parser, err);
		more = ev.type != YAML_STREAM_END_EVENT &&
		    ev.type != YAML_NO_EVENT;
		rc = on_event(b, &ev, &documents, err);
		yaml_event_delete(&ev);
		if (rc < 0)
			return -1;
	}
	return 0;
}

/* What libyaml would read as something else: other encodings, an early end. */
static int
check_bytes(const struct tg_yaml *y, struct tg_err *err)
{
	const struct tg_sv s = y->text;
	const char *const nul = s.n == 0 ? NULL : memchr(s.p, '\0', s.n);
	const size_t valid = tg_utf8_valid(s);
	const size_t good = nul == NULL || (size_t)(nul - s.p) > valid
	    ? valid
	    : (size_t)(nul - s.p);
	yaml_mark_t at = {0, 0, 0};

	if (good == s.n)
		return 0;
	for (size_t i = 0; i < good; i++) {
		if (s.p[i] == '\n') {
			at.line++;
			at.column = 0;
		} else if ((s.p[i] & 0xC0) != 0x80) {
			at.column++;
		}
	}
	return fail_mark(
	    y, at, err, good == valid ? "not UTF-8" : "a NUL byte");
}

static int
parse(struct tg_yaml *y, struct tg_err *err)
{
	const struct tg_sv bom = TG_SV("\xEF\xBB\xBF");
	const size_t skip = tg_sv_starts(y->text, bom) ? bom.n : 0;
	struct build b = {.y = y};
	const struct tg_ynode *root;
	yaml_parser_t parser;
	int rc;

	if (check_bytes(y, err) < 0)
		return -1;
	if (!yaml_parser_initialize(&parser)) {
		yaml_parser_delete(&parser);
		return tg_fail_memory(err);
	}
	yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(
	    &parser, (const unsigned char *)y->text.p + skip, y->text.n - skip);
	rc = parse_events(&b, &parser, err);
	yaml_parser_delete(&parser);
	root = y->root; /* "---" alone is an empty text */
	if (root != NULL && root->kind == TG_Y_SCALAR && !root->quoted &&
	    root->text.n == 0)
		y->root = NULL;
	return rc;
}

int
tg_yaml_parse(struct tg_yaml **out, struct tg_sv text, const char *name,
    struct tg_err *err)
{
	struct tg_yaml *y;

	if (text.n > TG_YAML_MAX)
		return tg_fail(err, TG_E_CONFIG, "%s:1:1: larger than %u bytes",
		    name, TG_YAML_MAX);
	y = calloc(1, sizeof(*y));
	if (y == NULL)
		return tg_fail_memory(err);
	tg_arena_init(&y->arena, YAML_MEMORY);
	y->name = tg_arena_str(&y->arena, tg_sv_of(name));
	y->text = tg_arena_sv(&y->arena, text);
	if (y->name == NULL || y->text.p == NULL) {
		tg_fail_memory(err);
		goto bad;
	}
	if (parse(y, err) < 0)
		goto bad;
	*out = y;
	return 0;
bad:
	tg_yaml_free(y);
	return -1;
}

int
tg_yaml_load(struct tg_yaml **out, const char *path, struct tg_err *err)
{
	struct tg_buf text;
	int rc = -1;

	tg_buf_init(&text, TG_YAML_MAX);
	if (tg_fs_slurp(&text, path, NULL, err) < 0) {
		if (err != NULL && err->cls == TG_E_LIMIT)
			tg_fail(err, TG_E_CONFIG,
			    "%s:1:1: larger than %u bytes", path, TG_YAML_MAX);
		goto out;
	}
	rc = tg_yaml_parse(out, tg_buf_sv(&text), path, err);
out:
	tg_buf_deinit(&text);
	return rc;
}

void
tg_yaml_free(struct tg_yaml *y)
{
	if (y == NULL)
		return;
	tg_arena_deinit(&y->arena);
	free(y);
}

const struct tg_ynode *
tg_yaml_root(const struct tg_yaml *y)
{
	return y->root;
}

const char *
tg_yaml_name(const struct tg_yaml *y)
{
	return y->name;
}

struct tg_sv
tg_yaml_text(const struct tg_yaml *y)
{
	return y->text;
}

const struct tg_ynode *
tg_ynode_get(const struct tg_ynode *map, const char *key)
{
	if (map == NULL || map->kind != TG_Y_MAP)
		return NULL;
	for (const struct tg_ynode *e = map->child; e != NULL; e = e->next)
		if (tg_sv_is(e->key->text, key))
			return e;
	return NULL;
}

int
tg_yaml_fail(const struct tg_yaml *y, const struct tg_ynode *at,
    struct tg_err *err, const char *fmt, ...)
{
	char text[TG_ERR_TEXT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (at == NULL)
		return tg_fail(err, TG_E_CONFIG, "%s: %s", y->name, text);
	return tg_fail(
	    err, TG_E_CONFIG, "%s:%u:%u: %s", y->name, at->line, at->col, text);
}
