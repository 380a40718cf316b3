/*
 * note_fuzz.c - the readers of the ledger's small texts on any bytes.
 *
 * What holds for each input:
 *  - as a note it is refused with TG_E_INTEGRITY, or its text is the one that
 *    the key has signed;
 *  - as a verifier key, signing key, checkpoint or tile path it is refused, or
 *    written again it gives the same bytes.
 *
 *	clang -fsanitize=fuzzer,address,undefined ... or with replay.c
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/crypt.h"
#include "pipeline/ledger/checkpoint.h"
#include "pipeline/ledger/note.h"
#include "pipeline/ledger/tile.h"

#include "base/banned.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* The example of c2sp.org/signed-note. */
static const char spec_vkey[] =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
static const char spec_text[] = "This is an example message.\n";

/* The rule that broke; the fuzzer keeps the input. */
static void
hold(bool ok, const char *rule)
{
	if (ok)
		return;
	(void)fprintf(stderr, "note_fuzz: broken: %s\n", rule);
	abort();
}

static void
check_note(struct tg_sv in)
{
	struct tg_note_pub pub;
	struct tg_err err = {0};
	struct tg_sv text;

	hold(tg_note_pub(&pub, tg_sv_of(spec_vkey), NULL) == 0, "a key");
	if (tg_note_open(&text, &pub, in, &err) < 0)
		hold(err.cls == TG_E_INTEGRITY, "refused as not intact");
	else
		hold(tg_sv_is(text, spec_text), "only what was signed");
}

static void
check_keys(struct tg_sv in)
{
	char vkey[TG_NOTE_VKEY_MAX];
	struct tg_note_key *k = NULL;
	struct tg_note_pub pub;
	struct tg_err err = {0};
	struct tg_buf b;

	if (tg_note_pub(&pub, in, &err) < 0) {
		hold(err.cls == TG_E_KEY, "refused as no key");
	} else {
		tg_note_vkey(vkey, &pub);
		hold(tg_sv_is(in, vkey), "a verifier key is written back");
	}
	if (tg_note_key(&k, in, &err) < 0) {
		hold(err.cls == TG_E_KEY, "refused as no signing key");
		return;
	}
	tg_buf_init(&b, TG_NOTE_VKEY_MAX + 16);
	hold(tg_note_skey(&b, k, &err) == 0 && tg_sv_eq(in, tg_buf_sv(&b)),
	    "a signing key is written back");
	tg_buf_wipe_deinit(&b);
	tg_note_key_free(k);
}

static void
check_forms(struct tg_sv in)
{
	char path[TG_TILE_PATH];
	struct tg_checkpoint cp;
	struct tg_err err = {0};
	struct tg_tile tile;
	struct tg_buf b;

	tg_buf_init(&b, TG_NOTE_VKEY_MAX + 128);
	if (tg_checkpoint_parse(&cp, in, &err) < 0)
		hold(err.cls == TG_E_INTEGRITY, "refused as no checkpoint");
	else
		hold(tg_checkpoint_text(&b, &cp, &err) == 0 &&
			tg_sv_eq(in, tg_buf_sv(&b)),
		    "a checkpoint is written back");
	tg_buf_deinit(&b);
	if (tg_tile_parse(&tile, in)) {
		tg_tile_path(path, &tile);
		hold(tg_sv_is(in, path), "a path is written back");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct tg_sv in = {n == 0 ? "" : (const char *)p, n};

	hold(tg_crypt_init(NULL) == 0, "libsodium");
	check_note(in);
	check_keys(in);
	check_forms(in);
	return 0;
}
