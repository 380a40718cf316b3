/*
 * shadow_fuzz.c - the folded view of any bytes, and the marks of it.
 *
 * What holds for each input:
 *  - the way back rises, stays inside, and leads to whole code points;
 *  - the view is never longer than the text; folding it again changes nothing;
 *  - a text without a byte above 0x7f is its own shadow;
 *  - with the gaps kept, the view without the gaps is the other view;
 *  - the joined view is the text without some of its blanks and breaks;
 *  - the marks are the same with AVX2 and without.
 */
#include "redactors/fold.h"
#include "redactors/shadow.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define TEXT_MAX (1u << 16)

static void
same_marks(struct tg_marks *k, const char *p, size_t n)
{
	struct tg_marks other;

	tg_marks_init(&other, TG_SCAN_TEXT_MAX);
	hold(tg_marks_make(k, NULL, p, n, NULL) == 0, "marks");
	hold(tg_marks_force("scalar") &&
		tg_marks_make(&other, NULL, p, n, NULL) == 0,
	    "marks without AVX2");
	(void)tg_marks_force(NULL);
	hold(k->n == other.n && k->blocks == other.blocks, "as many blocks");
	/* ASKED is made later (prefilter_gate.h). */
	for (int i = 0; i < TG_MARK_ASKED && k->blocks > 0; i++)
		hold(memcmp(k->at[i], other.at[i],
			 k->blocks * sizeof(k->at[i][0])) == 0,
		    "the same marks");
	tg_marks_deinit(&other);
}

static void
fold_again(const struct tg_look *v)
{
	struct tg_shadow what;
	struct tg_mapped m;
	struct tg_look again;

	tg_mapped_init(&m, TG_SCAN_TEXT_MAX);
	hold(tg_shadow_fold(&again, &m, v, false, &what, NULL) == 0,
	    "folds again");
	hold(again.n == v->n && memcmp(again.p, v->p, v->n) == 0,
	    "folding again changes nothing");
	tg_mapped_deinit(&m);
}

/* @gaps is @v with TG_FOLD_OTHER here and there. */
static void
gaps_kept(const struct tg_look *v, const struct tg_look *gaps)
{
	size_t k = 0;
	bool ok = true;

	for (size_t i = 0; i < gaps->n && ok; i++) {
		if (k < v->n && gaps->p[i] == v->p[k] &&
		    gaps->map[i] == v->map[k])
			k++;
		else
			ok = gaps->p[i] == TG_FOLD_OTHER;
	}
	hold(ok && k == v->n, "with the gaps kept it is the same text");
}

static void
joined(const struct tg_look *v, const struct tg_marks *k, const char *text,
    size_t n, bool utf8)
{
	struct tg_mapped m;
	struct tg_look out = {.n = 0};
	bool any = false, ok = true;
	size_t at = 0;

	tg_mapped_init(&m, TG_SCAN_TEXT_MAX);
	hold(tg_shadow_join(&out, &m, v, k, &any, NULL) == 0, "joins");
	for (size_t i = 0; any && i < out.n && ok; i++) {
		/* A blank may stand for a break and its indent; '=' in front of
		 * a break is one of quoted-printable. */
		while (at < v->n && out.map[i] > at &&
		    strchr("\r\n \t>=", v->p[at]) != NULL && v->p[at] != '\0')
			at++;
		if (at < v->n && v->p[at] == out.p[i] && out.map[i] == at)
			at++;
		else
			ok = out.p[i] == ' ' && out.map[i] == at;
	}
	hold(ok, "only blanks and breaks are taken out");
	if (any) {
		hold(out.joined && out.n < v->n, "it is shorter");
		hold_map(&out);
		hold_roots(&out, text, n, utf8);
	}
	tg_mapped_deinit(&m);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct tg_look root = {.kind = TG_VIEW_RAW}, v, gaps;
	struct tg_shadow what;
	struct tg_mapped m, m2;
	struct tg_marks k;
	bool utf8;
	char *copy;

	if (n > TEXT_MAX)
		return 0;
	copy = exact(p, n);
	root.p = copy;
	root.n = n;
	utf8 = tg_utf8_valid((struct tg_sv){copy, n}) == n;
	tg_mapped_init(&m, TG_SCAN_TEXT_MAX);
	tg_mapped_init(&m2, TG_SCAN_TEXT_MAX);
	tg_marks_init(&k, TG_SCAN_TEXT_MAX);
	hold(tg_shadow_fold(&v, &m, &root, false, &what, NULL) == 0, "folds");
	hold(v.n <= n, "never longer");
	hold(!what.removed || what.folded, "what is removed is folded");
	if (!what.folded || tg_shadow_plain(&root))
		hold(v.n == n && memcmp(v.p, copy, n) == 0,
		    "a plain text is its own shadow");
	hold_map(&v);
	hold_roots(&v, copy, n, utf8);
	fold_again(&v);
	hold(tg_shadow_fold(&gaps, &m2, &root, true, &what, NULL) == 0 &&
		gaps.n <= n,
	    "folds with gaps");
	gaps_kept(&v, &gaps);
	same_marks(&k, v.p, v.n);
	joined(&v, &k, copy, n, utf8);
	tg_marks_deinit(&k);
	tg_mapped_deinit(&m2);
	tg_mapped_deinit(&m);
	free(copy);
	return 0;
}
