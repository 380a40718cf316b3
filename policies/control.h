/*
 * control.h - controls.yaml: what a law or rule asks, where it is enforced and
 * where the evidence shows it (policy-and-evidence.md 2).
 */
#ifndef TG_POLICIES_CONTROL_H
#define TG_POLICIES_CONTROL_H

#include "policies/pfile.h"

struct tg_control {
	const char *id;		       /* "UK-13" */
	const char *source;	       /* "UK GDPR art. 46(1A)" */
	const char *duty_en, *duty_fr; /* duty_fr "" outside French law */
	bool confirm; /* the source was not read in primary form: counsel
		       * confirms before it is cited */
	const char *const *leaf; /* leaves and maps of the policy; sorted */
	size_t n_leaf;
	const char *const *code; /* reason codes it gives rise to; sorted */
	size_t n_code;
	const char *const *shown; /* sections of the evidence; sorted */
	size_t n_shown;
	uint32_t line;
};

#define TG_CONTROLS_MAX 256

struct tg_controls {
	struct tg_pfile file;
	const char *region; /* "uk"; "" for the cross-cutting ones */
	struct tg_control *c;
	size_t n;
};

/*
 * tg_controls_open - reads one controls.yaml; every leaf it names must be one
 * of the schema.  Strings from @mem and from the file.  TG_E_CONFIG with
 * file:line:col, TG_E_IO, TG_E_MEMORY.
 */
int tg_controls_open(struct tg_controls *out, const char *path,
    const char *name, struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;
void tg_controls_close(struct tg_controls *c);

const struct tg_control *
tg_controls_find(const struct tg_controls *c, struct tg_sv id);
bool tg_control_has_code(const struct tg_control *c, const char *code);

#endif
