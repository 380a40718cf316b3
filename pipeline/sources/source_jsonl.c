/*
 * JSON objects of no format that is known: one a line (or one document).  The
 * usual names of text, identifiers and times are known; the rest does not
 * leave.
 */
#include "pipeline/sources/shape.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

#define CONTENT TG_CLS_CONTENT, 0, TG_FIELD_none
#define KEEP TG_CLS_KEEP, 0, TG_FIELD_none
#define TOKENS TG_CLS_TOKENS, 0, TG_FIELD_none
#define ID(field) TG_CLS_ID, 0, TG_FIELD_##field

enum { K_ROW = 1 };

static const struct tg_shape_row rows[] = {
    {K_ROW, "text", CONTENT},
    {K_ROW, "prompt", CONTENT},
    {K_ROW, "completion", CONTENT},
    {K_ROW, "response", CONTENT},
    {K_ROW, "messages", CONTENT},
    {K_ROW, "content", CONTENT},
    {K_ROW, "parts", CONTENT},
    {K_ROW, "choices", CONTENT},
    {K_ROW, "delta", CONTENT},
    {K_ROW, "message", CONTENT},
    {K_ROW, "chunks", CONTENT},
    {K_ROW, "logprobs", CONTENT},
    {K_ROW, "input", CONTENT},
    {K_ROW, "output", CONTENT},
    {K_ROW, "instruction", CONTENT},
    {K_ROW, "system", CONTENT},
    {K_ROW, "question", CONTENT},
    {K_ROW, "answer", CONTENT},
    {K_ROW, "description", CONTENT},
    {K_ROW, "metadata", CONTENT},
    {K_ROW, "tokens", TOKENS},
    {K_ROW, "str_tokens", TOKENS},
    {K_ROW, "prompt_tokens", TOKENS},
    {K_ROW, "id", ID(trace_id)},
    {K_ROW, "trace_id", ID(trace_id)},
    {K_ROW, "traceId", ID(trace_id)},
    {K_ROW, "user_id", ID(user_id)},
    {K_ROW, "session_id", ID(session_id)},
    {K_ROW, "conversation_id", ID(session_id)},
    {K_ROW, "role", KEEP},
    {K_ROW, "type", KEEP},
    {K_ROW, "name", KEEP},
    {K_ROW, "trace_name", KEEP},
    {K_ROW, "model", KEEP},
    {K_ROW, "lang", ID(locale)},
    {K_ROW, "language", ID(locale)},
    {K_ROW, "country", ID(country)},
};

static const struct tg_shape shape = {rows, TG_COUNT(rows), NULL, NULL};

static unsigned
bid(const struct tg_jdoc *d)
{
	return d->n > 0 && d->nodes[0].kind == TG_J_OBJECT ? 1 : 0;
}

static int
classify(struct tg_record *r, const struct tg_attributes *attrs TG_UNUSED,
    struct tg_err *err)
{
	static const char *const ids[] = {"trace_id", "traceId", "id"};
	uint32_t session = tg_jdoc_find(&r->doc, 0, "session_id");
	struct tg_unit *u;

	r->cls[0] = TG_CLS_FRAME;
	if (tg_shape_walk(&shape, r, 0, K_ROW, err) < 0 ||
	    tg_record_add_unit(r, 0, &u, err) < 0)
		return -1;
	if (session != UINT32_MAX &&
	    tg_shape_text(r, session, &u->session_id, err) < 0)
		return -1;
	for (size_t k = 0; k < TG_COUNT(ids); k++) {
		const uint32_t i = tg_jdoc_find(&r->doc, 0, ids[k]);

		if (i != UINT32_MAX)
			return tg_shape_text(r, i, &u->trace_id, err);
	}
	return 0;
}

const struct tg_source tg_source_jsonl = {
    .name = "jsonl",
    .title = "JSON objects",
    .bid = bid,
    .classify = classify,
};
