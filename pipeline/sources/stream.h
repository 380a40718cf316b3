/*
 * stream.h - pieces of a stream, one a line: "a@exam" in this record, "ple.org"
 * in the next.  No record of its own shows the value, so that such records do
 * not leave (DEC-STREAM) until somebody joins them (docs/FORMATS.md,
 * "Streams").
 *
 * Told by content, in JSON objects of no known format:
 *
 *   "delta" (an object, a text), as in the choices of OpenAI's
 *   chat.completion.chunk, Anthropic's content_block_delta, the Responses,
 *   Assistants and Realtime events, the parts of the AI SDK
 *   a "type", "object" or "event" that ends in "delta", or is the kind of event
 *   a stream is made of
 *   a text with a reason to stop that is null: choices of text_completion
 *   (vLLM, OpenAI), "completion", "generation", "outputText" (Bedrock)
 *   "done": false beside "created_at" (Ollama), "stop": false beside "content"
 *   (llama.cpp), "generated_text": null beside "token" (TGI), candidates
 *   without a "finishReason" (Gemini), "contentBlockDelta" (Converse)
 *
 * In the texts of the other formats (a message in a span, the body of a log
 * record; also as KeyValues of OTLP) the same tells of a unit, as does the name
 * of its event: the unit does not leave.
 *
 * One piece alone cannot be told from a whole, and does not leave either; two
 * and more in one record are a stream that was joined (seams.h), unless the
 * last says that it goes on.
 */
#ifndef TG_PIPELINE_SOURCES_STREAM_H
#define TG_PIPELINE_SOURCES_STREAM_H

#include "base/jscan.h"

/* Whether @d, at node @root and below, is part of a stream that other records
 * go on with.  @open: a record of the same file was one, so that what may be
 * the last piece of a stream ("finish_reason": "stop") is. */
bool tg_stream_in_pieces(const struct tg_jdoc *d, uint32_t root, bool open);

/* An event of this name is a piece: "...delta", "...chunk". */
bool tg_stream_event(struct tg_sv name);

#endif
