/*
 * scanner.h - what a scanner is, for scan.c and scanner.c alone: its buffers,
 * the text it is at, and the texts it remembers.
 */
#ifndef TG_REDACTORS_SCANNER_H
#define TG_REDACTORS_SCANNER_H

#include "redactors/around.h"
#include "redactors/context.h"
#include "redactors/decoded.h"
#include "redactors/scan.h"

#define TG_SCAN_MUTES 16 /* a power of two */

/* Whether a rule asks for the words of the key. */
enum tg_asked { TG_ASKED_UNKNOWN, TG_ASKED_NO, TG_ASKED_YES };

struct tg_scan_level {
	struct tg_mapped decoded, shadow, gaps, joined;
	struct tg_marks marks; /* of the shadow */
};

/* A key, and whether no rule asks for its words. */
struct tg_scan_mute {
	char key[TG_CONTEXT_KEY];
	size_t n; /* 0: free */
	bool mute;
};

struct tg_scanner {
	const struct tg_rules *r;
	struct tg_regex_scratch *re;
	uint8_t *min, *action; /* by type */
	size_t *next;	       /* by rule: where it may start next */
	struct tg_scan_level level[TG_DECODED_DEPTH + 1];
	struct tg_marks marks;	/* of another view */
	struct tg_known *known; /* texts without a finding */
	struct tg_recent *seen; /* texts and what was found */
	struct tg_scan_mute mute[TG_SCAN_MUTES];
	uint16_t *searched; /* rules outside the prefilter */
	size_t n_searched;
	struct tg_buf candidates; /* struct tg_candidate */
	struct tg_buf findings;	  /* struct tg_finding */
	/* Words of the key, then those in front of the encoded runs that lead
	 * to where we are: n_words in all, n_key of the key. */
	char key[TG_CONTEXT_KEY + TG_DECODED_DEPTH * TG_CONTEXT_MAX];
	size_t n_key, n_words;
	struct tg_pairs pairs_key, pairs_words;
	uint8_t *key_asked;	 /* by rule: enum tg_asked, of these words */
	struct tg_around around; /* the last one of this look */
	/* The look whose TG_MARK_ASKED was made, and its marks, or NULL. */
	const struct tg_look *asked_look;
	const struct tg_marks *asked;
	size_t decoded; /* bytes decoded of this text */
	size_t below, suppressed;
	tg_see see; /* or NULL */
	void *see_ctx;
	int only;
	bool plain;
	struct tg_rule *all; /* when plain: each with the form that searches */
};

/* All that is found in @v and in what is written in it, to s->candidates.
 * TG_E_INPUT: what cannot be judged. */
int tg_scanner_look(struct tg_scanner *s, const struct tg_look *v, int depth,
    struct tg_err *err) TG_MUST_CHECK;

#endif
