/*
 * ledger_priv.h - what the files of this folder share of an open ledger.
 * Nobody else includes it.
 */
#ifndef TG_PIPELINE_LEDGER_LEDGER_PRIV_H
#define TG_PIPELINE_LEDGER_LEDGER_PRIV_H

#include <sys/types.h>

#include "pipeline/ledger/checkpoint.h"
#include "pipeline/ledger/ledger.h"
#include "pipeline/ledger/note.h"
#include "pipeline/ledger/tile.h"

struct tg_ledger {
	char *dir;
	char *state; /* NULL: for reading only */
	int lock;    /* -1: none */
	struct tg_note_key *key;
	struct tg_note_pub pub;
	char vkey[TG_NOTE_VKEY_MAX];
	struct tg_env env;

	struct tg_checkpoint cp;
	struct tg_buf note; /* the checkpoint's bytes */
	struct tg_tiles tiles;

	/* One entry bundle, checked against the checkpoint. */
	struct tg_buf bundle;
	struct tg_sv entry[TG_TILE_WIDTH];
	unsigned n_entry; /* 0: none is loaded */
	uint64_t bundle_n;

	int64_t last_time; /* of the last entry, seconds */
	bool broken;	   /* an append did not finish: open again */
};

/* An empty one; TG_E_MEMORY. */
int tg_ledger_new(struct tg_ledger **out, const char *dir, struct tg_err *err)
    TG_MUST_CHECK;

/*
 * tg_ledger_load - the checkpoint of the folder: signed by l->pub, and the
 * tiles give its root.  *@missing is set when there is no such file: then l is
 * the empty tree and 0 is returned.  TG_E_INTEGRITY, TG_E_IO.
 */
int tg_ledger_load(struct tg_ledger *l, bool *missing, struct tg_err *err)
    TG_MUST_CHECK;

/* Files of the folder or of the state; fs.h's errors. */
int tg_ledger_write_in(const char *dir, const char *name, struct tg_sv bytes,
    mode_t mode, int how, struct tg_err *err) TG_MUST_CHECK;
int tg_ledger_slurp_in(struct tg_buf *out, const char *dir, const char *name,
    bool *missing, struct tg_err *err) TG_MUST_CHECK;

/* tg_ledger_settle - tg_ledger_load, held against what our key has promised;
 * a cut-off append is finished.  TG_E_INTEGRITY: rollback, fork. */
int tg_ledger_settle(struct tg_ledger *l, bool *missing, struct tg_err *err)
    TG_MUST_CHECK;
/* tg_ledger_commit - the entry whose tiles are written is promised and
 * signed. */
int tg_ledger_commit(struct tg_ledger *l, struct tg_err *err) TG_MUST_CHECK;

/* Root of the tree of @size entries that the tiles hold. */
int tg_ledger_root(uint8_t out[TG_LEDGER_HASH], struct tg_ledger *l,
    uint64_t size, struct tg_err *err) TG_MUST_CHECK;

/* tg_ledger_bundle - loads entry bundle @n and proves it under l->cp. */
int tg_ledger_bundle(struct tg_ledger *l, uint64_t n, struct tg_err *err)
    TG_MUST_CHECK;
/* Entry @index, borrowed until another bundle is loaded. */
int tg_ledger_view(struct tg_ledger *l, uint64_t index, struct tg_sv *entry,
    struct tg_err *err) TG_MUST_CHECK;
/* The entry as a document: v is 1, seq is @index, type and time are there;
 * TG_E_INTEGRITY. */
int tg_ledger_parse(struct tg_json **out, struct tg_ledger *l, uint64_t index,
    struct tg_err *err) TG_MUST_CHECK;
/* A quick no spares the parser: @needle is @value as a JSON string, and
 * tg_ledger_mentions says whether entry @index holds it anywhere. */
int tg_ledger_needle(struct tg_buf *out, const char *value, struct tg_err *err)
    TG_MUST_CHECK;
int tg_ledger_mentions(bool *yes, struct tg_ledger *l, uint64_t index,
    const struct tg_buf *needle, struct tg_err *err) TG_MUST_CHECK;

#endif
