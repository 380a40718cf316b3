/* age_kit.h - sealing and opening in memory with the key of the age
 * specification. */
#ifndef TG_TESTS_UNIT_PIPELINE_BUNDLE_AGE_KIT_H
#define TG_TESTS_UNIT_PIPELINE_BUNDLE_AGE_KIT_H

#include "pipeline/bundle/age.h"

/* C2SP age.md, "The X25519 recipient type": 32 bytes of 0x42. */
#define KIT_IDENTITY                                                          \
	"AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFP" \
	"Q4EGAEX"
#define KIT_RECIPIENT                                                  \
	"age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnuj" \
	"wj"

void kit_key(uint8_t sk[TG_AGE_KEY_LEN]);
/* Seals @n bytes to the kit's recipient @recipients times over. */
void kit_seal(struct tg_buf *out, const void *p, size_t n, size_t recipients);
/* Opens with the kit's identity; what was given out is appended to @out. */
int kit_open(struct tg_buf *out, const void *p, size_t n, struct tg_err *err);
/* Where the payload begins: after the header and the nonce. */
size_t kit_payload(const struct tg_buf *age);

#endif
