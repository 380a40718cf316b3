/*
 * input_tensors.h - a tensor file on its way through a pass: what its text
 * side (input_tensors_text.c) and its tensor side (input_tensors.c) share.
 */
#ifndef TG_PIPELINE_INPUT_TENSORS_H
#define TG_PIPELINE_INPUT_TENSORS_H

#include <sys/stat.h>

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/beside.h"
#include "pipeline/input.h"
#include "pipeline/sources/tensor_filter.h"

struct tg_tensors {
	struct tg_intake *t;
	struct tg_input *in;
	int fd, ids_fd; /* ids_fd: -1, or of the file beside (NumPy) */
	struct stat st;
	struct tg_tensor_file file, ids_file;
	struct tg_tensor_roles roles;
	const struct tg_tensor *ids; /* or NULL */
	struct tg_window w;	     /* on the ids */
	uint32_t *keep, *off;
	uint8_t *struck;     /* bits of tokens that go alone, tensor_filter.h */
	uint8_t *struck_now; /* of the context at hand, a byte each */
	bool *bare;	     /* contexts that leave without their numbers */
	bool *drop;
	bool unscanned;		  /* what is made of tokens does not leave */
	bool unknown;		  /* an id that the vocabulary does not have */
	bool cut;		  /* a context with a finding */
	struct tg_beside *beside; /* texts in a file of their own, or NULL */
	struct tg_beside_row row; /* of the context at hand */
	bool beside_bad;	  /* told: they do not fit */
	uint8_t *over;		  /* a bit a feature, tensor_topk.h; or NULL */
	struct tg_tensor_meta *meta;
	size_t n_meta;
	struct tg_buf text;
	struct tg_err *err;
};

/* Whether the pass writes, or only looks. */
bool tg_tensors_leave(const struct tg_tensors *s);
/* Something of the file, or all of it, is left out; the file stays where it
 * is.  @record 0: not one context. */
int tg_tensors_leave_out(struct tg_tensors *s, const char *code,
    uint64_t record, const char *message) TG_MUST_CHECK;

/* A failure that is the file's own fault is told and is no error: 1. */
int tg_tensors_defect(struct tg_tensors *s, const char *code,
    const struct tg_err *why) TG_MUST_CHECK;
/* Sets drop, over and x->over; *@any: the rows of a context stay. */
int tg_tensors_choose(
    struct tg_tensors *s, struct tg_tensor_filter *x, bool *any) TG_MUST_CHECK;

/*
 * Metadata and names through the stages; drop, meta and *@prompt (a finding in
 * a prompt of the metadata) are set.  1: told and left out, nothing leaves.
 */
int tg_tensors_head(struct tg_tensors *s, bool *prompt) TG_MUST_CHECK;
/* Every context through the stages; keep and unscanned are set. */
int tg_tensors_contexts(struct tg_tensors *s) TG_MUST_CHECK;

/* input_tensors_beside.c: a file beside that does not fit is told, and sets
 * unscanned. */
int tg_tensors_beside_open(struct tg_tensors *s) TG_MUST_CHECK;
/* s->row, of the next context. */
int tg_tensors_beside_next(struct tg_tensors *s) TG_MUST_CHECK;
/* Whether there are as many as contexts. */
int tg_tensors_beside_end(struct tg_tensors *s) TG_MUST_CHECK;
/*
 * Shortens *@keep by what the row says beyond the text that went through the
 * stages (@main: that was the row's own).  Uses s->text and s->off.  TG_E_INPUT
 * of the scanner.
 */
int tg_tensors_beside_narrow(struct tg_tensors *s, bool main, uint32_t *keep)
    TG_MUST_CHECK;

#endif
