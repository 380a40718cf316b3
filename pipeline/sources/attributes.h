/*
 * attributes.h - the allow-list of OTLP attributes, a data file
 * (policies/otel-attributes.yaml): name -> what its value is.
 */
#ifndef TG_PIPELINE_SOURCES_ATTRIBUTES_H
#define TG_PIPELINE_SOURCES_ATTRIBUTES_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/sv.h"

/* In the folder of the data. */
#define TG_ATTRIBUTES_FILE "policies/otel-attributes.yaml"

struct tg_attributes; /* immutable */

struct tg_attribute {
	uint8_t cls;   /* enum tg_class */
	uint8_t field; /* enum tg_field_id */
	bool wild;     /* a segment of the name is free text ('*'): scan it */
};

/* TG_E_CONFIG with file:line:col. */
int tg_attributes_load(struct tg_attributes **out, const char *path,
    struct tg_err *err) TG_MUST_CHECK;
void tg_attributes_free(struct tg_attributes *a);
/* Borrowed; NULL: the attribute is not known. */
const struct tg_attribute *
tg_attributes_find(const struct tg_attributes *a, struct tg_trace_text name);
const char *tg_attributes_sha256(const struct tg_attributes *a);

#endif
