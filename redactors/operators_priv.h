/* operators_priv.h - the operators one by one.  Each appends its text without
 * brackets (mask: all of it); false when the value cannot be read or memory
 * ran out: the caller writes the label. */
#ifndef TG_REDACTORS_OPERATORS_PRIV_H
#define TG_REDACTORS_OPERATORS_PRIV_H

#include "redactors/operators.h"

/* operators_mask.c */
bool tg_operator_mask(struct tg_buf *out, struct tg_sv value,
    const struct tg_operator *p) TG_MUST_CHECK;
bool tg_operator_tag(struct tg_buf *out, struct tg_sv value) TG_MUST_CHECK;

/*
 * operators_hash.c - over the value as it reads: folded, in small letters, runs
 * of blanks one; of a value that is mostly digits the letters and digits alone.
 * So "536-90-4399" and "536 90 4399" are one.
 */
int tg_operator_canonical(
    struct tg_buf *out, struct tg_sv value, struct tg_err *err) TG_MUST_CHECK;
/* @bytes of a keyed BLAKE2b-256 in base32; @label tells uses apart. */
bool tg_operator_hash(struct tg_buf *out, const char *label, const char *type,
    struct tg_sv canonical, const uint8_t *key, size_t bytes) TG_MUST_CHECK;
bool
tg_operator_tokenise(struct tg_buf *out, const char *type, struct tg_sv value,
    struct tg_sv canonical, const uint8_t *key) TG_MUST_CHECK;
/* 128 bits of @canonical for a table or a number. */
void tg_operator_digest(uint8_t out[16], const char *label, const char *type,
    struct tg_sv canonical, const uint8_t *key);

/* operators_number.c */
struct tg_numbers;
int tg_numbers_new(struct tg_numbers **out, size_t n_types, struct tg_err *err)
    TG_MUST_CHECK;
void tg_numbers_free(struct tg_numbers *t);
void tg_numbers_reset(struct tg_numbers *t);
/* From 1 for the first value of a type; 0: full or out of memory. */
uint32_t
tg_numbers_of(struct tg_numbers *t, uint16_t type, const uint8_t digest[16]);

/* operators_date.c */
bool tg_operator_birth(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band, int year) TG_MUST_CHECK;
bool tg_operator_age(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band, int year) TG_MUST_CHECK;
/* The date @days later in the same form.  @year: of two digits, which. */
bool tg_operator_shift(
    struct tg_buf *out, struct tg_sv value, long days, int year) TG_MUST_CHECK;

/* operators_place.c */
bool tg_operator_ip(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band, int year) TG_MUST_CHECK;
bool tg_operator_gps(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band, int year) TG_MUST_CHECK;
bool tg_operator_uk_postcode(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band, int year) TG_MUST_CHECK;
bool tg_operator_fr_postcode(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band, int year) TG_MUST_CHECK;
bool tg_operator_us_zip(struct tg_buf *out, struct tg_sv value,
    enum tg_birth_band band, int year) TG_MUST_CHECK;

#endif
