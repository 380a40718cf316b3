/*
 * tensor_topk.h - the policy's topk_max on coordinate lists and tables of
 * examples: at most so many features of one token leave.  A knob for size and
 * for what is shown, no protection by itself: eight features a token give a
 * deleted one back (trace-formats 5.3).
 *
 * Of a coordinate list the greatest values of a token stay, of equal ones the
 * first; of a table of examples the first that point at it.  Counted is in one
 * file: what is split over files by latent is not put together.
 */
#ifndef TG_PIPELINE_SOURCES_TENSOR_TOPK_H
#define TG_PIPELINE_SOURCES_TENSOR_TOPK_H

#include "pipeline/sources/tensor_filter.h"

#define TG_TOPK_ENTRIES (1u << 28) /* of a list or table: a bit each */
#define TG_TOPK_TOKEN (1u << 20)   /* entries of one token of a list */

/*
 * Bit i of *@out (the caller's to free; NULL: none) is set when entry i is one
 * too many; *@over is their number.  TG_E_INPUT: they cannot be counted (a list
 * not in the order of its tokens, or above the limits); TG_E_IO, TG_E_MEMORY.
 */
int
tg_tensor_topk(uint8_t **out, uint64_t *over, const struct tg_tensor_filter *x,
    uint64_t topk, struct tg_err *err) TG_MUST_CHECK;

#endif
