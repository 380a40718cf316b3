/*
 * source.h - the formats that are read.  A source says of a scanned document
 * whether it is its own (a bid: how many keys it recognised), and then what
 * each node of it is.  What it does not name keeps TG_CLS_DROP and does not
 * leave.  One row in sources.def, one file, one table of keys a format.
 */
#ifndef TG_PIPELINE_SOURCES_SOURCE_H
#define TG_PIPELINE_SOURCES_SOURCE_H

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/record.h"
#include "pipeline/sources/attributes.h"

struct tg_source {
	const char *name;  /* "otlp-traces" */
	const char *title; /* "OTLP/JSON traces" */
	bool document;	   /* a file of it is one JSON document, named by the
			    * document (a graph) */
	bool features;	   /* numbers of features beside tokens: features.h */
	bool loose;	   /* what tells it may be among what goes: a line
			    * that nothing tells is of the file's format */
	/* 0: not mine; more: the surer.  @d is a scanned document.  NULL: such
	 * records are made by us alone, and a file that looks like one is not
	 * of the format. */
	unsigned (*bid)(const struct tg_jdoc *d);
	/* Sets cls, field and units of @r (classes are all TG_CLS_DROP).
	 * TG_E_INPUT when the document contradicts its format. */
	int (*classify)(struct tg_record *r, const struct tg_attributes *attrs,
	    struct tg_err *err);
};

/* The row with the highest bid, or NULL. */
const struct tg_source *tg_source_for(const struct tg_jdoc *d);
/* By name, or NULL. */
const struct tg_source *tg_source_find(const char *name);
size_t tg_source_count(void);
const struct tg_source *tg_source_at(size_t i);

#define TG_SOURCE(id) extern const struct tg_source tg_source_##id;
#include "pipeline/sources/sources.def"
#undef TG_SOURCE

#endif
