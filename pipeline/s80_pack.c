#include "pipeline/s80_pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/banned.h"

/* The members of the volume that begins at @from: at least one. */
static size_t
volume_end(const struct tg_members *m, size_t from)
{
	uint64_t bytes = 0;
	size_t i = from;

	do
		bytes += m->list[i++].size;
	while (i < m->n && bytes + m->list[i].size <= TG_VOLUME_BYTES);
	return i;
}

static size_t
volume_count(const struct tg_members *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i = volume_end(m, i))
		n++;
	return n;
}

static int
seal(struct tg_packed *v, const struct tg_members *m, size_t from, size_t to,
    const char *count, const struct tg_pack *how, struct tg_err *err)
{
	struct tg_seal_member *list = calloc(to - from, sizeof(*list));
	char *path = tg_fs_join(how->dir, v->file);
	const struct tg_seal_info info[] = {
	    {"External-Identifier", how->bundle_id},
	    {"Bag-Group-Identifier", how->bundle_id},
	    {"Bag-Count", count},
	    {"Bundle-Nonce", how->nonce_hex},
	    {"Region", how->regions},
	    {"Policy-SHA256", how->policy_sha256},
	};
	struct tg_seal_spec spec = {.out = path,
	    .member = list,
	    .n_member = to - from,
	    .info = info,
	    .n_info = TG_COUNT(info),
	    .recipient = how->recipient,
	    .n_recipient = how->n_recipient,
	    .zstd_level = how->zstd_level};
	int rc = -1;

	if (list == NULL || path == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	for (size_t i = from; i < to; i++) {
		struct tg_seal_member *s = &list[i - from];

		s->name = m->list[i].name;
		s->path = m->list[i].path;
		s->size = m->list[i].size;
		memcpy(s->sha256, m->list[i].sha256, sizeof(s->sha256));
		v->records += m->list[i].records;
	}
	rc = tg_seal_volume(&v->volume, &spec, err);
out:
	free(list);
	free(path);
	return rc;
}

int
tg_s80_pack(struct tg_packed **out, size_t *n, const struct tg_members *m,
    const struct tg_pack *how, struct tg_err *err)
{
	const size_t count = volume_count(m);
	struct tg_packed *list;
	size_t from = 0;

	if (count == 0)
		return tg_fail(err, TG_E_NO, "nothing is left to pack");
	if (count > TG_VOLUMES_MAX)
		return tg_fail(
		    err, TG_E_LIMIT, "more than %u volumes", TG_VOLUMES_MAX);
	list = calloc(count, sizeof(*list));
	if (list == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < count; i++) {
		const size_t to = volume_end(m, from);
		char number[64];

		(void)snprintf(list[i].file, sizeof(list[i].file),
		    "payload-%05zu.tar.zst.age", i);
		(void)snprintf(
		    number, sizeof(number), "%zu of %zu", i + 1, count);
		if (seal(&list[i], m, from, to, number, how, err) < 0) {
			free(list);
			return -1;
		}
		from = to;
	}
	*out = list;
	*n = count;
	return 0;
}
