#include "policies/lint.h"

#include <stdio.h>

#include "base/env.h"
#include "policies/compiled.h"

#include "base/banned.h"

#define DAY INT64_C(86400)
#define REVIEW_DAYS 30 /* policy-and-evidence.md 4.2 */

struct lint {
	void (*warn)(void *ctx, const struct tg_policy_warning *w);
	void *ctx;
	size_t n;
};

static void
warn(struct lint *l, const char *code, bool fatal, const struct tg_pfile *f,
    uint32_t line, const char *text)
{
	const struct tg_policy_warning w = {code, fatal, f->name, line, text};

	l->n++;
	if (l->warn != NULL)
		l->warn(l->ctx, &w);
}

static void
lint_layer(struct lint *l, const struct tg_layer *layer, int64_t now)
{
	/* The last day itself still counts. */
	const int64_t end = layer->review_by + DAY;
	char date[TG_TIME_LEN], text[128];

	if (layer->effective_from > now) {
		tg_time_format(date, layer->effective_from);
		(void)snprintf(text, sizeof(text),
		    "'%.32s' is in force from %.10s on", layer->id, date);
		warn(l, "NOT-IN-FORCE", false, &layer->file,
		    layer->effective_line, text);
	}
	if (layer->review_by == 0 || now < end - (REVIEW_DAYS + 1) * DAY)
		return;
	tg_time_format(date, layer->review_by);
	(void)snprintf(text, sizeof(text), "'%.32s' %s its review of %.10s",
	    layer->id, now < end ? "nears" : "is past", date);
	warn(l, now < end ? "REVIEW-DUE" : "REVIEW-PASSED", now >= end,
	    &layer->file, layer->review_line, text);
}

static void
lint_reference(struct lint *l, const struct tg_reference *ref, int64_t now)
{
	const int64_t fresh = (int64_t)ref->stale_after_days * DAY;
	char date[TG_TIME_LEN], text[128];

	if (ref->file.path == NULL)
		return;
	tg_time_format(date, ref->as_of);
	if (now > ref->as_of + fresh) {
		(void)snprintf(text, sizeof(text),
		    "the reference sets are of %.10s and stay fresh for %llu "
		    "days",
		    date, (unsigned long long)ref->stale_after_days);
		warn(l, "REF-STALE", false, &ref->file, ref->as_of_line, text);
	}
	for (size_t i = 0; i < ref->n_expiry; i++) {
		const struct tg_refexpiry *x = &ref->expiry[i];

		if (now < x->date + DAY)
			continue;
		tg_time_format(date, x->date);
		(void)snprintf(text, sizeof(text), "%s in %s ended on %.10s",
		    x->country, x->set, date);
		warn(l, "REF-EXPIRED", true, &ref->file, x->line, text);
	}
}

size_t
tg_policy_lint(const struct tg_policy *p, int64_t now,
    void (*warn_one)(void *ctx, const struct tg_policy_warning *w), void *ctx)
{
	struct lint l = {warn_one, ctx, 0};

	for (size_t i = 0; i < p->n_layer; i++)
		lint_layer(&l, &p->layer[i], now);
	lint_reference(&l, &p->ref, now);
	return l.n;
}
