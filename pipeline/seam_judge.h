/*
 * seam_judge.h - whether a finding across a seam is one value, or a value that
 * is whole on one side and a word that only stands beside it.
 *
 * "My e-mail is" | "anna@example.org" and "anna@example.com." | "The next" are
 * read by every pattern for addresses as one longer address.  Pieces of a
 * stream are joined whatever they are.  Elsewhere, when one side was found
 * whole by itself, the other goes with it only if it looks like part of it:
 *
 *   before the address: a word with a digit, '.', '_', '+' or '-' in it, or in
 *   small letters and none of the words that people write before an address;
 *   or the address begins with one of these signs.
 *   behind it: the address ends in no known top-level domain, or the next text
 *   begins with a full stop and a small letter.
 *   other types: a check digit says so, or the other side is no plain word.
 */
#ifndef TG_PIPELINE_SEAM_JUDGE_H
#define TG_PIPELINE_SEAM_JUDGE_H

#include "base/sv.h"

/* Whether @left can be the beginning of the address @right, which was found by
 * itself; whether @right can be the end of the address @left. */
bool tg_seam_local(struct tg_sv left, struct tg_sv right);
bool tg_seam_domain(struct tg_sv left, struct tg_sv right);

/* Letters alone. */
bool tg_seam_word(struct tg_sv s);

#endif
