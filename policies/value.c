#include "policies/value.h"

#include <stdlib.h>

#include "base/num.h"
#include "policies/country.h"

#include "base/banned.h"

#define PPB UINT64_C(1000000000)
#define PRINT_ITEMS 12 /* of a set, in a message */

/* The shortest decimal: "0", "0.05", "1". */
static const char *
ratio_text(uint64_t ppb, struct tg_arena *mem)
{
	char digits[] = "000000000";
	size_t n = sizeof(digits) - 1;
	uint64_t rest = ppb % PPB;

	if (rest == 0)
		return tg_arena_fmt(mem, "%d", ppb == 0 ? 0 : 1);
	for (size_t i = n; i > 0; i--, rest /= 10)
		digits[i - 1] = (char)('0' + (int)(rest % 10));
	while (digits[n - 1] == '0')
		n--;
	return tg_arena_fmt(mem, "0.%.*s", (int)n, digits);
}

static bool
parse_word(struct tg_pval *v, struct tg_sv text)
{
	const char *const *words = v->row->words;

	for (uint64_t i = 0; words[i] != NULL; i++) {
		if (!tg_sv_is(text, words[i]))
			continue;
		v->num = i;
		v->text = words[i];
		return true;
	}
	return false;
}

bool
tg_pval_scalar(
    struct tg_pval *v, bool *oom, struct tg_sv text, struct tg_arena *mem)
{
	const bool zero_led = text.n > 1 && text.p[0] == '0';
	uint64_t num;

	*oom = false;
	switch (v->row->type) {
	case TG_PT_INT:
		if (zero_led ||
		    !tg_parse_u64(&num, text, v->row->lo, v->row->hi))
			return false;
		v->num = num;
		v->text = tg_arena_str(mem, text);
		break;
	case TG_PT_RATIO:
		if (!tg_parse_ratio_ppb(&num, text))
			return false;
		v->num = num;
		v->text = ratio_text(num, mem);
		break;
	case TG_PT_BOOL:
	case TG_PT_WORD:
		return parse_word(v, text);
	case TG_PT_NAME:
		if (!tg_pfile_name_ok(text, TG_PFILE_NAME))
			return false;
		v->text = tg_arena_str(mem, text);
		break;
	case TG_PT_NAMES:
	case TG_PT_PLACES:
	case TG_PT_TARGETS:
		return false;
	}
	*oom = v->text == NULL;
	return !*oom;
}

static int
text_cmp(const void *a, const void *b)
{
	const char *const *const x = a, *const *const y = b;

	return strcmp(*x, *y);
}

static int
fail_place(const struct tg_pval *v, const struct tg_pfile *f,
    const struct tg_ynode *node, struct tg_err *err)
{
	return tg_yaml_fail(f->yaml, node, err,
	    "%s: '%.*s' is no ISO 3166-1 country code%s", v->path,
	    node->text.n > 64 ? 64 : (int)node->text.n, node->text.p,
	    tg_sv_is(node->text, "UK") ? " (the United Kingdom is GB)" : "");
}

/* How many countries the list names, @SETs counted whole. */
static int
count_places(size_t *out, const struct tg_pval *v, const struct tg_pfile *f,
    const struct tg_ynode *seq, const struct tg_reference *ref,
    struct tg_err *err)
{
	size_t n = 0;

	for (const struct tg_ynode *e = seq->child; e != NULL; e = e->next) {
		const struct tg_refset *set;

		if (e->text.p[0] != '@') {
			if (!tg_country_known(e->text))
				return fail_place(v, f, e, err);
			n++;
			continue;
		}
		set = tg_reference_find(ref, e->text);
		if (set == NULL)
			return tg_reference_unknown(ref, f, e, err);
		n += set->n;
	}
	*out = n;
	return 0;
}

/* @SETs are replaced by their members; a country in two sets stays once. */
static int
expand(struct tg_pval *v, const struct tg_pfile *f, const struct tg_ynode *seq,
    const struct tg_reference *ref, struct tg_arena *mem, struct tg_err *err)
{
	const char **item;
	size_t n = 0, k = 0;

	if (count_places(&n, v, f, seq, ref, err) < 0)
		return -1;
	item = tg_arena_calloc(mem, n + 1, sizeof(*item));
	if (item == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < v->n; i++) {
		const struct tg_refset *set;

		if (v->item[i][0] != '@') {
			item[k++] = v->item[i];
			continue;
		}
		set = tg_reference_find(ref, tg_sv_of(v->item[i]));
		for (size_t m = 0; set != NULL && m < set->n; m++)
			item[k++] = set->member[m];
	}
	qsort(item, k, sizeof(*item), text_cmp);
	n = 0;
	for (size_t i = 0; i < k; i++)
		if (n == 0 || strcmp(item[n - 1], item[i]) != 0)
			item[n++] = item[i];
	v->item = item;
	v->n = n;
	return 0;
}

/* Options of trace-formats 5.4 that are known, and are not this: said so, not
 * taken for a slip of the pen. */
static const struct {
	const char *path, *word, *why;
} later[] = {
    {"/activations/on_span", "aggregate_only", "is not built yet"},
    {"/activations/form", "aggregate_only", "is not built yet"},
    {"/activations/on_span", "keep",
	"is no answer to a finding: /activations/on_clean, beside one"},
    {"/activations/on_span", "features_only",
	"is no answer to a finding: /activations/form, beside one"},
    {"/activations/on_span", "top_k",
	"is no answer to a finding: /activations/topk_max, beside one"},
    {"/activations/on_span", "quantise",
	"is for size only: /activations/value_bits, beside an answer"},
};

static const char *
not_yet(const struct tg_pval *v, const struct tg_ynode *node)
{
	for (size_t i = 0; i < TG_COUNT(later); i++)
		if (node->kind == TG_Y_SCALAR &&
		    strcmp(v->path, later[i].path) == 0 &&
		    tg_sv_is(node->text, later[i].word))
			return later[i].why;
	return NULL;
}

static void
hint_bool(struct tg_sv text, struct tg_err *err)
{
	static const char *const yes[] = {"yes", "on", "True", "TRUE", "Yes"};
	static const char *const no[] = {"no", "off", "False", "FALSE", "No"};

	for (size_t i = 0; i < TG_COUNT(yes); i++) {
		if (tg_sv_is(text, yes[i]))
			(void)tg_fail_hint(err, "type true");
		if (tg_sv_is(text, no[i]))
			(void)tg_fail_hint(err, "type false");
	}
}

/* "1%", "5", "0,05"; @digits lead. */
static void
hint_ratio(struct tg_sv text, size_t digits, struct tg_err *err)
{
	uint64_t num = 0;

	if (digits > 0 && text.p[digits] == ',')
		(void)tg_fail_hint(
		    err, "a decimal point, not a comma: 0.05 is 5 %%");
	else if (tg_parse_u64(&num, (struct tg_sv){text.p, digits}, 0, 99))
		(void)tg_fail_hint(err, "%llu %% is 0.%02llu",
		    (unsigned long long)num, (unsigned long long)num);
}

/* "30 days", not "12:30:45", "0800" or "1.5". */
static void
hint_int(struct tg_sv text, size_t digits, struct tg_err *err)
{
	const struct tg_sv unit = {text.p + digits, text.n - digits};

	if (digits == 0 || unit.n == 0 || text.p[0] == '0' ||
	    unit.p[0] == '.' || unit.p[0] == ':')
		return;
	(void)tg_fail_hint(err,
	    "the number alone, without '%.*s': the unit is in the key",
	    unit.n > 16 ? 16 : (int)unit.n, unit.p);
}

/* What to type instead, where that is plain. */
static void
hint_scalar(const struct tg_pval *v, struct tg_sv text, struct tg_err *err)
{
	size_t n = 0;

	while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9')
		n++;
	if (v->row->type == TG_PT_BOOL)
		hint_bool(text, err);
	else if (v->row->type == TG_PT_RATIO)
		hint_ratio(text, n, err);
	else if (v->row->type == TG_PT_INT)
		hint_int(text, n, err);
}

static int
fail_scalar(const struct tg_pval *v, const struct tg_pfile *f,
    const struct tg_ynode *node, struct tg_err *err)
{
	const char *near = NULL;
	const char *why = not_yet(v, node);
	struct tg_buf want;

	if (why != NULL)
		return tg_yaml_fail(f->yaml, node, err, "%s: %.*s %s", v->path,
		    (int)node->text.n, node->text.p, why);
	tg_buf_init(&want, TG_ERR_TEXT);
	if (tg_schema_describe(&want, v->row, err) < 0)
		goto out;
	if (v->row->words != NULL && node->kind == TG_Y_SCALAR)
		near = tg_nearest(node->text, v->row->words);
	tg_yaml_fail(f->yaml, node, err, "%s: %s is wanted%s%s%s", v->path,
	    want.p, near == NULL ? "" : " (did you mean '",
	    near == NULL ? "" : near, near == NULL ? "" : "'?)");
	if (node->kind == TG_Y_SCALAR)
		hint_scalar(v, node->text, err);
out:
	tg_buf_deinit(&want);
	return -1;
}

int
tg_pval_node(struct tg_pval *v, const struct tg_pfile *f,
    const struct tg_ynode *node, const struct tg_reference *ref,
    struct tg_arena *mem, struct tg_err *err)
{
	bool oom = false;

	v->line = node->line;
	v->col = node->col;
	if (!tg_pval_is_set(v->row)) {
		if (node->kind != TG_Y_SCALAR ||
		    !tg_pval_scalar(v, &oom, node->text, mem))
			return oom ? tg_fail_memory(err)
				   : fail_scalar(v, f, node, err);
		return 0;
	}
	if (tg_pfile_list(&v->item, &v->n, f, node, mem, err) < 0)
		return -1;
	if (v->n == 0 && v->row->rule != TG_PR_UNION)
		return tg_yaml_fail(
		    f->yaml, node, err, "E-EMPTY: %s allows nothing", v->path);
	if (v->row->type == TG_PT_PLACES)
		return expand(v, f, node, ref, mem, err);
	return 0;
}

bool
tg_pval_has(const struct tg_pval *v, struct tg_sv item)
{
	for (size_t i = 0; i < v->n; i++)
		if (tg_sv_is(item, v->item[i]))
			return true;
	return false;
}

const char *
tg_pval_extra(const struct tg_pval *a, const struct tg_pval *b)
{
	for (size_t i = 0; i < a->n; i++)
		if (!tg_pval_has(b, tg_sv_of(a->item[i])))
			return a->item[i];
	return NULL;
}

static enum tg_pcmp
num_cmp(uint64_t a, uint64_t b, bool higher_is_stricter)
{
	if (a == b)
		return TG_PC_EQUAL;
	return (a > b) == higher_is_stricter ? TG_PC_TIGHTER : TG_PC_LOOSER;
}

static enum tg_pcmp
set_cmp(const struct tg_pval *a, const struct tg_pval *b)
{
	const bool more = tg_pval_extra(a, b) != NULL;
	const bool less = tg_pval_extra(b, a) != NULL;
	const bool grows = a->row->rule == TG_PR_UNION;

	if (!more && !less)
		return TG_PC_EQUAL;
	if (more && less)
		return TG_PC_APART;
	return more == grows ? TG_PC_TIGHTER : TG_PC_LOOSER;
}

/* keep < {generalise, pseudonymise < label} < drop */
static enum tg_pcmp
op_cmp(uint64_t a, uint64_t b)
{
	enum { KEEP, GENERALISE, PSEUDONYMISE, LABEL, DROP };
	const uint64_t lo = a < b ? a : b, hi = a < b ? b : a;

	if (lo == GENERALISE && (hi == PSEUDONYMISE || hi == LABEL))
		return TG_PC_APART;
	return num_cmp(a, b, true);
}

enum tg_pcmp
tg_pval_cmp(const struct tg_pval *a, const struct tg_pval *b)
{
	switch (a->row->rule) {
	case TG_PR_MIN:
		return num_cmp(a->num, b->num, false);
	case TG_PR_MAX:
	case TG_PR_ORDERED:
		return num_cmp(a->num, b->num, true);
	case TG_PR_PARTIAL:
		return op_cmp(a->num, b->num);
	case TG_PR_LOCK:
		return strcmp(a->text, b->text) == 0 ? TG_PC_EQUAL
						     : TG_PC_APART;
	case TG_PR_INTERSECT:
	case TG_PR_UNION:
	case TG_PR_CONJ:
		return set_cmp(a, b);
	}
	return TG_PC_APART;
}

int
tg_pval_union(struct tg_pval *out, const struct tg_pval *a,
    const struct tg_pval *b, struct tg_arena *mem, struct tg_err *err)
{
	const char **item =
	    tg_arena_calloc(mem, a->n + b->n + 1, sizeof(*item));
	size_t i = 0, k = 0, n = 0;

	if (item == NULL)
		return tg_fail_memory(err);
	while (i < a->n || k < b->n) {
		const int c = i == a->n ? 1
		    : k == b->n		? -1
					: strcmp(a->item[i], b->item[k]);

		item[n++] = c <= 0 ? a->item[i] : b->item[k];
		i += c <= 0;
		k += c >= 0;
	}
	*out = *a;
	out->item = item;
	out->n = n;
	return 0;
}

int
tg_pval_intersect(struct tg_pval *out, const struct tg_pval *a,
    const struct tg_pval *b, struct tg_arena *mem, struct tg_err *err)
{
	const char **item = tg_arena_calloc(mem, a->n + 1, sizeof(*item));
	size_t n = 0;

	if (item == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < a->n; i++)
		if (tg_pval_has(b, tg_sv_of(a->item[i])))
			item[n++] = a->item[i];
	*out = *a;
	out->item = item;
	out->n = n;
	return 0;
}

int
tg_pval_print(struct tg_buf *out, const struct tg_pval *v, struct tg_err *err)
{
	if (v->text != NULL)
		return tg_buf_adds(out, v->text, err);
	if (tg_buf_addc(out, '[', err) < 0)
		return -1;
	for (size_t i = 0; i < v->n && i < PRINT_ITEMS; i++)
		if (tg_buf_addf(
			out, err, "%s%s", i == 0 ? "" : ", ", v->item[i]) < 0)
			return -1;
	if (v->n > PRINT_ITEMS &&
	    tg_buf_addf(out, err, ", ... %zu in all", v->n) < 0)
		return -1;
	return tg_buf_addc(out, ']', err);
}
