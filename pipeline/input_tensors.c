/*
 * One tensor file through a pass.
 *
 * Its text goes the way of records (sources/source_tensors.c): the head, with
 * the metadata and the names of the tensors, is record 1; context k, spelled by
 * the vocabulary, is record k + 1.  The tensors themselves stay where they are.
 * What the stages say of each context decides which rows are copied
 * (sources/tensor_filter.c).  Nothing is written before all of it was judged.
 *
 * Fail closed: a tensor that no profile knows keeps the file; tensors made of
 * tokens that nobody could spell, or without any, are left out.
 */
#include "pipeline/input_tensors.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "pipeline/sources/npy.h"
#include "pipeline/sources/safetensors.h"
#include "pipeline/sources/sniff.h"
#include "pipeline/sources/source.h"
#include "pipeline/sources/tensor_filter.h"
#include "base/banned.h"

#define TEXT_MAX (16u << 20) /* bytes of a context as it is spelled */

/* The writer of vLLM holds a lock beside the file until it is whole. */
static bool
locked(const struct tg_tensors *s)
{
	char path[4096];
	bool held = flock(s->fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK;
	int fd = -1;

	if ((size_t)snprintf(path, sizeof(path), "%s.lock", s->in->path) <
	    sizeof(path))
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd >= 0) {
		held = held ||
		    (flock(fd, LOCK_SH | LOCK_NB) < 0 && errno == EWOULDBLOCK);
		(void)close(fd);
	}
	return held;
}

/* token_ids.npy or tokens.npy in the same folder, of an array without. */
static int
beside(struct tg_tensors *s)
{
	static const char *const names[] = {"token_ids.npy", "tokens.npy"};
	const char *slash = strrchr(s->in->path, '/');
	const int dir = slash == NULL ? 0 : (int)(slash - s->in->path) + 1;
	struct tg_err why = {.cls = TG_E_NONE};
	struct tg_tensor_roles roles;
	char path[4096];

	for (size_t i = 0; i < TG_COUNT(names) && s->ids_fd < 0; i++) {
		(void)snprintf(
		    path, sizeof(path), "%.*s%s", dir, s->in->path, names[i]);
		s->ids_fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	}
	if (s->ids_fd < 0)
		return 0;
	if (tg_npy_read(&s->ids_file, s->ids_fd, &why) < 0 ||
	    tg_tensor_roles(&roles, &s->ids_file, NULL, &why) < 0) {
		if (why.cls == TG_E_INPUT)
			return 0;
		*s->err = why;
		return -1;
	}
	if (roles.ids == 0 && roles.contexts == s->roles.contexts &&
	    roles.positions == s->roles.positions)
		s->ids = &s->ids_file.tensor[0];
	return 0;
}

/* 0: understood; 1: told and left out; -1. */
static int
understand(struct tg_tensors *s, enum tg_sniff_kind kind)
{
	struct tg_err why = {.cls = TG_E_NONE};

	if (locked(s))
		return tg_tensors_leave_out(s, "DEC-TRUNCATED", 0,
			   "another program is still writing it") < 0
		    ? -1
		    : 1;
	if ((kind == TG_SNIFF_NPY
		    ? tg_npy_read(&s->file, s->fd, &why)
		    : tg_safetensors_read(&s->file, s->fd, &why)) < 0)
		return tg_tensors_defect(s, "DEC-FORMAT", &why);
	return 0;
}

static int
put(void *ctx, const void *p, size_t n, struct tg_err *err)
{
	struct tg_intake *t = ctx;

	t->pass->counts->bytes_out += n;
	t->written += n;
	if (t->members != NULL)
		return tg_members_piece(t->members, p, n, err);
	return t->write(
	    t->write_ctx, (struct tg_sv){p, n}, (struct tg_sv){"", 0}, err);
}

static int
open_output(struct tg_tensors *s)
{
	struct tg_intake *t = s->t;
	char name[128];

	if (t->members == NULL) {
		if (t->written > 0)
			return tg_fail(s->err, TG_E_USAGE,
			    "a tensor file is written alone: one file at a "
			    "time");
		t->alone = true;
		return 0;
	}
	(void)snprintf(name, sizeof(name), "data/tensors/src-%04u.%s",
	    s->in->index,
	    s->file.format == TG_TENSOR_NPY ? "npy" : "safetensors");
	if (tg_members_open(t->members, name, s->err) < 0)
		return -1;
	t->members->list[t->members->n - 1].vocab = t->pass->vocab;
	t->members->list[t->members->n - 1].texts_gone =
	    t->pass->vocab == NULL && s->beside != NULL;
	return tg_members_begin(t->members, s->err);
}

/* Nobody wrote to the file while it was judged and copied. */
static int
unchanged(struct tg_tensors *s)
{
	struct stat st;

	if (fstat(s->fd, &st) < 0)
		return tg_fail_errno(s->err, errno, "%s", s->in->path);
	if (st.st_size != s->st.st_size ||
	    st.st_mtim.tv_sec != s->st.st_mtim.tv_sec ||
	    st.st_mtim.tv_nsec != s->st.st_mtim.tv_nsec)
		return tg_fail(s->err, TG_E_IO, "%s: changed while it was read",
		    s->in->path);
	return 0;
}

/* Contexts stay, none of them with its numbers. */
static bool
bare_only(const struct tg_tensors *s)
{
	bool any = false;

	for (uint64_t c = 0; c < s->roles.contexts; c++) {
		if (s->keep[c] > 0 && !s->bare[c])
			return false;
		any = any || s->keep[c] > 0;
	}
	return any;
}

static int
write_out(struct tg_tensors *s)
{
	struct tg_tensor_filter x = {.file = &s->file,
	    .roles = &s->roles,
	    .fd = s->fd,
	    .drop = s->drop,
	    .keep = s->keep,
	    .struck = s->struck,
	    .bare = s->bare,
	    .mask_id = s->t->pass->vocab == NULL
		? 0
		: tg_vocab_mask(s->t->pass->vocab),
	    .value_bits = s->t->pass->set->value_bits,
	    .meta = s->meta,
	    .n_meta = s->n_meta,
	    .has_meta = s->n_meta > 0,
	    .put = put,
	    .ctx = s->t};
	struct tg_err why = {.cls = TG_E_NONE};
	size_t left = 0;
	bool any;

	if (tg_tensors_choose(s, &x, &any) < 0)
		return -1;
	for (size_t i = 0; i < s->file.n; i++)
		left += !s->drop[i];
	if (left == 0 && !s->unscanned && bare_only(s))
		return tg_tensors_leave_out(s, "ACT-BARE", 0,
		    "the policy lets none of its activations leave, and it has "
		    "no token ids that do");
	if (left == 0 && (s->unscanned || !any))
		return 0; /* its contexts have their reasons */
	if (left == 0)
		return tg_tensors_leave_out(s, "ACT-KIND", 0,
		    "the policy lets none of its tensors leave");
	if (open_output(s) < 0)
		return -1;
	if (tg_tensor_filter_run(&x, &why) < 0) {
		*s->err = why; /* half of it is written: no way back */
		return tg_fail_in(s->err, "%s", s->in->path);
	}
	if (s->t->members != NULL && tg_members_end(s->t->members, s->err) < 0)
		return -1;
	return unchanged(s);
}

/* What each tensor is, and what its tokens are; 1: told and left out. */
static int
assign(struct tg_tensors *s, enum tg_sniff_kind kind)
{
	struct tg_err why = {.cls = TG_E_NONE};

	s->in->format = tg_source_tensors.name;
	if (tg_tensor_roles(
		&s->roles, &s->file, &s->t->pass->set->tensor_map, &why) < 0)
		return tg_tensors_defect(s, "ACT-TENSOR", &why);
	if (s->roles.ids != SIZE_MAX)
		s->ids = &s->file.tensor[s->roles.ids];
	else if (kind == TG_SNIFF_NPY && beside(s) < 0)
		return -1;
	return 0;
}

/*
 * Rows before a finding say nothing of it only where nobody looks ahead, and a
 * context says all of itself only where it begins at its beginning: what the
 * job does not attest is told, once a file.
 */
static int
not_attested(struct tg_tensors *s)
{
	const struct tg_pass *p = s->t->pass;

	if (!s->roles.placed)
		return 0;
	if (!p->whole) {
		s->unscanned = true;
		return tg_tensors_leave_out(s, "ACT-START", 0,
		    "that its contexts begin with the first token the model "
		    "saw is not attested (context: whole)");
	}
	if (s->cut && !p->causal && p->set->on_span == TG_SPAN_FROM)
		return tg_tensors_leave_out(s, "ACT-CONTEXT", 0,
		    "contexts with findings: that attention looks back only "
		    "is not attested (attention: causal)");
	return 0;
}

/* The whole file was judged: what leaves is written. */
static int
release(struct tg_tensors *s, bool unaligned)
{
	if (!tg_tensors_leave(s))
		return 0;
	if (unaligned && !s->unscanned) {
		s->unscanned = true;
		if (tg_tensors_leave_out(s, "ACT-UNSCANNED", 0,
			"its metadata hold a prompt with findings that its "
			"tokens do not have") < 0)
			return -1;
	}
	if (!s->unscanned && not_attested(s) < 0)
		return -1;
	if (s->unscanned && s->t->pass->set->unscanned_record)
		return 0;
	return write_out(s);
}

static int
whole(struct tg_tensors *s, enum tg_sniff_kind kind)
{
	struct tg_counts *c = s->t->pass->counts;
	const uint64_t before = c->contexts_cut;
	bool prompt = false;
	int rc;

	s->in->records = 1;
	c->records++;
	if (tg_sha256_fd(s->in->sha256, s->fd, &s->in->bytes, s->err) < 0)
		return -1;
	c->bytes_in += s->in->bytes;
	rc = understand(s, kind);
	if (rc == 0)
		rc = tg_tensors_head(s, &prompt);
	if (rc == 0)
		rc = assign(s, kind);
	if (rc != 0)
		return rc < 0 ? -1 : 0;
	if (tg_tensors_contexts(s) < 0)
		return -1;
	s->cut = c->contexts_cut != before;
	return release(s, prompt && !s->cut);
}

/* A regular file that begins as an array file, or -1 without an error. */
static int
look(const struct tg_input *in, int fd, struct stat *st,
    enum tg_sniff_kind *kind)
{
	char first[4096];
	const struct tg_sniff *what;
	ssize_t n;
	int own;

	/* A pipe with a name must not be opened to be looked at. */
	if (fd < 0 && (stat(in->path, st) < 0 || !S_ISREG(st->st_mode)))
		return -1;
	own = fd >= 0
	    ? fcntl(fd, F_DUPFD_CLOEXEC, 3)
	    : open(in->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (own < 0)
		return -1;
	if (fstat(own, st) == 0 && S_ISREG(st->st_mode) &&
	    (fd < 0 || lseek(own, 0, SEEK_CUR) == 0)) {
		n = pread(own, first, sizeof(first), 0);
		what =
		    n <= 0 ? NULL : tg_sniff((struct tg_sv){first, (size_t)n});
		if (what != NULL &&
		    (what->kind == TG_SNIFF_SAFETENSORS ||
			what->kind == TG_SNIFF_NPY)) {
			*kind = what->kind;
			return own;
		}
	}
	(void)close(own);
	return -1;
}

int
tg_input_tensors(struct tg_intake *t, struct tg_input *in, int fd, bool *mine,
    struct tg_err *err)
{
	struct tg_tensors s = {
	    .t = t, .in = in, .ids_fd = -1, .err = err, .w = {.fd = -1}};
	enum tg_sniff_kind kind = TG_SNIFF_NPY;
	int rc;

	*mine = false;
	s.fd = look(in, fd, &s.st, &kind);
	if (s.fd < 0)
		return 0;
	tg_tensor_file_init(&s.file);
	tg_tensor_file_init(&s.ids_file);
	tg_buf_init(&s.text, TEXT_MAX);
	rc = whole(&s, kind);
	*mine = rc == 0;
	t->pass->off = NULL;
	t->pass->struck = NULL;
	t->pass->n_off = 0;
	tg_window_deinit(&s.w);
	tg_tensor_file_deinit(&s.file);
	tg_tensor_file_deinit(&s.ids_file);
	tg_buf_deinit(&s.text);
	tg_beside_free(s.beside);
	free(s.over);
	free(s.keep);
	free(s.off);
	free(s.struck);
	free(s.struck_now);
	free(s.bare);
	(void)close(s.fd);
	if (s.ids_fd >= 0)
		(void)close(s.ids_fd);
	return rc;
}
