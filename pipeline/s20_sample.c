/*
 * s20 - which units are kept: keyed, order-free, nested (1 % is inside 5 %).
 *
 * Kept iff BLAKE2b-64 of the id under the sampling key (little-endian) is below
 * rate * 2^64.  The id is the trace id, so that all records of a trace go
 * together; one of at most 256 bytes is taken in ASCII lower case (hex trace
 * ids of OTLP JSON compare without regard to case).
 * Source: policy-and-evidence 4.4, "Sampling"; docs/REPLAY.md does it again.
 */
#include "pipeline/sampled.h"
#include "pipeline/stage.h"
#include "base/banned.h"

#define PPB 1000000000u
#define ID_MAX 256

__extension__ typedef unsigned __int128 wide;

/* h < floor(ppb * 2^64 / 10^9) */
bool
tg_sample_below(uint64_t h, uint64_t ppb)
{
	if (ppb >= PPB)
		return true;
	return h < (uint64_t)(((wide)ppb << 64) / PPB);
}

static uint64_t
number(const struct tg_settings *set, struct tg_trace_text id)
{
	uint8_t digest[8];
	char low[ID_MAX];
	uint64_t h = 0;
	const char *p = id.bytes;

	if (id.n <= ID_MAX) {
		for (size_t i = 0; i < id.n; i++) {
			const char c = id.bytes[i];

			low[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
		}
		p = low;
	}
	tg_crypt_blake2b(digest, sizeof(digest), p, id.n, set->sample_key);
	for (unsigned i = sizeof(digest); i-- > 0;)
		h = h << 8 | digest[i];
	return h;
}

/* A unit without an id is its own trace: its bytes are its id. */
static struct tg_trace_text
identity(const struct tg_settings *set, const struct tg_record *r,
    const struct tg_unit *u)
{
	const struct tg_sv raw = tg_jdoc_raw(&r->doc, u->node);

	if (set->sample_session && u->session_id.n > 0)
		return u->session_id;
	if (u->trace_id.n > 0)
		return u->trace_id;
	return (struct tg_trace_text){raw.p, raw.n};
}

int
tg_s20_sample(struct tg_pass *p, struct tg_record *r, struct tg_err *err)
{
	for (uint32_t i = 0; i < r->n_unit; i++) {
		struct tg_unit *u = &r->unit[i];
		uint64_t h;

		if (u->frame)
			continue;
		h = number(p->set, identity(p->set, r, u));
		if (!tg_sample_below(h, p->set->rate_ppb))
			tg_unit_drop(u, "sample", "SMP-OUT");
		else if (p->set->max_records != 0 &&
		    p->sampled == p->set->max_records)
			tg_unit_drop(u, "sample", "SMP-CAP-TOTAL");
		else
			p->sampled++;
		if (p->drawn != NULL &&
		    tg_sampled_add(p->drawn, h, !u->dropped, err) < 0)
			return -1;
	}
	return 0;
}
