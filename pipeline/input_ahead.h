/*
 * input_ahead.h - records of an input that several threads look at (s30) ahead
 * of their turn.  What comes out, in what order, what is counted and said hangs
 * on no number of threads.
 *
 * One thread, the caller's, reads, decodes and samples record by record, hands
 * them out, and takes them in their order: listeners hear what was found, the
 * later stages run, the record is written.  s30 hangs on the record alone, with
 * two exceptions.  Numbers of a file (tg_operators_in_order) go by what was
 * found before: then there is one thread.  And JSON in a string may be a piece
 * of a stream, after which records are read differently (stream.h): one that
 * may hold such is looked at in its turn, when those before it are through.
 *
 * Memory does not grow with the input: TG_AHEAD_BYTES of records are out, or
 * one that is larger than TG_AHEAD_ONE, alone.
 */
#ifndef TG_PIPELINE_INPUT_AHEAD_H
#define TG_PIPELINE_INPUT_AHEAD_H

#include "pipeline/input.h"

#define TG_AHEAD_PLACES 16u	  /* records out, a thread */
#define TG_AHEAD_BYTES (8u << 20) /* of all records that are out */
#define TG_AHEAD_ONE (2u << 20)	  /* of one of them */
#define TG_AHEAD_KEEP (64u << 10) /* memory of a smaller one is kept */

struct tg_ahead;

/* Makes t->ahead, and says in t->fewer why not with t->threads; nothing when
 * one thread is asked for or it is there.  The scanner and the operators of
 * t->pass have their settings.  TG_E_MEMORY. */
int tg_ahead_open(struct tg_intake *t, struct tg_err *err) TG_MUST_CHECK;
void tg_ahead_free(struct tg_ahead *a);

/* In all of these @a NULL is one thread: nothing is out.  The records that
 * follow are of @in; both are borrowed until the next. */
void tg_ahead_input(struct tg_ahead *a, struct tg_input *in, uint64_t *chunk);
/* The next record; -1: what befell it or one before it. */
int tg_ahead_record(struct tg_ahead *a, const struct tg_reader_rec *rec,
    struct tg_err *err) TG_MUST_CHECK;
/* All that is out has its turn. */
int tg_ahead_drain(struct tg_ahead *a, struct tg_err *err) TG_MUST_CHECK;
/* Whether one of these has failed. */
bool tg_ahead_failed(const struct tg_ahead *a);
/* What is out has no turn any more. */
void tg_ahead_forget(struct tg_ahead *a);

#endif
