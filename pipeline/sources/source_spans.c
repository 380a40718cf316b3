/*
 * Spans as the libraries print and keep them, not as OTLP: a map of attributes
 * alone ({"llm.input_messages.0.message.content": …}: OpenInference,
 * OpenLLMetry, Vercel AI SDK, GenAI of three generations), and the span objects
 * of the OpenTelemetry SDKs and Phoenix, whose "attributes" are such a map,
 * flat or a tree.  Attributes go by the allow-list of OTLP, one name for the
 * path of a tree.
 *
 * And Langfuse: observations and traces as its exports have them, by a map of
 * keys.
 */
#include <stdio.h>
#include <string.h>

#include "base/env.h"
#include "pipeline/sources/shape.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

enum {
	K_SPAN = 1,
	K_CONTEXT,
	K_STATUS,
	K_EVENT,
	K_RESOURCE,
	K_SCOPE,
	K_MAP,
	K_LANGFUSE,
	K_SCORE
};

#define NAME_MAX_BYTES 256 /* of an attribute */
#define DEPTH_MAX 12	   /* of a tree of attributes */

#define FRAME TG_CLS_FRAME, 0, TG_FIELD_none
#define KEEP TG_CLS_KEEP, 0, TG_FIELD_none
#define CONTENT TG_CLS_CONTENT, 0, TG_FIELD_none
#define IN(kind) TG_CLS_FRAME, kind, TG_FIELD_none
#define ID(field) TG_CLS_ID, 0, TG_FIELD_##field
#define TIME TG_CLS_TIME, 0, TG_FIELD_timestamp

static const struct tg_shape_row rows[] = {
    {K_SPAN, "name", KEEP},
    {K_SPAN, "type", KEEP},
    {K_SPAN, "kind", KEEP},
    {K_SPAN, "span_kind", KEEP},
    {K_SPAN, "spanKind", KEEP},
    {K_SPAN, "context", IN(K_CONTEXT)},
    {K_SPAN, "spanContext", IN(K_CONTEXT)},
    {K_SPAN, "traceId", ID(trace_id)},
    {K_SPAN, "spanId", ID(trace_id)},
    {K_SPAN, "id", ID(trace_id)},
    {K_SPAN, "parentId", ID(trace_id)},
    {K_SPAN, "parent_id", ID(trace_id)},
    {K_SPAN, "parentSpanId", ID(trace_id)},
    {K_SPAN, "start_time", TIME},
    {K_SPAN, "end_time", TIME},
    {K_SPAN, "startTime", TIME},
    {K_SPAN, "endTime", TIME},
    {K_SPAN, "timestamp", TIME},
    {K_SPAN, "duration", FRAME},
    {K_SPAN, "status", IN(K_STATUS)},
    {K_SPAN, "status_code", KEEP},
    {K_SPAN, "status_message", CONTENT},
    {K_SPAN, "attributes", IN(K_MAP)},
    {K_SPAN, "events", IN(K_EVENT)},
    {K_SPAN, "resource", IN(K_RESOURCE)},
    {K_SPAN, "instrumentationScope", IN(K_SCOPE)},
    {K_CONTEXT, "trace_id", ID(trace_id)},
    {K_CONTEXT, "span_id", ID(trace_id)},
    {K_CONTEXT, "traceId", ID(trace_id)},
    {K_CONTEXT, "spanId", ID(trace_id)},
    {K_STATUS, "code", KEEP},
    {K_STATUS, "status_code", KEEP},
    {K_STATUS, "message", CONTENT},
    {K_STATUS, "description", CONTENT},
    {K_EVENT, "name", KEEP},
    {K_EVENT, "timestamp", TIME},
    {K_EVENT, "time", TIME},
    {K_EVENT, "attributes", IN(K_MAP)},
    {K_RESOURCE, "attributes", IN(K_MAP)},
    {K_SCOPE, "name", KEEP},
    {K_SCOPE, "version", KEEP},
    /* Langfuse: snake_case in exports to a bucket, camelCase in its API. */
    {K_LANGFUSE, "id", ID(trace_id)},
    {K_LANGFUSE, "trace_id", ID(trace_id)},
    {K_LANGFUSE, "traceId", ID(trace_id)},
    {K_LANGFUSE, "parent_observation_id", ID(trace_id)},
    {K_LANGFUSE, "parentObservationId", ID(trace_id)},
    {K_LANGFUSE, "user_id", ID(user_id)},
    {K_LANGFUSE, "userId", ID(user_id)},
    {K_LANGFUSE, "session_id", ID(session_id)},
    {K_LANGFUSE, "sessionId", ID(session_id)},
    {K_LANGFUSE, "type", KEEP},
    {K_LANGFUSE, "name", KEEP},
    {K_LANGFUSE, "trace_name", KEEP},
    {K_LANGFUSE, "level", KEEP},
    {K_LANGFUSE, "environment", KEEP},
    {K_LANGFUSE, "version", KEEP},
    {K_LANGFUSE, "release", KEEP},
    {K_LANGFUSE, "model", KEEP},
    {K_LANGFUSE, "provided_model_name", KEEP},
    {K_LANGFUSE, "latency", FRAME},
    {K_LANGFUSE, "timestamp", TIME},
    {K_LANGFUSE, "start_time", TIME},
    {K_LANGFUSE, "end_time", TIME},
    {K_LANGFUSE, "startTime", TIME},
    {K_LANGFUSE, "endTime", TIME},
    {K_LANGFUSE, "completion_start_time", TIME},
    {K_LANGFUSE, "completionStartTime", TIME},
    {K_LANGFUSE, "created_at", TIME},
    {K_LANGFUSE, "createdAt", TIME},
    {K_LANGFUSE, "updated_at", TIME},
    {K_LANGFUSE, "updatedAt", TIME},
    {K_LANGFUSE, "input", CONTENT},
    {K_LANGFUSE, "output", CONTENT},
    {K_LANGFUSE, "metadata", CONTENT},
    {K_LANGFUSE, "tags", CONTENT},
    {K_LANGFUSE, "status_message", CONTENT},
    {K_LANGFUSE, "statusMessage", CONTENT},
    {K_LANGFUSE, "observations", IN(K_LANGFUSE)},
    {K_LANGFUSE, "scores", IN(K_SCORE)},
    {K_SCORE, "name", KEEP},
    {K_SCORE, "value", FRAME},
    {K_SCORE, "dataType", KEEP},
    {K_SCORE, "comment", CONTENT},
};

/* What @name is said to hold, set on node @i; false: nothing of it leaves. */
static bool
known(struct tg_record *r, uint32_t i, const struct tg_attribute *what)
{
	const enum tg_jkind kind = (enum tg_jkind)r->doc.nodes[i].kind;

	/* A segment that is free text would stand in a key here. */
	if (what->wild)
		return false;
	if (what->cls == TG_CLS_ID && kind != TG_J_STRING)
		return false;
	if (what->cls == TG_CLS_KEEP)
		for (uint32_t k = i; k < r->doc.nodes[i].next; k++)
			if (r->doc.nodes[k].kind == TG_J_OBJECT)
				return false;
	r->cls[i] = what->cls;
	r->field[i] = what->field;
	return true;
}

struct tree {
	struct tg_record *r;
	const struct tg_attributes *attrs;
	char name[NAME_MAX_BYTES + 1];
};

/* The attributes at and below node @i, whose name has @n bytes; *@left: some
 * of it leaves. */
static int
tree(struct tree *t, uint32_t i, size_t n, unsigned depth, bool *left,
    struct tg_err *err)
{
	const struct tg_jdoc *d = &t->r->doc;
	const struct tg_attribute *what =
	    tg_attributes_find(t->attrs, (struct tg_trace_text){t->name, n});
	uint32_t k = 0;

	*left = what != NULL && known(t->r, i, what);
	if (what != NULL || depth == DEPTH_MAX)
		return 0;
	if (d->nodes[i].kind != TG_J_OBJECT && d->nodes[i].kind != TG_J_ARRAY)
		return 0;
	for (uint32_t c = i + 1; c < d->nodes[i].next;
	     c = d->nodes[c].next, k++) {
		const struct tg_sv key = tg_jdoc_key(d, c);
		char index[16];
		struct tg_sv part = key;
		size_t m = n;
		bool some = false;

		if (d->nodes[i].kind == TG_J_ARRAY) {
			(void)snprintf(index, sizeof(index), "%u", k);
			part = tg_sv_of(index);
		}
		/* No name of the list has an escape. */
		if (!d->nodes[c].key_esc && n + 1 + part.n <= NAME_MAX_BYTES) {
			if (m > 0)
				t->name[m++] = '.';
			memcpy(t->name + m, part.p, part.n);
			if (tree(t, c, m + part.n, depth + 1, &some, err) < 0)
				return -1;
		}
		if (!some) {
			t->r->cls[c] = TG_CLS_DROP;
			t->r->unknown++;
		}
		*left = *left || some;
	}
	if (*left)
		t->r->cls[i] = TG_CLS_FRAME;
	return 0;
}

/* The value of @key of object @i, when it is a string. */
static int
text_of(struct tg_record *r, uint32_t i, const char *key,
    struct tg_trace_text *out, struct tg_err *err)
{
	const uint32_t k = tg_jdoc_find(&r->doc, i, key);

	if (k == UINT32_MAX || r->doc.nodes[k].kind != TG_J_STRING)
		return 0;
	return tg_shape_text(r, k, out, err);
}

/* "2025-12-16 10:00:00.000000", "2025-12-16T10:00:00Z": to the second, as UTC
 * (an offset is less than a day).  0: none of these. */
static int64_t
captured(const struct tg_record *r, uint32_t i)
{
	static const char *const names[] = {
	    "timestamp", "start_time", "startTime", "created_at", "createdAt"};
	char text[] = "YYYY-MM-DDTHH:MM:SSZ";
	int64_t t = 0;

	for (size_t k = 0; k < TG_COUNT(names) && t == 0; k++) {
		const uint32_t at = tg_jdoc_find(&r->doc, i, names[k]);
		struct tg_sv s;

		if (at == UINT32_MAX || r->doc.nodes[at].kind != TG_J_STRING)
			continue;
		s = tg_jdoc_str(&r->doc, at);
		if (s.n < sizeof(text) - 2)
			continue;
		memcpy(text, s.p, sizeof(text) - 2);
		text[10] = text[10] == ' ' ? 'T' : text[10];
		if (!tg_time_parse(&t, tg_sv_of(text)))
			t = 0;
	}
	return t;
}

static int
unit(struct tg_record *r, uint32_t i, struct tg_err *err)
{
	static const char *const traces[] = {"id", "trace_id", "traceId"};
	static const char *const sessions[] = {
	    "session_id", "sessionId", "session.id"};
	const uint32_t context = tg_jdoc_find(&r->doc, i, "context");
	struct tg_trace_text trace = {NULL, 0}, session = {NULL, 0};
	struct tg_unit *u;

	for (size_t k = 0; k < TG_COUNT(traces); k++)
		if (text_of(r, i, traces[k], &trace, err) < 0 ||
		    text_of(r, i, sessions[k], &session, err) < 0)
			return -1;
	if (context != UINT32_MAX &&
	    r->doc.nodes[context].kind == TG_J_OBJECT &&
	    text_of(r, context, "trace_id", &trace, err) < 0)
		return -1;
	if (tg_record_add_unit(r, i, &u, err) < 0)
		return -1;
	u->trace_id = trace;
	u->session_id = session;
	u->time = captured(r, i);
	return 0;
}

static int
visit(struct tg_record *r, uint32_t node, uint8_t kind, const void *ctx,
    struct tg_err *err)
{
	struct tree t = {.r = r, .attrs = ctx};
	const uint32_t unknown = r->unknown;
	bool left;

	if (kind == K_SPAN)
		return unit(r, node, err);
	if (kind != K_MAP)
		return 0;
	/* Each member was counted by the walk; the tree counts its own. */
	r->unknown = unknown - r->doc.nodes[node].n;
	if (tree(&t, node, 0, 0, &left, err) < 0)
		return -1;
	r->cls[node] = TG_CLS_FRAME;
	return 0;
}

static int
classify_spans(
    struct tg_record *r, const struct tg_attributes *attrs, struct tg_err *err)
{
	const struct tg_shape shape = {rows, TG_COUNT(rows), visit, attrs};

	r->cls[0] = TG_CLS_FRAME;
	return tg_shape_walk(&shape, r, 0, K_SPAN, err);
}

/* Names that the parts of the field begin with. */
static bool
attribute_name(struct tg_sv key)
{
	static const char *const heads[] = {"gen_ai.", "llm.", "openinference.",
	    "traceloop.", "ai.model.", "ai.operationId", "ai.prompt",
	    "ai.response.", "ai.usage.", "input.value", "output.value"};

	for (size_t k = 0; k < TG_COUNT(heads); k++)
		if (tg_sv_starts(key, tg_sv_of(heads[k])))
			return true;
	return false;
}

static unsigned
bid_map(const struct tg_jdoc *d)
{
	if (d->n == 0 || d->nodes[0].kind != TG_J_OBJECT)
		return 0;
	for (uint32_t c = 1; c < d->n; c = d->nodes[c].next)
		if (attribute_name(tg_jdoc_key(d, c)))
			return 20;
	return 0;
}

static int
classify_map(
    struct tg_record *r, const struct tg_attributes *attrs, struct tg_err *err)
{
	static const char *const plain[] = {"input", "output"};
	struct tree t = {.r = r, .attrs = attrs};
	bool left;

	if (tree(&t, 0, 0, 0, &left, err) < 0)
		return -1;
	r->cls[0] = TG_CLS_FRAME;
	for (size_t k = 0; k < TG_COUNT(plain); k++) {
		const uint32_t i = tg_jdoc_find(&r->doc, 0, plain[k]);

		if (i == UINT32_MAX || r->cls[i] != TG_CLS_DROP)
			continue;
		r->cls[i] = TG_CLS_CONTENT;
		r->unknown--;
	}
	if (unit(r, 0, err) < 0)
		return -1;
	for (uint32_t c = 1; c < r->doc.n; c = r->doc.nodes[c].next)
		if (r->cls[c] != TG_CLS_DROP &&
		    attribute_name(tg_jdoc_key(&r->doc, c)))
			return 0;
	tg_unit_drop(&r->unit[0], "decode", "DEC-FORMAT");
	return 0;
}

/* An object with a map of attributes and what only a span has. */
static bool
is_span(const struct tg_jdoc *d, uint32_t i)
{
	static const char *const one[] = {"context", "spanContext", "span_kind",
	    "traceId", "startTime", "start_time", "timestamp"};
	const uint32_t a = tg_jdoc_find(d, i, "attributes");

	if (a == UINT32_MAX || d->nodes[a].kind != TG_J_OBJECT ||
	    tg_jdoc_find(d, i, "name") == UINT32_MAX)
		return false;
	for (size_t k = 0; k < TG_COUNT(one); k++)
		if (tg_jdoc_find(d, i, one[k]) != UINT32_MAX)
			return true;
	return false;
}

static unsigned
bid_spans(const struct tg_jdoc *d)
{
	if (d->n == 0)
		return 0;
	if (d->nodes[0].kind == TG_J_OBJECT)
		return is_span(d, 0) ? 50 : 0;
	return d->nodes[0].kind == TG_J_ARRAY && d->nodes[0].n > 0 &&
		d->nodes[1].kind == TG_J_OBJECT && is_span(d, 1)
	    ? 50
	    : 0;
}

static unsigned
bid_langfuse(const struct tg_jdoc *d)
{
	static const char *const one[] = {"trace_id", "traceId", "trace_name",
	    "start_time", "startTime", "observations", "timestamp"};
	unsigned n = 0;

	if (d->n == 0 || d->nodes[0].kind != TG_J_OBJECT ||
	    tg_jdoc_find(d, 0, "input") == UINT32_MAX ||
	    tg_jdoc_find(d, 0, "output") == UINT32_MAX)
		return 0;
	for (size_t k = 0; k < TG_COUNT(one); k++) {
		const uint32_t i = tg_jdoc_find(d, 0, one[k]);

		n += i != UINT32_MAX &&
		    (d->nodes[i].kind == TG_J_STRING ||
			d->nodes[i].kind == TG_J_ARRAY);
	}
	return n >= 2 ? 30 : 0;
}

static int
classify_langfuse(struct tg_record *r,
    const struct tg_attributes *attrs TG_UNUSED, struct tg_err *err)
{
	static const struct tg_shape shape = {rows, TG_COUNT(rows), NULL, NULL};

	r->cls[0] = TG_CLS_FRAME;
	if (tg_shape_walk(&shape, r, 0, K_LANGFUSE, err) < 0)
		return -1;
	return unit(r, 0, err);
}

const struct tg_source tg_source_attribute_maps = {
    .name = "attribute-maps",
    .title = "maps of span attributes (OpenInference, OpenLLMetry, AI SDK)",
    .loose = true,
    .bid = bid_map,
    .classify = classify_map,
};

const struct tg_source tg_source_spans = {
    .name = "spans",
    .title = "spans of OpenTelemetry SDKs and Phoenix",
    .loose = true,
    .bid = bid_spans,
    .classify = classify_spans,
};

const struct tg_source tg_source_langfuse = {
    .name = "langfuse",
    .title = "Langfuse observations and traces",
    .loose = true,
    .bid = bid_langfuse,
    .classify = classify_langfuse,
};
