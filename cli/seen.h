/*
 * seen.h - a finding as it is shown to a person or a machine: its place, its
 * type, why; never its text.  Four writers, one table.
 */
#ifndef TG_CLI_SEEN_H
#define TG_CLI_SEEN_H

#include "base/buf.h"
#include "base/fs.h"
#include "cli/cmd.h"
#include "redactors/redactor.h"

#define TG_SEEN_CONFLICTS 8
#define TG_FINGERPRINT 33 /* 32 hex digits and NUL */

enum tg_seen_state {
	TG_SEEN_FOUND,
	TG_SEEN_KNOWN,	  /* in the baseline */
	TG_SEEN_BELOW,	  /* under its type's minimum */
	TG_SEEN_ALLOWED,  /* in a rule's allow list */
	TG_SEEN_NEGATIVE, /* beside a rule's negative words */
	TG_SEEN_INVALID,  /* --explain=all: its validator says it is none */
	TG_SEEN_BOUNDARY  /* --explain=all: glued to something else */
};

/* Where it stands in the file: counts from its beginning (decompressed). */
struct tg_seen_region {
	uint64_t line;	 /* from 1; 0: unknown */
	uint64_t chars;	 /* code points before it; UINT64_MAX: unknown */
	uint64_t length; /* code points */
};

struct tg_seen {
	const char *file; /* as named on the command line */
	uint64_t record;
	struct tg_sv path;   /* JSON Pointer; personal names are '*' */
	uint32_t start, end; /* code points in the decoded string */
	struct tg_seen_region region;
	const struct tg_rule_info *rule;
	uint8_t score;
	const char *action;
	enum tg_seen_state state;
	const struct tg_why *why; /* NULL: not asked for */
	const struct tg_rule_info *conflict[TG_SEEN_CONFLICTS];
	size_t n_conflict;
	const char *fingerprint; /* NULL: no baseline key */
};

const char *tg_seen_state_name(enum tg_seen_state s);
/* What suppressed it, in words, or NULL. */
const char *tg_seen_suppressed(enum tg_seen_state s);
/* "raw", "decoded:base64>escapes" */
int tg_seen_view(struct tg_buf *out, const struct tg_why *why,
    struct tg_err *err) TG_MUST_CHECK;
/* @path below the working directory as a path relative to it, "." segments and
 * double slashes gone; else as it is.  In the order of the command line the
 * same file has one name. */
int tg_seen_place(struct tg_buf *out, const char *path, struct tg_err *err)
    TG_MUST_CHECK;
/* The rule's file, relative to the data folder where it is in there. */
const char *tg_seen_pack(const struct tg_cli *cli, const char *pack);

/* How many, of what, where. */
struct tg_tally {
	uint64_t found, known, below, suppressed;
	uint64_t units, records, texts, left_out, max;
	uint64_t *type, *type_known; /* a number a type of the rule set */
	struct tg_tally_file {
		char *name;
		uint64_t found, known;
	} * file; /* files with one, in the order they were read */
	size_t n_file, cap_file;
	const char *const *context; /* lines of masked.h, or NULL */
	size_t n_context;
	bool contexts; /* they were asked for */
	bool baseline; /* there is one */
};

/* The answer on its way to standard output or to a file, whole or not at
 * all. */
struct tg_report {
	struct tg_cli *cli;
	const struct tg_rules *rules;
	const struct tg_writer *writer;
	bool explain, started, to_file;
	const char *path; /* of -o, or NULL */
	struct tg_fs_out file;
	FILE *out; /* when not to a file */
	struct tg_buf line, text;
	uint64_t n;	/* shown so far */
	uint16_t *used; /* SARIF: rules shown, in order; */
	int32_t *index; /* and where each rule is among them, or -1 */
	size_t n_used;
};

struct tg_writer {
	const char *name;
	/* begin and end may be NULL. */
	int (*begin)(struct tg_report *r, struct tg_err *err);
	int (*one)(
	    struct tg_report *r, const struct tg_seen *s, struct tg_err *err);
	int (*end)(
	    struct tg_report *r, const struct tg_tally *t, struct tg_err *err);
};

extern const struct tg_writer tg_writer_text, tg_writer_json, tg_writer_lines,
    tg_writer_sarif, tg_writer_markdown;

/* r->line to where the answer goes; empties it. */
int tg_report_put(struct tg_report *r, struct tg_err *err) TG_MUST_CHECK;

/* Whether @path may be written: new, or --overwrite; TG_E_USAGE. */
int tg_report_may_write(struct tg_cli *cli, const char *path) TG_MUST_CHECK;
/* Text to @out. */
void tg_report_init(struct tg_report *r, struct tg_cli *cli,
    const struct tg_rules *rules, FILE *out);
/* As --output, --json and -o say, else text to standard output; TG_E_USAGE. */
int tg_report_open(struct tg_report *r, struct tg_cli *cli,
    const struct tg_rules *rules) TG_MUST_CHECK;
int tg_report_one(struct tg_report *r, const struct tg_seen *s,
    struct tg_err *err) TG_MUST_CHECK;
int tg_report_close(struct tg_report *r, const struct tg_tally *t,
    struct tg_err *err) TG_MUST_CHECK;
/* Removes what is not whole; frees. */
void tg_report_deinit(struct tg_report *r);

/* A finding as JSON; with r->explain also why.  The caller frees. */
int tg_seen_json(struct tg_json **out, struct tg_report *r,
    const struct tg_seen *s, struct tg_err *err) TG_MUST_CHECK;

#endif
