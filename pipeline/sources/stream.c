#include "pipeline/sources/stream.h"

#include <string.h>

#include "base/attr.h"
#include "base/banned.h"

/* What an object says of itself by its keys. */
enum {
	SAYS_DELTA = 1u << 0,	  /* a text or an object */
	SAYS_PART = 1u << 1,	  /* the kind of an event of a stream */
	SAYS_TEXT = 1u << 2,	  /* what a choice says */
	SAYS_ANSWER = 1u << 3,	  /* what a model said, at length */
	SAYS_CONTENT = 1u << 4,	  /* "content" */
	SAYS_MESSAGE = 1u << 5,	  /* "message" or "response" */
	SAYS_ON = 1u << 6,	  /* no reason to stop: null */
	SAYS_STOPPED = 1u << 7,	  /* a reason to stop */
	SAYS_NOT_DONE = 1u << 8,  /* "done": false */
	SAYS_DONE = 1u << 9,	  /* "done": true */
	SAYS_NOT_STOP = 1u << 10, /* "stop": false */
	SAYS_STOP = 1u << 11,	  /* "stop": true */
	SAYS_CREATED = 1u << 12,
	SAYS_TOKEN = 1u << 13,
	SAYS_UNWRITTEN = 1u << 14, /* "generated_text": null */
	SAYS_ASKED = 1u << 15,	   /* what was asked stands beside it */
	SAYS_KIND = 1u << 16,	   /* what kind of object it is */
	SAYS_NAMED = 1u << 17	   /* "key": a KeyValue of OTLP */
};

#define STRING (1u << TG_J_STRING)
#define OBJECT (1u << TG_J_OBJECT)
#define ARRAY (1u << TG_J_ARRAY)
#define TRUE_ (1u << TG_J_TRUE)
#define FALSE_ (1u << TG_J_FALSE)
#define NULL_ (1u << TG_J_NULL)

struct row {
	const char *key;
	size_t n;
	unsigned kinds; /* of the value */
	unsigned says;
};

#define ROW(key, kinds, says)                     \
	{                                         \
		key, sizeof(key) - 1, kinds, says \
	}

static const struct row rows[] = {
    ROW("key", STRING, SAYS_NAMED),
    ROW("stop", FALSE_, SAYS_NOT_STOP),
    ROW("stop", TRUE_, SAYS_STOP),
    ROW("done", FALSE_, SAYS_NOT_DONE),
    ROW("done", TRUE_, SAYS_DONE),
    ROW("text", STRING, SAYS_TEXT),
    ROW("type", STRING, SAYS_KIND),
    ROW("event", STRING, SAYS_KIND),
    ROW("object", STRING, SAYS_KIND),
    ROW("eventType", STRING, SAYS_KIND),
    ROW("event_type", STRING, SAYS_KIND),
    ROW("delta", STRING | OBJECT, SAYS_DELTA),
    ROW("token", OBJECT, SAYS_TOKEN),
    ROW("input", STRING | ARRAY | OBJECT, SAYS_ASKED),
    ROW("prompt", STRING | ARRAY, SAYS_ASKED),
    ROW("content", STRING | OBJECT, SAYS_CONTENT),
    ROW("message", OBJECT, SAYS_MESSAGE),
    ROW("response", STRING, SAYS_MESSAGE),
    ROW("messages", ARRAY, SAYS_ASKED),
    ROW("textDelta", STRING, SAYS_DELTA),
    ROW("completion", STRING, SAYS_ANSWER),
    ROW("generation", STRING, SAYS_ANSWER),
    ROW("outputText", STRING, SAYS_ANSWER),
    ROW("created_at", STRING, SAYS_CREATED),
    ROW("instruction", STRING, SAYS_ASKED),
    ROW("stop_reason", NULL_, SAYS_ON),
    ROW("stop_reason", STRING, SAYS_STOPPED),
    ROW("finish_reason", NULL_, SAYS_ON),
    ROW("finish_reason", STRING, SAYS_STOPPED),
    ROW("finishReason", NULL_, SAYS_ON),
    ROW("finishReason", STRING, SAYS_STOPPED),
    ROW("generated_text", NULL_, SAYS_UNWRITTEN),
    ROW("completionReason", NULL_, SAYS_ON),
    ROW("completionReason", STRING, SAYS_STOPPED),
    ROW("contentBlockDelta", OBJECT, SAYS_DELTA),
};

/* The kinds that are parts of a stream and do not end in "delta": OpenAI,
 * Anthropic, LangChain, Cohere. */
static const char *const parts[] = {"chat.completion.chunk",
    "content_block_start", "AIMessageChunk", "on_chat_model_stream",
    "on_llm_stream", "text-generation"};

/* response.output_text.delta, text-delta, content_block_delta; delta alone. */
static bool
ends_in_delta(struct tg_sv s)
{
	if (s.n < 5 || memcmp(s.p + s.n - 5, "delta", 5) != 0)
		return false;
	return s.n == 5 || strchr("._-", s.p[s.n - 6]) != NULL;
}

static bool
names_part(const struct tg_jdoc *d, uint32_t i)
{
	const struct tg_sv kind = tg_jdoc_str(d, i);

	for (size_t k = 0; k < TG_COUNT(parts); k++)
		if (tg_sv_is(kind, parts[k]))
			return true;
	return ends_in_delta(kind);
}

bool
tg_stream_event(struct tg_sv name)
{
	const struct tg_sv chunk = TG_SV("chunk");

	return ends_in_delta(name) ||
	    (name.n > chunk.n &&
		memcmp(name.p + name.n - chunk.n, chunk.p, chunk.n) == 0);
}

/* What member @i says of its object. */
static unsigned
says(const struct tg_jdoc *d, uint32_t i)
{
	const unsigned kind = 1u << d->nodes[i].kind;
	const bool esc = d->nodes[i].key_esc;
	const size_t n = tg_jdoc_key(d, i).n;

	for (size_t k = 0; k < TG_COUNT(rows); k++)
		if ((rows[k].n == n || esc) && (rows[k].kinds & kind) &&
		    tg_jdoc_key_is(d, i, rows[k].key))
			return rows[k].says != SAYS_KIND ? rows[k].says
			    : names_part(d, i)		 ? SAYS_PART
							 : 0;
	return 0;
}

/* The "value" of a KeyValue is a text or an object (AnyValue, proto3 JSON). */
static bool
any_value(const struct tg_jdoc *d, uint32_t i)
{
	const uint32_t v = tg_jdoc_find(d, i, "value");

	return v != UINT32_MAX && d->nodes[v].kind == TG_J_OBJECT &&
	    (tg_jdoc_find(d, v, "stringValue") != UINT32_MAX ||
		tg_jdoc_find(d, v, "kvlistValue") != UINT32_MAX);
}

/* What KeyValue @i says of the object it is a member of. */
static unsigned
says_named(const struct tg_jdoc *d, uint32_t i)
{
	const struct tg_sv name = tg_jdoc_str(d, tg_jdoc_find(d, i, "key"));

	return (tg_sv_is(name, "delta") || tg_sv_is(name, "textDelta") ||
		   tg_sv_is(name, "contentBlockDelta")) &&
		any_value(d, i)
	    ? SAYS_DELTA
	    : 0;
}

static bool
in_array(const struct tg_jdoc *d, uint32_t i, const char *name)
{
	const uint32_t list = d->nodes[i].parent;

	return list != UINT32_MAX && d->nodes[list].kind == TG_J_ARRAY &&
	    d->nodes[list].key_end != 0 && tg_jdoc_key_is(d, list, name);
}

enum piece {
	NO_PIECE,
	LAST_MAYBE, /* a whole answer, or the last piece of one */
	PIECE,
	PIECE_ON /* and says that it goes on */
};

/* The first that is true of an object tells what it is. */
struct rule {
	unsigned all;	/* SAYS_... it says, */
	unsigned any;	/* one of these too when not 0, */
	unsigned none;	/* none of these, */
	const char *in; /* as an element of this array when not NULL */
	enum piece is;
};

static const struct rule rules[] = {
    {0, SAYS_DELTA | SAYS_PART, 0, NULL, PIECE},
    {SAYS_TOKEN | SAYS_UNWRITTEN, 0, 0, NULL, PIECE_ON},
    {SAYS_MESSAGE | SAYS_CREATED | SAYS_NOT_DONE, 0, 0, NULL, PIECE_ON},
    {SAYS_MESSAGE | SAYS_CREATED | SAYS_DONE, 0, 0, NULL, LAST_MAYBE},
    {SAYS_CONTENT | SAYS_NOT_STOP, 0, 0, NULL, PIECE_ON},
    {SAYS_CONTENT | SAYS_STOP, 0, 0, NULL, LAST_MAYBE},
    {SAYS_CONTENT | SAYS_STOPPED, 0, 0, "candidates", LAST_MAYBE},
    {SAYS_CONTENT, 0, 0, "candidates", PIECE_ON},
    {SAYS_ANSWER | SAYS_ON, 0, SAYS_ASKED, NULL, PIECE_ON},
    {SAYS_ANSWER | SAYS_STOPPED, 0, SAYS_ASKED, NULL, LAST_MAYBE},
    {SAYS_TEXT | SAYS_ON, 0, SAYS_ASKED, "choices", PIECE_ON},
    {SAYS_TEXT | SAYS_STOPPED, 0, SAYS_ASKED, "choices", LAST_MAYBE},
};

static enum piece
piece(const struct tg_jdoc *d, uint32_t i)
{
	unsigned s = 0;

	for (uint32_t c = i + 1; c < d->nodes[i].next; c = d->nodes[c].next)
		s |= says(d, c);
	if (s & SAYS_NAMED)
		s |= says_named(d, i);
	for (size_t k = 0; k < TG_COUNT(rules) && s != 0; k++)
		if ((s & rules[k].all) == rules[k].all &&
		    (rules[k].any == 0 || (s & rules[k].any)) &&
		    !(s & rules[k].none) &&
		    (rules[k].in == NULL || in_array(d, i, rules[k].in)))
			return rules[k].is;
	return NO_PIECE;
}

/* Whether piece @i says that it goes on: the last reason to stop in it is
 * null. */
static bool
goes_on(const struct tg_jdoc *d, uint32_t i)
{
	bool on = false;

	for (uint32_t c = i + 1; c < d->nodes[i].next; c++) {
		const unsigned s = d->nodes[c].key_end == 0 ? 0 : says(d, c);

		if (s & (SAYS_ON | SAYS_STOPPED))
			on = (s & SAYS_ON) != 0;
	}
	return on;
}

bool
tg_stream_in_pieces(const struct tg_jdoc *d, uint32_t root, bool open)
{
	const uint32_t end = d->n == 0 ? 0 : d->nodes[root].next;
	bool on = false;
	unsigned n = 0;
	uint32_t i = root;

	while (i < end) {
		const enum piece p =
		    d->nodes[i].kind == TG_J_OBJECT ? piece(d, i) : NO_PIECE;

		if (p == NO_PIECE || (p == LAST_MAYBE && !open)) {
			i++;
			continue;
		}
		on = p == PIECE_ON || goes_on(d, i);
		n++;
		i = d->nodes[i].next; /* a delta in its event is the same */
	}
	return n == 1 || (n > 1 && (open || on));
}
