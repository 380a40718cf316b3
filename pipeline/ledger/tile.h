/*
 * tile.h - the files of a ledger folder (c2sp.org/tlog-tiles):
 *
 *	tile/<L>/<N>[.p/<W>]        hashes of level L: 256 of 32 bytes, or W
 *	tile/entries/<N>[.p/<W>]    256 entries, or W: u16be length, bytes
 *
 * N is written in groups of three digits, all but the last with an x before
 * them: 1234067 is x001/x234/067.  A partial tile of a tree of @size entries
 * has floor(size / 256^L) mod 256 hashes; an empty one does not exist.
 */
#ifndef TG_PIPELINE_LEDGER_TILE_H
#define TG_PIPELINE_LEDGER_TILE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/sv.h"
#include "pipeline/ledger/tree.h"

#define TG_TILE_WIDTH 256
#define TG_TILE_LEVELS 6     /* 256^6 is TG_TREE_MAX */
#define TG_TILE_ENTRIES (-1) /* "level" of an entry bundle */
#define TG_TILE_PATH 64	     /* bytes of a path below the folder, NUL incl. */
#define TG_TILE_ENTRY_MAX 65535 /* bytes: what the length field can say */
#define TG_BUNDLE_MAX (TG_TILE_WIDTH * (2 + TG_TILE_ENTRY_MAX)) /* bytes */

struct tg_tile {
	int level; /* or TG_TILE_ENTRIES */
	uint64_t n;
	unsigned width; /* 1 to 256 */
};

void tg_tile_path(char out[TG_TILE_PATH], const struct tg_tile *t);
/* The same back; false for every other spelling. */
bool tg_tile_parse(struct tg_tile *out, struct tg_sv path) TG_MUST_CHECK;
/* How many of tile @n at @level a tree of @size has: 0 to 256. */
unsigned tg_tile_width(int level, uint64_t n, uint64_t size);

/*
 * tg_tile_read - appends the tile's bytes.  Where a partial tile is gone the
 * full one serves; then *@got (what was read) is 256.  TG_E_INTEGRITY when
 * there is neither or the length of a hash tile is wrong, TG_E_IO when it
 * cannot be read.
 */
int tg_tile_read(struct tg_buf *out, unsigned *got, const char *dir,
    const struct tg_tile *t, struct tg_err *err) TG_MUST_CHECK;
/* tg_tile_write - whole, durable, 0644; replaces what was there (a leftover of
 * an append that did not finish). */
int tg_tile_write(const char *dir, const struct tg_tile *t, struct tg_sv bytes,
    struct tg_err *err) TG_MUST_CHECK;
/* tg_tile_prune - the partial forms of a tile that is now full are removed.
 * The specification allows it; failing to is of no consequence. */
void tg_tile_prune(const char *dir, const struct tg_tile *full);

/* The first entry of *@bundle, which moves on; false when it does not hold a
 * whole one. */
bool tg_bundle_next(struct tg_sv *entry, struct tg_sv *bundle) TG_MUST_CHECK;
/* TG_E_LIMIT: the entry is too long. */
int tg_bundle_add(struct tg_buf *bundle, struct tg_sv entry, struct tg_err *err)
    TG_MUST_CHECK;

/* Nodes of a tree of @size entries out of the tiles in @dir; one tile a level
 * is kept. */
struct tg_tiles {
	const char *dir; /* borrowed */
	uint64_t size;
	struct {
		bool is;
		uint64_t n;
		unsigned width;
		uint8_t hash[TG_TILE_WIDTH][TG_TREE_HASH];
	} at[TG_TILE_LEVELS];
};

void tg_tiles_init(struct tg_tiles *t, const char *dir, uint64_t size);
/* The hashes of one tile, borrowed until the next call for this level. */
int tg_tiles_get(const uint8_t (**hash)[TG_TREE_HASH], struct tg_tiles *t,
    unsigned level, uint64_t n, struct tg_err *err) TG_MUST_CHECK;
/* A tg_tree_node_fn; @ctx is a struct tg_tiles. */
int tg_tiles_node(uint8_t out[TG_TREE_HASH], void *ctx, unsigned level,
    uint64_t index, struct tg_err *err) TG_MUST_CHECK;

#endif
