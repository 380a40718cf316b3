/*
 * tensor_roles.h - what each tensor of a file is: the rows of tensor_roles.def
 * and of the policy's tensor_map, and whether their axes agree.
 */
#ifndef TG_PIPELINE_SOURCES_TENSOR_ROLES_H
#define TG_PIPELINE_SOURCES_TENSOR_ROLES_H

#include "pipeline/sources/tensor.h"

#define TG_TENSOR_KIND(name, always, dense) TG_KIND_##name,
enum tg_tensor_kind {
#include "pipeline/sources/tensor_kinds.def"
	TG_KIND_COUNT
};
#undef TG_TENSOR_KIND

const char *tg_tensor_kind_name(enum tg_tensor_kind k);
/* Dropped unless the policy names it. */
bool tg_tensor_kind_always(enum tg_tensor_kind k);
/* Activations themselves, no features of a dictionary. */
bool tg_tensor_kind_dense(enum tg_tensor_kind k);

struct tg_tensor_role {
	enum tg_tensor_kind kind;
	const char *axes; /* one letter an axis, tensor_roles.def */
	/* By which it was known: a row of the tables, static, or of the
	 * policy's tensor_map, as long as that. */
	const char *pattern;
};

/* A row of a policy: "glob=axes:kind", as "my.hook.#=bp.:residual_stream". */
struct tg_tensor_map {
	const char *const *row;
	size_t n;
};
/* Whether @row can be read; NULL or what is wrong with it. */
const char *tg_tensor_map_defect(const char *row);

#define TG_CONTEXTS_MAX (1u << 22)  /* of a file */
#define TG_POSITIONS_MAX (1u << 20) /* of a context */

struct tg_tensor_roles {
	const char *profile;	     /* "vllm" */
	struct tg_tensor_role *role; /* of each tensor; in the file's arena */
	size_t ids;		     /* the token ids, or SIZE_MAX */
	bool placed; /* a tensor has the axis p, e or k: made of tokens */
	uint64_t contexts, positions; /* 0 when no tensor has such an axis */
};

/*
 * TG_E_INPUT: a tensor that no profile knows (told by its number, its name is
 * a stranger's), axes that disagree, too many contexts or positions;
 * TG_E_MEMORY.  The array of a .npy file has no name: whole numbers of two
 * axes are token ids, others a residual stream.
 */
int tg_tensor_roles(struct tg_tensor_roles *out, struct tg_tensor_file *f,
    const struct tg_tensor_map *map, struct tg_err *err) TG_MUST_CHECK;

/* The number in a name where @pattern has its first '#', below 1000; -1: none.
 * A longer one is no layer, and may be anything. */
int tg_tensor_layer(const char *pattern, struct tg_sv name);

/* '#' is one or more digits, '*' is anything; for tests. */
bool tg_tensor_glob(const char *glob, struct tg_sv name);

#endif
