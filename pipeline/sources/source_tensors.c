/*
 * The text of a tensor file as records (pipeline/input_tensors.c makes them;
 * they never leave as JSON, and no file is ever one): the head, {"metadata":
 * {…}, "names": [the tensors']}, and one a context, {"trace": id, "text": what
 * its tokens spell}.
 */
#include "pipeline/sources/shape.h"
#include "pipeline/sources/source.h"
#include "base/banned.h"

#define FRAME(child) TG_CLS_FRAME, child, TG_FIELD_none
#define KEEP TG_CLS_KEEP, 0, TG_FIELD_none
#define PROMPT TG_CLS_CONTENT, 0, TG_FIELD_prompt_text
#define ID(field) TG_CLS_ID, 0, TG_FIELD_##field

enum { K_ROOT = 1, K_META = 2 };

static const struct tg_shape_row rows[] = {
    {K_ROOT, "metadata", FRAME(K_META)},
    {K_ROOT, "names", KEEP},
    {K_ROOT, "trace", ID(trace_id)},
    {K_ROOT, "text", PROMPT},
    {K_META, "format", KEEP},
    {K_META, "framework", KEEP},
    {K_META, "version", KEEP},
    {K_META, "model", KEEP},
    {K_META, "model_id", KEEP},
    {K_META, "model_name", KEEP},
    {K_META, "hook_name", KEEP},
    {K_META, "hook_point", KEEP},
    {K_META, "layer", KEEP},
    {K_META, "layers", KEEP},
    {K_META, "dtype", KEEP},
    {K_META, "sae_id", KEEP},
    {K_META, "sae_release", KEEP},
    {K_META, "prompt", PROMPT},
    {K_META, "text", PROMPT},
    {K_META, "input", PROMPT},
    {K_META, "user_id", ID(user_id)},
    {K_META, "session_id", ID(session_id)},
    {K_META, "conversation_id", ID(session_id)},
    {K_META, "request_id", ID(trace_id)},
    {K_META, "req_id", ID(trace_id)},
    {K_META, "trace_id", ID(trace_id)},
};

static const struct tg_shape shape = {rows, TG_COUNT(rows), NULL, NULL};

static int
classify(struct tg_record *r, const struct tg_attributes *attrs TG_UNUSED,
    struct tg_err *err)
{
	const uint32_t trace = tg_jdoc_find(&r->doc, 0, "trace");
	struct tg_unit *u;

	r->cls[0] = TG_CLS_FRAME;
	if (tg_shape_walk(&shape, r, 0, K_ROOT, err) < 0 ||
	    tg_record_add_unit(r, 0, &u, err) < 0)
		return -1;
	if (trace == UINT32_MAX) {
		u->frame = true;
		return 0;
	}
	return tg_shape_text(r, trace, &u->trace_id, err);
}

const struct tg_source tg_source_tensors = {
    .name = "tensors",
    .title = "tensor files (safetensors, NumPy)",
    .document = true,
    .classify = classify,
};
