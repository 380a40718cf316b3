/*
 * input.h - one input file through a pass: read, framed, staged, emitted to the
 * members of the bag or to a function; what was not understood to quarantine.
 */
#ifndef TG_PIPELINE_INPUT_H
#define TG_PIPELINE_INPUT_H

#include <stdint.h>

#include "base/attr.h"
#include "base/digest.h"
#include "base/err.h"
#include "pipeline/members.h"
#include "pipeline/quarantine.h"
#include "pipeline/sources/reader.h"
#include "pipeline/stage.h"
#include "pipeline/told.h"

/* Input offset at which a new member begins: the plan's chunks. */
#define TG_CHUNK_BYTES (64ull << 20)

struct tg_input {
	unsigned index;
	const char *path;
	/* set by tg_input_run */
	const char *format; /* of the first record, or "" */
	uint64_t bytes;	    /* of the file */
	uint64_t records, quarantined;
	uint8_t sha256[TG_SHA256_LEN];
	/* Of a tensor file with texts beside it (beside.h): of that file. */
	bool has_texts;
	uint8_t texts_sha256[TG_SHA256_LEN];
};

struct tg_intake {
	struct tg_pass *pass;
	struct tg_members *members; /* or NULL: */
	int (*write)(void *ctx, struct tg_sv record, struct tg_sv eol,
	    struct tg_err *err); /* or NULL: looks only */
	void *write_ctx;
	struct tg_quarantine *quarantine; /* or NULL: only counted and said */
	FILE *say; /* where a record left out is said without quarantine */
	/* Called now and then; bytes done in this input.  May be NULL. */
	void (*progress)(void *ctx, uint64_t bytes);
	void *progress_ctx;
	enum tg_frame_hint {
		TG_INPUT_JSON,
		TG_INPUT_TEXT,
		TG_INPUT_TEXT_LINES
	} frame;
	/* How many threads look at records, this one among them; 0: one.  What
	 * comes out is the same for any number. */
	unsigned threads;
	const char
	    *fewer;	  /* why they are fewer, or NULL; set by tg_input_run */
	uint64_t written; /* bytes that went to write */
	bool alone;	  /* a tensor file went to write: nothing else may */
	/* scratch */
	uint64_t trailing; /* bytes so far that begin no code point */
	struct tg_record rec;
	struct tg_buf out, text;
	struct tg_ahead *ahead; /* with several threads */
};

/* A record between its reading and its turn. */
struct tg_coming {
	struct tg_record *rec;
	struct tg_reader_rec at; /* its text is rec's raw, or wrapped there */
	struct tg_sv raw;	 /* as it was read */
	int rc;			 /* 0, or -1 with code and why */
	const char *code;
	struct tg_err why;
	const struct tg_told *told; /* not told yet; may be NULL */
};

/*
 * Left out: counted, located, kept (input_tensors.c shares it).  @w->source and
 * @w->file are set.
 */
int tg_intake_leave_out(struct tg_intake *t, struct tg_input *in,
    struct tg_quarantined *w, struct tg_err *err) TG_MUST_CHECK;
/*
 * input_tensors.c: *@mine when the input is an array file that is read
 * (safetensors, .npy), and then the whole of it: its texts through the stages,
 * its tensors filtered by what was found.  @fd < 0: the file in->path.
 */
int tg_input_tensors(struct tg_intake *t, struct tg_input *in, int fd,
    bool *mine, struct tg_err *err) TG_MUST_CHECK;

/*
 * The steps of one record, for the next (input_ahead.c): what is before it is
 * looked at (@text: room for a wrapping), in the order of reading; and what
 * comes of it when it was.  @c: at and raw are set; what is wrong with the
 * record is in it.  @chunk: of the member that is open.
 */
void tg_intake_begin(struct tg_intake *t, struct tg_coming *c,
    struct tg_record *rec, struct tg_buf *text);
int tg_intake_settle(struct tg_intake *t, struct tg_input *in,
    struct tg_coming *c, uint64_t *chunk, struct tg_err *err) TG_MUST_CHECK;

void tg_intake_init(struct tg_intake *t, struct tg_pass *pass);
void tg_intake_deinit(struct tg_intake *t);
/*
 * TG_E_NO: the policy blocks the run; TG_E_IO, TG_E_MEMORY.  A defect of the
 * input is no error: it is counted, located and quarantined.  @path "-" with
 * @fd >= 0 reads a descriptor.
 */
int tg_input_run(struct tg_intake *t, struct tg_input *in, int fd,
    struct tg_err *err) TG_MUST_CHECK;

/* Regular files of @paths, folders opened, sorted by path; TG_E_USAGE when a
 * path does not exist. */
struct tg_input_list {
	char **path;
	size_t n;
};
int tg_input_collect(struct tg_input_list *out, const char *const *paths,
    size_t n, struct tg_err *err) TG_MUST_CHECK;
void tg_input_list_free(struct tg_input_list *l);

#endif
