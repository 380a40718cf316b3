#include "tests/unit/pipeline/bundle/age_kit.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/unit/pipeline/bundle/aid.h"

#include "base/banned.h"

void
kit_key(uint8_t sk[TG_AGE_KEY_LEN])
{
	ck_assert_int_eq(tg_age_identity(sk, TG_SV(KIT_IDENTITY), NULL), 0);
}

void
kit_seal(struct tg_buf *out, const void *p, size_t n, size_t recipients)
{
	uint8_t pk[TG_AGE_RECIPIENTS][TG_AGE_KEY_LEN];
	struct tg_age_writer *w;
	struct tg_err err = {0};

	for (size_t i = 0; i < recipients; i++)
		ck_assert_int_eq(
		    tg_age_recipient(pk[i], TG_SV(KIT_RECIPIENT), NULL), 0);
	tg_buf_init(out, AID_MAX);
	ck_assert_msg(
	    tg_age_writer_new(&w, (const uint8_t(*)[TG_AGE_KEY_LEN])pk,
		recipients, aid_take, out, &err) == 0,
	    "%s", err.text);
	ck_assert_int_eq(tg_age_write(w, p, n, &err), 0);
	ck_assert_int_eq(tg_age_finish(w, &err), 0);
	tg_age_writer_free(w);
}

int
kit_open(struct tg_buf *out, const void *p, size_t n, struct tg_err *err)
{
	uint8_t sk[1][TG_AGE_KEY_LEN];
	const struct tg_age_keys keys = {
	    (const uint8_t(*)[TG_AGE_KEY_LEN])sk, 1, {NULL, 0}, 20};
	const int fd = aid_memfd(p, n);
	int rc;

	kit_key(sk[0]);
	rc = tg_age_open(fd, &keys, aid_take, out, err);
	(void)close(fd);
	return rc;
}

size_t
kit_payload(const struct tg_buf *age)
{
	const char *const mac = memmem(age->p, age->n, "\n--- ", 5);

	ck_assert_ptr_nonnull(mac);
	return (size_t)(mac - age->p) + 1 + 4 + 43 + 1 + 16;
}
