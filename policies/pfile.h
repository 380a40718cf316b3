/*
 * pfile.h - one file that a policy is made of: its text, digest and tree, and
 * the small checks every such file shares.
 */
#ifndef TG_POLICIES_PFILE_H
#define TG_POLICIES_PFILE_H

#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/sv.h"
#include "base/yaml.h"

struct tg_pfile {
	const char *path;    /* as opened; what errors name */
	const char *name;    /* "regions/uk/policy.yaml": of any directory */
	const char *version; /* as declared, "" when not */
	char sha256[TG_SHA256_HEX];
	struct tg_sv text;
	struct tg_yaml *yaml; /* owned; NULL when the file is no YAML */
};

/*
 * tg_pfile_open - reads and parses @path; strings from @mem.
 * TG_E_CONFIG when it is missing, too large or no YAML subset (base/yaml.h);
 * TG_E_IO, TG_E_MEMORY.
 */
int tg_pfile_open(struct tg_pfile *f, const char *path, const char *name,
    struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;
/* The same of any text of at most @max bytes; yaml stays NULL. */
int tg_pfile_read(struct tg_pfile *f, const char *path, const char *name,
    size_t max, struct tg_arena *mem, struct tg_err *err) TG_MUST_CHECK;
void tg_pfile_close(struct tg_pfile *f);

/* The root, a map whose "schema" is @schema; NULL with TG_E_CONFIG. */
const struct tg_ynode *
tg_pfile_root(const struct tg_pfile *f, const char *schema, struct tg_err *err);

/* Every key of @map is one of @known (NULL-terminated). */
int tg_pfile_keys(const struct tg_pfile *f, const struct tg_ynode *map,
    const char *const *known, struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_pfile_str - the scalar under @key of @map, borrowed; a missing one is
 * TG_E_CONFIG when @need, else leaves *out alone.
 */
int tg_pfile_str(const char **out, const struct tg_pfile *f,
    const struct tg_ynode *map, const char *key, bool need, struct tg_err *err)
    TG_MUST_CHECK;
/* The same, a date ("2027-06-01"), in seconds; 0 when missing. */
int tg_pfile_date(int64_t *out, const struct tg_pfile *f,
    const struct tg_ynode *map, const char *key, bool need, struct tg_err *err)
    TG_MUST_CHECK;
/*
 * tg_pfile_list - a sequence of scalars of printable ASCII without spaces, at
 * most TG_PFILE_LIST, none twice; sorted bytewise, from @mem.
 */
#define TG_PFILE_LIST 512
int tg_pfile_list(const char *const **out, size_t *n, const struct tg_pfile *f,
    const struct tg_ynode *seq, struct tg_arena *mem, struct tg_err *err)
    TG_MUST_CHECK;

/* Whether @s is 1 to @max bytes of 0x21..0x7E. */
bool tg_pfile_name_ok(struct tg_sv s, size_t max);
#define TG_PFILE_NAME 256 /* bytes of a list item or a name */
/* Whether @id is @head and then capitals, digits, '-': at most @max bytes. */
bool tg_pfile_id_ok(struct tg_sv id, struct tg_sv head, size_t max);

/* "TG_E_CONFIG file:line:col: unknown key 'x' (did you mean 'y'?)"; -1. */
int tg_pfile_unknown(const struct tg_pfile *f, const struct tg_ynode *key,
    const char *const *known, struct tg_err *err);

#endif
