/*
 * OTLP/JSON traces and logs (opentelemetry-proto, JSON Protobuf encoding; file
 * exporter: one Export…ServiceRequest a line).  A unit is a span or a log
 * record.  Attributes go by the allow-list; a value under an attribute of
 * people's text is content whatever its shape (string, JSON in a string, array,
 * kvlist).
 */
#include <string.h>

#include "pipeline/sources/shape.h"
#include "pipeline/sources/source.h"
#include "pipeline/sources/stream.h"
#include "base/banned.h"

enum {
	K_TRACES = 1,
	K_LOGS,
	K_RESOURCE_SPANS,
	K_RESOURCE_LOGS,
	K_RESOURCE,
	K_SCOPE_SPANS,
	K_SCOPE_LOGS,
	K_SCOPE,
	K_SPAN,
	K_EVENT,
	K_LINK,
	K_STATUS,
	K_LOG,
	K_KV
};

#define FRAME TG_CLS_FRAME, 0, TG_FIELD_none
#define KEEP TG_CLS_KEEP, 0, TG_FIELD_none
#define CONTENT TG_CLS_CONTENT, 0, TG_FIELD_none
#define IN(kind) TG_CLS_FRAME, kind, TG_FIELD_none
#define ID(field) TG_CLS_ID, 0, TG_FIELD_##field
#define TIME TG_CLS_TIME, 0, TG_FIELD_timestamp

static const struct tg_shape_row rows[] = {
    {K_TRACES, "resourceSpans", IN(K_RESOURCE_SPANS)},
    {K_LOGS, "resourceLogs", IN(K_RESOURCE_LOGS)},
    {K_RESOURCE_SPANS, "resource", IN(K_RESOURCE)},
    {K_RESOURCE_SPANS, "scopeSpans", IN(K_SCOPE_SPANS)},
    {K_RESOURCE_SPANS, "instrumentationLibrarySpans", IN(K_SCOPE_SPANS)},
    {K_RESOURCE_SPANS, "schemaUrl", KEEP},
    {K_RESOURCE_LOGS, "resource", IN(K_RESOURCE)},
    {K_RESOURCE_LOGS, "scopeLogs", IN(K_SCOPE_LOGS)},
    {K_RESOURCE_LOGS, "schemaUrl", KEEP},
    {K_RESOURCE, "attributes", IN(K_KV)},
    {K_RESOURCE, "droppedAttributesCount", FRAME},
    {K_SCOPE_SPANS, "scope", IN(K_SCOPE)},
    {K_SCOPE_SPANS, "instrumentationLibrary", IN(K_SCOPE)},
    {K_SCOPE_SPANS, "spans", IN(K_SPAN)},
    {K_SCOPE_SPANS, "schemaUrl", KEEP},
    {K_SCOPE_LOGS, "scope", IN(K_SCOPE)},
    {K_SCOPE_LOGS, "logRecords", IN(K_LOG)},
    {K_SCOPE_LOGS, "schemaUrl", KEEP},
    {K_SCOPE, "name", KEEP},
    {K_SCOPE, "version", KEEP},
    {K_SCOPE, "attributes", IN(K_KV)},
    {K_SCOPE, "droppedAttributesCount", FRAME},
    {K_SPAN, "traceId", ID(trace_id)},
    {K_SPAN, "spanId", ID(trace_id)},
    {K_SPAN, "parentSpanId", ID(trace_id)},
    {K_SPAN, "name", KEEP},
    {K_SPAN, "kind", KEEP},
    {K_SPAN, "flags", FRAME},
    {K_SPAN, "startTimeUnixNano", TIME},
    {K_SPAN, "endTimeUnixNano", TIME},
    {K_SPAN, "attributes", IN(K_KV)},
    {K_SPAN, "droppedAttributesCount", FRAME},
    {K_SPAN, "events", IN(K_EVENT)},
    {K_SPAN, "droppedEventsCount", FRAME},
    {K_SPAN, "links", IN(K_LINK)},
    {K_SPAN, "droppedLinksCount", FRAME},
    {K_SPAN, "status", IN(K_STATUS)},
    {K_EVENT, "timeUnixNano", TIME},
    {K_EVENT, "name", KEEP},
    {K_EVENT, "attributes", IN(K_KV)},
    {K_EVENT, "droppedAttributesCount", FRAME},
    {K_LINK, "traceId", ID(trace_id)},
    {K_LINK, "spanId", ID(trace_id)},
    {K_LINK, "attributes", IN(K_KV)},
    {K_LINK, "flags", FRAME},
    {K_LINK, "droppedAttributesCount", FRAME},
    {K_STATUS, "code", KEEP},
    {K_STATUS, "message", CONTENT},
    {K_LOG, "timeUnixNano", TIME},
    {K_LOG, "observedTimeUnixNano", TIME},
    {K_LOG, "severityNumber", FRAME},
    {K_LOG, "severityText", KEEP},
    {K_LOG, "eventName", KEEP},
    {K_LOG, "body", CONTENT},
    {K_LOG, "attributes", IN(K_KV)},
    {K_LOG, "droppedAttributesCount", FRAME},
    {K_LOG, "traceId", ID(trace_id)},
    {K_LOG, "spanId", ID(trace_id)},
    {K_LOG, "flags", FRAME},
    {K_KV, "key", TG_CLS_NAME, 0, TG_FIELD_none},
    {K_KV, "value", FRAME},
};

/* The AnyValue at @i holds what an attribute of @what holds. */
static void
value(struct tg_record *r, uint32_t i, const struct tg_attribute *what)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t v = i + 1;

	r->cls[i] = TG_CLS_DROP;
	if (d->nodes[i].kind != TG_J_OBJECT)
		return;
	if (d->nodes[i].n == 0) { /* an empty value, as serializers write it */
		r->cls[i] = TG_CLS_FRAME;
		return;
	}
	if (d->nodes[i].n != 1 || tg_jdoc_key_is(d, v, "bytesValue"))
		return;
	if (what->cls == TG_CLS_ID && d->nodes[v].kind != TG_J_STRING)
		return;
	if (what->cls == TG_CLS_ID) {
		r->cls[i] = TG_CLS_FRAME;
		r->cls[v] = TG_CLS_ID;
		r->field[v] = what->field;
		return;
	}
	/* keep: a scalar or an array of them; content: anything. */
	if (what->cls == TG_CLS_KEEP && tg_jdoc_key_is(d, v, "kvlistValue"))
		return;
	r->cls[i] = what->cls;
}

static int
attribute(struct tg_record *r, uint32_t i, const struct tg_attributes *attrs,
    struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t key = tg_jdoc_find(d, i, "key");
	const uint32_t val = tg_jdoc_find(d, i, "value");
	const struct tg_attribute *what;
	struct tg_trace_text name;

	if (key == UINT32_MAX || d->nodes[key].kind != TG_J_STRING) {
		r->cls[i] = TG_CLS_DROP;
		return 0;
	}
	if (tg_shape_text(r, key, &name, err) < 0)
		return -1;
	what = tg_attributes_find(attrs, name);
	if (what == NULL) {
		r->cls[i] = TG_CLS_DROP;
		r->unknown++;
		return 0;
	}
	r->field[i] = what->field;
	if (what->wild)
		r->cls[key] = TG_CLS_KEEP;
	if (val == UINT32_MAX)
		return 0;
	value(r, val, what);
	if (r->cls[val] == TG_CLS_DROP)
		r->cls[i] = TG_CLS_DROP;
	return 0;
}

/* The string value of an attribute of this object that carries @field. */
static int
attribute_of(struct tg_record *r, uint32_t object, enum tg_field_id field,
    struct tg_trace_text *out, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t list = tg_jdoc_find(d, object, "attributes");

	if (list == UINT32_MAX)
		return 0;
	for (uint32_t kv = list + 1; kv < d->nodes[list].next;
	     kv = d->nodes[kv].next) {
		const uint32_t v = tg_jdoc_find(d, kv, "value");

		if (r->field[kv] == (uint8_t)field &&
		    r->cls[kv] != TG_CLS_DROP && v != UINT32_MAX &&
		    d->nodes[v].n == 1)
			return tg_shape_text(r, v + 1, out, err);
	}
	return 0;
}

static bool
named_piece(const struct tg_jdoc *d, uint32_t i, const char *key)
{
	const uint32_t name = tg_jdoc_find(d, i, key);

	return name != UINT32_MAX && d->nodes[name].kind == TG_J_STRING &&
	    tg_stream_event(tg_jdoc_str(d, name));
}

/* Text of people below @i. */
static bool
has_content(const struct tg_record *r, uint32_t i)
{
	for (uint32_t k = i; k < r->doc.nodes[i].next; k++)
		if (r->cls[k] == TG_CLS_CONTENT)
			return true;
	return false;
}

/* Span or log record @i holds one event that is a piece of a stream: the others
 * are elsewhere. */
static bool
one_piece(const struct tg_record *r, uint32_t i)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t events = tg_jdoc_find(d, i, "events");
	unsigned n = named_piece(d, i, "eventName") && has_content(r, i);

	if (events != UINT32_MAX)
		for (uint32_t e = events + 1; e < d->nodes[events].next;
		     e = d->nodes[e].next)
			n += d->nodes[e].kind == TG_J_OBJECT &&
			    named_piece(d, e, "name") && has_content(r, e);
	return n == 1;
}

static int
unit(struct tg_record *r, uint32_t i, const char *time_key, struct tg_err *err)
{
	const struct tg_jdoc *d = &r->doc;
	const uint32_t id = tg_jdoc_find(d, i, "traceId");
	uint32_t time = tg_jdoc_find(d, i, time_key);
	struct tg_unit *u;
	struct tg_trace_text session = {NULL, 0};

	if (attribute_of(r, i, TG_FIELD_session_id, &session, err) < 0 ||
	    tg_record_add_unit(r, i, &u, err) < 0)
		return -1;
	u->session_id = session;
	u->piece = one_piece(r, i);
	if (time == UINT32_MAX)
		time = tg_jdoc_find(d, i, "observedTimeUnixNano");
	if (time != UINT32_MAX)
		u->time = tg_shape_time(r, time, 1000000000u);
	return id == UINT32_MAX ? 0 : tg_shape_text(r, id, &u->trace_id, err);
}

static int
visit(struct tg_record *r, uint32_t node, uint8_t kind, const void *ctx,
    struct tg_err *err)
{
	if (kind == K_KV)
		return attribute(r, node, ctx, err);
	if (kind == K_SPAN)
		return unit(r, node, "startTimeUnixNano", err);
	if (kind == K_LOG)
		return unit(r, node, "timeUnixNano", err);
	return 0;
}

static int
classify(struct tg_record *r, uint8_t kind, const struct tg_attributes *attrs,
    struct tg_err *err)
{
	const struct tg_shape shape = {rows, TG_COUNT(rows), visit, attrs};

	r->cls[0] = TG_CLS_FRAME;
	return tg_shape_walk(&shape, r, 0, kind, err);
}

static unsigned
bid(const struct tg_jdoc *d, const char *key)
{
	uint32_t i;

	if (d->n == 0 || d->nodes[0].kind != TG_J_OBJECT)
		return 0;
	i = tg_jdoc_find(d, 0, key);
	return i != UINT32_MAX && d->nodes[i].kind == TG_J_ARRAY ? 100 : 0;
}

static unsigned
bid_traces(const struct tg_jdoc *d)
{
	return bid(d, "resourceSpans");
}

static int
classify_traces(
    struct tg_record *r, const struct tg_attributes *attrs, struct tg_err *err)
{
	return classify(r, K_TRACES, attrs, err);
}

static unsigned
bid_logs(const struct tg_jdoc *d)
{
	return bid(d, "resourceLogs");
}

static int
classify_logs(
    struct tg_record *r, const struct tg_attributes *attrs, struct tg_err *err)
{
	return classify(r, K_LOGS, attrs, err);
}

const struct tg_source tg_source_otlp_traces = {
    .name = "otlp-traces",
    .title = "OTLP/JSON traces",
    .bid = bid_traces,
    .classify = classify_traces,
};

const struct tg_source tg_source_otlp_logs = {
    .name = "otlp-logs",
    .title = "OTLP/JSON logs",
    .bid = bid_logs,
    .classify = classify_logs,
};
