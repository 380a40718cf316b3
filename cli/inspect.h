/* inspect.h - what scan and redact share: rules, attributes, policy, a pass. */
#ifndef TG_CLI_INSPECT_H
#define TG_CLI_INSPECT_H

#include "cli/cmd.h"
#include "pipeline/input.h"
#include "pipeline/settings.h"
#include "pipeline/sources/attributes.h"
#include "policies/policy.h"

struct tg_look {
	struct tg_rules *rules;
	struct tg_attributes *attrs;
	struct tg_policy *policy; /* or NULL */
	struct tg_vocab *vocab;	  /* --tokenizer, or NULL */
	struct tg_settings set;
	struct tg_counts *counts;
	struct tg_pass pass;
	struct tg_intake intake;
	bool ready;	  /* pass and intake are made */
	const char *file; /* that is read now, as named on the command line */
};

/* The options --region, --pack, -p, --format, --lines. */
#define TG_LOOK_OPTS                                                        \
	{"region", 0, "LIST",                                               \
	    "identifiers and names of these regions (default uk,fr,us)"},   \
	    {"pack", 0, "FILE",                                             \
		"rules of your own beside those of the regions; may be "    \
		"repeated"},                                                \
	    {"policy", 'p', "FILE",                                         \
		"a project policy: its actions and thresholds"},            \
	    {"tokenizer", 0, "FILE",                                        \
		"tokenizer.json: what token ids in tensor files spell"},    \
	    {"texts", 0, "FILE",                                            \
		"the texts of a tensor file's contexts, JSON (default: "    \
		"NAME.jsonl or NAME.json beside it)"},                      \
	    {"attention", 0, "WORD",                                        \
		"causal: you attest that no token of a tensor file sees a " \
		"later one (default unknown)"},                             \
	    {"tensor-context", 0, "WORD",                                   \
		"whole: you attest that its contexts begin with the first " \
		"token the model saw (default window)"},                    \
	    {"format", 0, "FMT", "json (by content, the default) or text"}, \
	{                                                                   \
		"lines", 0, NULL, "with --format text: a line is a record"  \
	}

int tg_look_open(struct tg_look *l, struct tg_cli *cli, enum tg_mode mode)
    TG_MUST_CHECK;
void tg_look_close(struct tg_look *l);
/* Says what texts were in a language that detection does not know. */
void tg_look_foreign(const struct tg_look *l, struct tg_cli *cli);
/* Every input of the command line ("-": standard input) through the pass. */
int tg_look_all(struct tg_look *l, struct tg_cli *cli) TG_MUST_CHECK;

#endif
