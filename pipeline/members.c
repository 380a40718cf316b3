#include "pipeline/members.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/banned.h"

void
tg_members_salt_key(uint8_t out[TG_KEY_LEN], const uint8_t seed[TG_KEY_LEN])
{
	tg_crypt_derive(out, seed, "record-salt/v1", TG_SV(""));
}

void
tg_members_salt(uint8_t out[TG_KEY_LEN], const uint8_t salt_key[TG_KEY_LEN],
    uint64_t record)
{
	uint8_t number[8];

	for (unsigned i = 0; i < 8; i++)
		number[i] = (uint8_t)(record >> (56 - 8 * i));
	tg_crypt_derive(out, salt_key, "record",
	    (struct tg_sv){(const char *)number, sizeof(number)});
}

int
tg_members_init(struct tg_members *m, const char *dir,
    const uint8_t seed[TG_KEY_LEN], struct tg_err *err)
{
	*m = (struct tg_members){.out = {.fd = -1}};
	tg_merkle_init(&m->tree);
	tg_members_salt_key(m->salt_key, seed);
	if (tg_fs_remove_tree(dir, err) < 0 || tg_fs_mkdirs(dir, 0700, err) < 0)
		return -1;
	m->dir = strdup(dir);
	return m->dir == NULL ? tg_fail_memory(err) : 0;
}

void
tg_members_deinit(struct tg_members *m)
{
	if (m->open)
		tg_fs_out_abort(&m->out);
	tg_sha256_drop(&m->sha);
	tg_sha256_drop(&m->leaf);
	for (size_t i = 0; i < m->n; i++) {
		free(m->list[i].name);
		free(m->list[i].path);
	}
	free(m->list);
	free(m->dir);
	tg_crypt_wipe(m->salt_key, sizeof(m->salt_key));
	*m = (struct tg_members){.out = {.fd = -1}};
}

bool
tg_members_has(const struct tg_members *m, const char *name)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->list[i].name, name) == 0)
			return true;
	return false;
}

static int
grow(struct tg_members *m, struct tg_err *err)
{
	const size_t want = m->cap == 0 ? 64 : m->cap * 2;
	struct tg_member *p;
	size_t bytes;

	if (m->n < m->cap)
		return 0;
	if (m->n >= TG_MEMBERS_MAX)
		return tg_fail(err, TG_E_LIMIT, "more than %u files in a bag",
		    TG_MEMBERS_MAX);
	if (!tg_size_mul(&bytes, want, sizeof(*p)))
		return tg_fail_memory(err);
	p = realloc(m->list, bytes);
	if (p == NULL)
		return tg_fail_memory(err);
	m->list = p;
	m->cap = want;
	return 0;
}

int
tg_members_open(struct tg_members *m, const char *name, struct tg_err *err)
{
	char file[32];
	struct tg_member *e;

	if (tg_members_close(m, err) < 0 || grow(m, err) < 0)
		return -1;
	if (tg_members_has(m, name))
		return tg_fail(
		    err, TG_E_BUG, "two files named %s in a bag", name);
	(void)snprintf(file, sizeof(file), "%08zu.part", m->n);
	e = &m->list[m->n];
	*e = (struct tg_member){
	    .name = strdup(name), .path = tg_fs_join(m->dir, file)};
	if (e->name == NULL || e->path == NULL) {
		free(e->name);
		free(e->path);
		return tg_fail_memory(err);
	}
	m->n++;
	if (tg_sha256_init(&m->sha, err) < 0 ||
	    tg_fs_out_open(&m->out, e->path, 0600, TG_FS_NEW, err) < 0)
		return -1;
	m->open = true;
	return 0;
}

int
tg_members_begin(struct tg_members *m, struct tg_err *err)
{
	static const uint8_t zero = 0; /* RFC 9162 section 2.1: a leaf */
	uint8_t salt[TG_KEY_LEN];

	tg_sha256_drop(&m->leaf);
	if (tg_sha256_init(&m->leaf, err) < 0)
		return -1;
	tg_members_salt(salt, m->salt_key, m->records);
	tg_sha256_add(&m->leaf, &zero, 1);
	tg_sha256_add(&m->leaf, salt, sizeof(salt));
	return 0;
}

int
tg_members_piece(
    struct tg_members *m, const void *p, size_t n, struct tg_err *err)
{
	if (tg_fs_out_write(&m->out, p, n, err) < 0)
		return -1;
	tg_sha256_add(&m->leaf, p, n);
	tg_sha256_add(&m->sha, p, n);
	m->list[m->n - 1].size += n;
	return 0;
}

int
tg_members_end(struct tg_members *m, struct tg_err *err)
{
	uint8_t leaf[TG_SHA256_LEN];

	tg_sha256_end(&m->leaf, leaf);
	m->list[m->n - 1].records++;
	m->records++;
	return tg_merkle_add_hash(&m->tree, leaf, err);
}

int
tg_members_add(struct tg_members *m, struct tg_sv record, struct tg_sv eol,
    struct tg_err *err)
{
	struct tg_member *e = &m->list[m->n - 1];
	uint8_t salt[TG_KEY_LEN];

	tg_members_salt(salt, m->salt_key, m->records);
	if (tg_fs_out_write(&m->out, record.p, record.n, err) < 0 ||
	    tg_fs_out_write(&m->out, eol.p, eol.n, err) < 0 ||
	    tg_merkle_add(
		&m->tree, salt, sizeof(salt), record.p, record.n, err) < 0)
		return -1;
	tg_sha256_add(&m->sha, record.p, record.n);
	tg_sha256_add(&m->sha, eol.p, eol.n);
	e->size += record.n + eol.n;
	e->records++;
	m->records++;
	return 0;
}

int
tg_members_close(struct tg_members *m, struct tg_err *err)
{
	if (!m->open)
		return 0;
	m->open = false;
	tg_sha256_end(&m->sha, m->list[m->n - 1].sha256);
	return tg_fs_out_commit(&m->out, err);
}

static int
by_name(const void *a, const void *b)
{
	const struct tg_member *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void
tg_members_sort(struct tg_members *m)
{
	qsort(m->list, m->n, sizeof(*m->list), by_name);
}
