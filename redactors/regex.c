#include "redactors/regex.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/banned.h"

#define JIT_STACK_START (32u * 1024)
#define JIT_STACK_MAX (1024u * 1024)

struct tg_regex_scratch {
	pcre2_match_data *data;
	pcre2_match_context *ctx, *light;
	unsigned heavy; /* matches over the light limit in this text */
	pcre2_jit_stack *stack;
};

static atomic_bool use_jit = true;

void
tg_regex_use_jit(bool on)
{
	atomic_store_explicit(&use_jit, on, memory_order_relaxed);
}

static pcre2_code *
compile(struct tg_sv pattern, uint32_t options, size_t *where, int *code)
{
	return pcre2_compile((PCRE2_SPTR)pattern.p, pattern.n,
	    PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
		PCRE2_DOLLAR_ENDONLY | options,
	    code, where, NULL);
}

int
tg_regex_compile(struct tg_regex *re, struct tg_sv pattern, size_t *where,
    struct tg_err *err)
{
	static const struct tg_regex none;
	unsigned char text[120];
	uint32_t groups = 0;
	int code = 0, number;

	*re = none;
	*where = 0;
	re->at = compile(pattern, PCRE2_ANCHORED, where, &code);
	if (re->at == NULL) {
		if (code == PCRE2_ERROR_HEAP_FAILED)
			return tg_fail_memory(err);
		(void)pcre2_get_error_message(code, text, sizeof(text));
		return tg_fail(err, TG_E_CONFIG, "pattern: %s", (char *)text);
	}
	(void)pcre2_pattern_info(re->at, PCRE2_INFO_CAPTURECOUNT, &groups);
	if (groups >= TG_REGEX_GROUPS) {
		tg_regex_deinit(re);
		return tg_fail(err, TG_E_CONFIG,
		    "pattern: over %d capture groups; use (?:...)",
		    TG_REGEX_GROUPS - 1);
	}
	number = pcre2_substring_number_from_name(re->at, (PCRE2_SPTR) "value");
	re->group = number > 0 ? (uint32_t)number : 0;
	/* No executable memory: the interpreter runs the same code. */
	re->jit = atomic_load_explicit(&use_jit, memory_order_relaxed) &&
	    pcre2_jit_compile(re->at, PCRE2_JIT_COMPLETE) == 0;
	return 0;
}

int
tg_regex_search(struct tg_regex *re, struct tg_sv pattern, struct tg_err *err)
{
	size_t where;
	int code = 0;

	pcre2_code_free(re->find);
	re->find = compile(pattern, 0, &where, &code);
	if (re->find == NULL)
		return tg_fail_memory(err);
	re->jit =
	    re->jit && pcre2_jit_compile(re->find, PCRE2_JIT_COMPLETE) == 0;
	return 0;
}

void
tg_regex_deinit(struct tg_regex *re)
{
	pcre2_code_free(re->at);
	pcre2_code_free(re->find);
	re->at = NULL;
	re->find = NULL;
}

static pcre2_match_context *
context(pcre2_jit_stack *stack, uint32_t limit)
{
	pcre2_match_context *ctx = pcre2_match_context_create(NULL);

	if (ctx == NULL)
		return NULL;
	/* Without JIT there may be no stack either: 32 KiB of the machine
	 * stack then. */
	if (stack != NULL)
		pcre2_jit_stack_assign(ctx, NULL, stack);
	(void)pcre2_set_match_limit(ctx, limit);
	(void)pcre2_set_depth_limit(ctx, TG_REGEX_DEPTH_LIMIT);
	(void)pcre2_set_heap_limit(ctx, TG_REGEX_HEAP_KIB);
	return ctx;
}

int
tg_regex_scratch_new(struct tg_regex_scratch **out, struct tg_err *err)
{
	struct tg_regex_scratch *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return tg_fail_memory(err);
	s->data = pcre2_match_data_create(TG_REGEX_GROUPS, NULL);
	s->stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, NULL);
	s->ctx = context(s->stack, TG_REGEX_MATCH_LIMIT);
	s->light = context(s->stack, TG_REGEX_LIGHT_LIMIT);
	if (s->data == NULL || s->ctx == NULL || s->light == NULL) {
		tg_regex_scratch_free(s);
		return tg_fail_memory(err);
	}
	*out = s;
	return 0;
}

void
tg_regex_scratch_free(struct tg_regex_scratch *s)
{
	if (s == NULL)
		return;
	pcre2_match_data_free(s->data);
	pcre2_match_context_free(s->ctx);
	pcre2_match_context_free(s->light);
	pcre2_jit_stack_free(s->stack);
	free(s);
}

void
tg_regex_scratch_start(struct tg_regex_scratch *s)
{
	s->heavy = 0;
}

/* The same machine code that pcre2_match would run, without its look at options
 * that are never set here. */
static int
run(const struct tg_regex *re, const struct tg_regex_scratch *s,
    const pcre2_code *code, pcre2_match_context *ctx, struct tg_sv text,
    size_t from)
{
	return re->jit ? pcre2_jit_match(code, (PCRE2_SPTR)text.p, text.n, from,
			     0, s->data, ctx)
		       : pcre2_match(code, (PCRE2_SPTR)text.p, text.n, from, 0,
			     s->data, ctx);
}

/* One start once more, with the hard limit, while the text may. */
static int
run_heavy(const struct tg_regex *re, struct tg_regex_scratch *s,
    struct tg_sv text, size_t from)
{
	if (++s->heavy > TG_REGEX_HEAVY)
		return PCRE2_ERROR_MATCHLIMIT;
	return run(re, s, re->at, s->ctx, text, from);
}

/* A search that met a heavy start goes on start by start. */
static int
find_heavy(const struct tg_regex *re, struct tg_regex_scratch *s,
    struct tg_sv text, size_t from)
{
	int rc = PCRE2_ERROR_NOMATCH;

	for (; from <= text.n && rc == PCRE2_ERROR_NOMATCH; from++) {
		rc = run(re, s, re->at, s->light, text, from);
		if (rc == PCRE2_ERROR_MATCHLIMIT)
			rc = run_heavy(re, s, text, from);
	}
	return rc;
}

int
tg_regex_match(const struct tg_regex *re, struct tg_regex_scratch *s,
    enum tg_regex_how how, const char *p, size_t n, size_t from,
    struct tg_span *all, struct tg_span *value, struct tg_err *err)
{
	const struct tg_sv text = {p, n};
	const pcre2_code *code = how == TG_REGEX_AT ? re->at : re->find;
	const PCRE2_SIZE *o;
	int rc;

	if (code == NULL)
		rc = find_heavy(re, s, text, from);
	else
		rc = run(re, s, code, s->light, text, from);
	if (code != NULL && rc == PCRE2_ERROR_MATCHLIMIT)
		rc = how == TG_REGEX_AT ? run_heavy(re, s, text, from)
					: find_heavy(re, s, text, from);
	if (rc == PCRE2_ERROR_NOMATCH)
		return 0;
	if (rc < 0)
		return tg_fail(err, TG_E_INPUT,
		    "matching stopped at byte %zu (engine error %d)", from, rc);
	o = pcre2_get_ovector_pointer(s->data);
	all->start = o[0];
	all->end = o[1];
	*value = *all;
	if (re->group != 0 && o[2 * re->group] != PCRE2_UNSET) {
		value->start = o[2 * re->group];
		value->end = o[2 * re->group + 1];
	}
	return 1;
}

#define TG_STR(x) #x
#define TG_STR_OF(x) TG_STR(x)

const char *
tg_regex_version(void)
{
	return TG_STR_OF(PCRE2_MAJOR) "." TG_STR_OF(PCRE2_MINOR);
}
