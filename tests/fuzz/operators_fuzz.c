/*
 * operators_fuzz.c - findings of any text and what stands for them.
 *
 * The first byte of an input chooses what the policy says of all types, the
 * rest is the text.  What holds for each text of UTF-8:
 *  - findings are sorted, apart, inside, on code-point borders; the same text
 *    has the same findings a second time, and with another scanner;
 *  - a replacement is UTF-8, the same a second time, and does not hold the
 *    value (keep does, and only keep);
 *  - a mask has no letter and no digit.
 * Text that is no UTF-8 is refused.
 */
#include "redactors/operators.h"
#include "tests/fuzz/fuzz.h"

#include "base/banned.h"

#define TEXT_MAX 4096
#define TELLING 5 /* bytes that do not stand in a label by chance */

static struct tg_rules *rules;
static struct tg_scanner *scanner, *other;
static struct tg_operators *ops;

int
LLVMFuzzerInitialize(int *argc TG_UNUSED, char ***argv TG_UNUSED)
{
	hold(tg_crypt_init(NULL) == 0, "libsodium");
	rules = built_in_rules();
	hold(tg_scanner_new(&scanner, rules, NULL) == 0 &&
		tg_scanner_new(&other, rules, NULL) == 0,
	    "scanners");
	hold(tg_operators_new(&ops, rules, NULL) == 0, "operators");
	return 0;
}

static bool
border(const char *p, size_t n, size_t at)
{
	return at == n || ((unsigned char)p[at] & 0xc0) != 0x80;
}

static bool
shows(struct tg_sv in, const char *p, size_t n)
{
	return n >= TELLING && memmem(in.p, in.n, p, n) != NULL;
}

static bool
alnum(struct tg_sv s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((s.p[i] >= '0' && s.p[i] <= '9') ||
		    ((s.p[i] | 0x20) >= 'a' && (s.p[i] | 0x20) <= 'z'))
			return true;
	return false;
}

static void
replace(const struct tg_finding *f, const char *p, size_t n)
{
	const struct tg_operand x = {.f = f, .text = {p, n}};
	const char *type = tg_rules_type(rules, f->type);
	const char *value = p + f->start;
	const size_t len = f->end - f->start;
	enum tg_action done = TG_ACT_KEEP, again = TG_ACT_KEEP;
	struct tg_buf a, b;

	tg_buf_init(&a, 1u << 20);
	tg_buf_init(&b, 1u << 20);
	hold(tg_operators_apply(ops, &a, &x, &done, NULL) == 0 &&
		tg_operators_apply(ops, &b, &x, &again, NULL) == 0,
	    "replaced");
	hold(done == again && tg_sv_eq(tg_buf_sv(&a), tg_buf_sv(&b)),
	    "the same twice");
	hold(tg_utf8_valid(tg_buf_sv(&a)) == a.n, "by UTF-8");
	hold((done == TG_ACT_KEEP) == (f->action == TG_ACT_KEEP),
	    "only keep keeps");
	if (done == TG_ACT_KEEP)
		hold(a.n == len && memcmp(a.p, value, len) == 0, "kept");
	else
		hold(!shows(tg_buf_sv(&a), value, len) ||
			shows(tg_sv_of(type), value, len),
		    "the value is gone");
	if (done == TG_ACT_MASK)
		hold(!alnum(tg_buf_sv(&a)), "a mask shows nothing");
	tg_buf_deinit(&b);
	tg_buf_deinit(&a);
}

/* A new record, with the keys that operators want or without. */
static void
keys(bool some)
{
	static const uint8_t secret[TG_KEY_LEN] = {1, 2, 3};
	const struct tg_operators_keys all = {secret, secret, secret, 2026},
				       none = {.year = 0};

	tg_operators_keys(ops, some ? &all : &none);
	tg_operators_file(ops);
	tg_operators_record(ops);
}

static void
same(struct tg_findings a, struct tg_findings b)
{
	hold(a.n == b.n && a.below == b.below, "as many findings");
	for (size_t i = 0; i < a.n; i++)
		hold(a.f[i].start == b.f[i].start && a.f[i].end == b.f[i].end &&
			a.f[i].rule == b.f[i].rule &&
			a.f[i].score == b.f[i].score,
		    "the same findings");
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct tg_err err = {.cls = TG_E_NONE};
	const struct tg_trace_text key = {"text", 4};
	struct tg_findings f, g;
	struct tg_trace_text t;
	enum tg_action act;
	size_t at = 0;
	char *copy;

	if (n < 1 || n > TEXT_MAX)
		return 0;
	act = (enum tg_action)(p[0] % (TG_ACT_BLOCK_RUN + 1));
	for (uint16_t i = 0; i < tg_rules_type_count(rules); i++)
		tg_scanner_set(scanner, i, 50, act);
	keys(p[0] < 0x80);
	copy = exact(p + 1, n - 1);
	t = (struct tg_trace_text){copy, n - 1};
	if (tg_scan(scanner, t, key, &f, &err) < 0) {
		hold(err.cls == TG_E_INPUT && err.text[0] != '\0',
		    "refused with words");
		hold(tg_scan(other, t, key, &g, &err) < 0, "twice");
		free(copy);
		return 0;
	}
	hold(tg_utf8_valid((struct tg_sv){copy, t.n}) == t.n, "only UTF-8");
	hold(tg_scan(other, t, key, &g, &err) == 0, "the other scanner too");
	same(f, g);
	for (size_t i = 0; i < f.n; i++) {
		const struct tg_finding *x = &f.f[i];

		hold(x->start >= at && x->start < x->end && x->end <= t.n,
		    "sorted, apart, inside");
		hold(border(copy, t.n, x->start) && border(copy, t.n, x->end),
		    "on code-point borders");
		/* Where types are mixed the value is not shown at all. */
		hold(x->action == act || x->action == TG_ACT_LABEL,
		    "what the policy says");
		at = x->end;
		replace(x, copy, t.n);
	}
	free(copy);
	return 0;
}
