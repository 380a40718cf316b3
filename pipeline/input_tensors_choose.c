/* input_tensors_choose.c - which tensors of a file leave, and which features of
 * them: by kind, by the policy's topk_max and value_bits, by what was scanned.
 */
#include <stdio.h>
#include <string.h>

#include "pipeline/input_tensors.h"
#include "pipeline/sources/tensor_topk.h"
#include "base/banned.h"

/* Figures over fewer contexts say something of one (trace-formats 5.4). */
#define AGGREGATE_MIN 50

/* A failure that is the file's own fault is told and is no error: 1. */
int
tg_tensors_defect(
    struct tg_tensors *s, const char *code, const struct tg_err *why)
{
	char text[TG_ERR_TEXT + TG_ERR_TEXT / 2 + 4];

	if (why->cls != TG_E_INPUT && why->cls != TG_E_LIMIT) {
		*s->err = *why;
		return -1;
	}
	(void)snprintf(text, sizeof(text), "%s%s%s", why->text,
	    why->hint[0] == '\0' ? "" : "; ", why->hint);
	return tg_tensors_leave_out(s, code, 0, text) < 0 ? -1 : 1;
}

static bool
made_of_tokens(const struct tg_tensors *s, size_t i)
{
	const char *axes = s->roles.role[i].axes;

	return strpbrk(axes, "bpqek") != NULL ||
	    s->roles.role[i].kind == TG_KIND_token_ids;
}

/* An average over few contexts, some of which are gone. */
static bool
says_too_much(const struct tg_tensors *s, size_t i, bool cut)
{
	return cut && s->roles.role[i].kind == TG_KIND_sae_density &&
	    s->roles.contexts < AGGREGATE_MIN;
}

/* Features of a token in a row of their own, more than the policy allows. */
static bool
wide(const struct tg_tensors *s, size_t i)
{
	const uint64_t most = s->t->pass->set->topk;
	const struct tg_tensor *t = &s->file.tensor[i];
	const struct tg_tensor_role *role = &s->roles.role[i];
	uint64_t n = 1;

	if (most == 0 || role->kind != TG_KIND_sae_topk ||
	    strchr(role->axes, 'p') == NULL)
		return false;
	for (unsigned k = 0; k < t->rank; k++)
		if (role->axes[k] == '.' &&
		    __builtin_mul_overflow(n, t->shape[k], &n))
			return true;
	return n > most;
}

/* By its kind and the number of its features. */
static bool
admitted(const struct tg_tensors *s, size_t i)
{
	const struct tg_settings *set = s->t->pass->set;
	const struct tg_tensor *t = &s->file.tensor[i];
	const struct tg_tensor_role *role = &s->roles.role[i];

	/* A mask of a stranger could say anything; ours is made anew. */
	if (!set->kind[role->kind] || role->kind == TG_KIND_redaction_mask)
		return false;
	/* Ids that nobody spelled, though the text beside is known. */
	if (role->kind == TG_KIND_token_ids && s->t->pass->vocab == NULL)
		return false;
	/* Two numbers in one: no bits of it are the first of both. */
	if (set->value_bits != 0 && role->kind == TG_KIND_sae_topk &&
	    t->dtype == TG_DTYPE_C64)
		return false;
	return !wide(s, i);
}

/* What is above topk_max; a list that cannot be counted does not leave. */
static int
cap(struct tg_tensors *s, const struct tg_tensor_filter *x, uint8_t **over)
{
	struct tg_err why = {.cls = TG_E_NONE};
	uint64_t n = 0;
	bool told = false;

	*over = NULL;
	if (s->t->pass->set->topk == 0 || s->unscanned)
		return 0;
	for (size_t i = 0; i < s->file.n; i++)
		if (s->t->pass->set->kind[TG_KIND_sae_topk] && wide(s, i)) {
			s->drop[i] = true;
			told = true;
		}
	if (told &&
	    tg_tensors_leave_out(s, "ACT-TOPK", 0,
		"more features a token than the policy allows: they do not "
		"leave") < 0)
		return -1;
	if (tg_tensor_topk(over, &n, x, s->t->pass->set->topk, &why) == 0) {
		s->t->pass->counts->features_over += n;
		return 0;
	}
	for (size_t i = 0; i < s->file.n; i++)
		if (s->file.tensor[i].rank > 0 &&
		    strchr("ek", s->roles.role[i].axes[0]) != NULL)
			s->drop[i] = true;
	return tg_tensors_defect(s, "ACT-TOPK", &why) < 0 ? -1 : 0;
}

static void
count(const struct tg_tensors *s, size_t i)
{
	struct tg_counts *c = s->t->pass->counts;
	const struct tg_trace_text name = s->file.tensor[i].name;
	const struct tg_tensor_role *role = &s->roles.role[i];

	c->tensors++;
	c->tensors_kept += !s->drop[i];
	tg_counts_tensor(c, role->pattern, tg_tensor_kind_name(role->kind),
	    tg_tensor_layer(role->pattern, (struct tg_sv){name.bytes, name.n}),
	    !s->drop[i]);
}

/* What is dropped besides, and whether the rows of a context stay. */
static bool
choose(struct tg_tensors *s, const struct tg_tensor_filter *x)
{
	bool any = false, numbers = false, cut = s->unscanned;

	for (uint64_t c = 0; c < s->roles.contexts; c++) {
		any = any || s->keep[c] > 0;
		numbers = numbers || (s->keep[c] > 0 && !s->bare[c]);
		cut = cut || !tg_tensor_all_stay(x, c, s->roles.positions);
	}
	for (size_t i = 0; i < s->file.n; i++) {
		const bool id = s->roles.role[i].kind == TG_KIND_token_ids;
		const bool gone = s->unscanned || !(id ? any : numbers);

		if (!admitted(s, i) || (made_of_tokens(s, i) && gone) ||
		    says_too_much(s, i, cut) || !tg_tensor_filter_can(x, i))
			s->drop[i] = true;
		count(s, i);
	}
	return any || !s->roles.placed;
}

int
tg_tensors_choose(struct tg_tensors *s, struct tg_tensor_filter *x, bool *any)
{
	if (cap(s, x, &s->over) < 0)
		return -1;
	x->over = s->over;
	*any = choose(s, x);
	return 0;
}
