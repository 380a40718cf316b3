#include "tests/unit/pipeline/bundle/seal_kit.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/pipeline/bundle/aid.h"

#include "base/banned.h"

static const struct tg_seal_info info[] = {
    {"External-Identifier", "tg-uk-2026"}, {"Bundle-Nonce", "00ff"}};

/* Not in order: sealing sorts. */
static const struct {
	const char *name;
	size_t n;
} files[KIT_MEMBERS] = {{"data/records/part-00001.jsonl", 70000},
    {"data/records/part-00000.jsonl", 300000}, {"data/report.md", 0},
    {"data/policy/effective.yaml", 1}};

void
kit_volume(struct kit_volume *k, const char *dir, const char *file)
{
	uint8_t *const p = malloc(300000);

	memset(k, 0, sizeof *k);
	for (size_t i = 0; i < KIT_MEMBERS; i++) {
		struct tg_seal_member *const m = &k->member[i];

		(void)snprintf(
		    k->path[i], sizeof k->path[i], "%s/member-%zu", dir, i);
		aid_fill(p, files[i].n, (uint32_t)i + 50);
		/* Every other kilobyte compresses. */
		for (size_t at = 0; at + 2048 <= files[i].n; at += 2048)
			memset(p + at, 'x', 1024);
		aid_write(k->path[i], p, files[i].n);
		m->name = files[i].name;
		m->path = k->path[i];
		m->size = files[i].n;
		ck_assert_int_eq(
		    tg_sha256_bytes(m->sha256, p, files[i].n, NULL), 0);
	}
	for (size_t i = 0; i < 2; i++)
		ck_assert_int_eq(
		    tg_age_recipient(k->pk[i], TG_SV(KIT_RECIPIENT), NULL), 0);
	kit_key(k->sk[0]);
	k->keys = (struct tg_age_keys){
	    (const uint8_t(*)[TG_AGE_KEY_LEN])k->sk, 1, {NULL, 0}, 20};
	(void)snprintf(k->out, sizeof k->out, "%s/%s", dir, file);
	k->spec = (struct tg_seal_spec){k->out, k->member, KIT_MEMBERS, info,
	    TG_COUNT(info), (const uint8_t(*)[TG_AGE_KEY_LEN])k->pk, 2, 3};
	free(p);
}
