/* operators.c - what stands in place of a finding. */
#include "base/crypt.h"
#include "base/enc.h"
#include "redactors/fold.h"
#include "redactors/rule.h"

#include "base/banned.h"

#define PSEUDONYM_BYTES 5  /* 40 bits, eight digits of base32 */
#define PSEUDONYM_DIGITS 9 /* and NUL */
#define DIGEST_BYTES 32

static const char *const names[] = {"keep", "tag", "mask", "pseudonymise",
    "label", "drop_field", "drop_record", "block_run"};

const char *
tg_action_name(enum tg_action a)
{
	return names[a];
}

bool
tg_action_parse(enum tg_action *out, struct tg_sv s)
{
	for (size_t i = 0; i < TG_COUNT(names); i++)
		if (tg_sv_is(s, names[i])) {
			*out = (enum tg_action)i;
			return true;
		}
	return false;
}

static int
label(struct tg_buf *out, const char *type, struct tg_err *err)
{
	return tg_buf_addf(out, err, "[%s]", type);
}

/* "[TYPE:12]": the kind and the length in code points. */
static int
tag(struct tg_buf *out, const char *type, struct tg_sv value,
    struct tg_err *err)
{
	size_t n = 0;

	for (size_t i = 0; i < value.n; i++)
		n += ((unsigned char)value.p[i] & 0xc0) != 0x80;
	return tg_buf_addf(out, err, "[%s:%zu]", type, n);
}

/* '*' for each code point; blanks, hyphens, dots, slashes and '@' stay. */
static int
mask(struct tg_buf *out, struct tg_sv value, struct tg_err *err)
{
	for (size_t i = 0; i < value.n; i++) {
		const char c = value.p[i];

		if (((unsigned char)c & 0xc0) == 0x80)
			continue;
		if (tg_buf_addc(out,
			c != '\0' && strchr(" -./@\n", c) != NULL ? c : '*',
			err) < 0)
			return -1;
	}
	return 0;
}

/* "[TYPE_k3y5n2aa]": keyed BLAKE2b of type and value; the same value has the
 * same name under the same key, and without the key nobody can tell. */
static int
pseudonym(struct tg_buf *out, const char *type, struct tg_sv value,
    const uint8_t *secret, struct tg_err *err)
{
	uint8_t key[TG_KEY_LEN], digest[DIGEST_BYTES];
	char text[PSEUDONYM_DIGITS];

	tg_crypt_derive(key, secret, "redactors/pseudonym", tg_sv_of(type));
	tg_crypt_blake2b(digest, sizeof(digest), value.p, value.n, key);
	tg_crypt_wipe(key, sizeof(key));
	tg_base32(text, digest, PSEUDONYM_BYTES);
	return tg_buf_addf(out, err, "[%s_%s]", type, text);
}

int
tg_replacement(struct tg_buf *out, const struct tg_rules *r,
    const struct tg_finding *f, struct tg_trace_text text,
    const uint8_t *secret, struct tg_err *err)
{
	const char *type = tg_rules_type(r, f->type);
	struct tg_sv value;

	if (type == NULL || f->start > f->end || f->end > text.n)
		return tg_fail(err, TG_E_BUG, "a finding outside its text");
	value.p = text.bytes + f->start;
	value.n = f->end - f->start;
	switch ((enum tg_action)f->action) {
	case TG_ACT_KEEP:
		return tg_buf_addsv(out, value, err);
	case TG_ACT_TAG:
		return tag(out, type, value, err);
	case TG_ACT_MASK:
		return mask(out, value, err);
	case TG_ACT_PSEUDONYMISE:
		if (secret != NULL)
			return pseudonym(out, type, value, secret, err);
		return label(out, type, err);
	case TG_ACT_LABEL:
	case TG_ACT_DROP_FIELD:
	case TG_ACT_DROP_RECORD:
	case TG_ACT_BLOCK_RUN:
		return label(out, type, err);
	}
	return tg_fail(err, TG_E_BUG, "an action that is none");
}
