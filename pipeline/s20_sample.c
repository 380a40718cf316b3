/*
 * s20 - which units are kept: keyed, order-free, nested (1 % is inside 5 %).
 *
 * Kept iff the first 8 bytes (little-endian) of BLAKE2b-128(id, key) are below
 * rate * 2^64.  The id is the trace id, so that all records of a trace go
 * together; hex trace ids compare without regard to case (OTLP JSON encoding).
 * Source: policy-and-evidence 4.4, "Sampling".
 */
#include "pipeline/stage.h"
#include "base/banned.h"

#define PPB 1000000000u
#define ID_MAX 256

__extension__ typedef unsigned __int128 wide;

/* hash < floor(ppb * 2^64 / 10^9) */
static bool
below(uint64_t hash, uint64_t ppb)
{
	if (ppb >= PPB)
		return true;
	return hash < (uint64_t)(((wide)ppb << 64) / PPB);
}

static bool
keep(const struct tg_settings *set, struct tg_trace_text id)
{
	uint8_t digest[16];
	char low[ID_MAX];
	uint64_t h = 0;
	const char *p = id.bytes;

	if (id.n <= ID_MAX && id.n > 0) {
		for (size_t i = 0; i < id.n; i++) {
			const char c = id.bytes[i];

			low[i] = c >= 'A' && c <= 'F' ? (char)(c + 32) : c;
		}
		p = low;
	}
	tg_crypt_blake2b(digest, sizeof(digest), p, id.n, set->sample_key);
	for (unsigned i = 8; i-- > 0;)
		h = h << 8 | digest[i];
	return below(h, set->rate_ppb);
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
tg_s20_sample(
    struct tg_pass *p, struct tg_record *r, struct tg_err *err TG_UNUSED)
{
	for (uint32_t i = 0; i < r->n_unit; i++) {
		struct tg_unit *u = &r->unit[i];

		if (u->frame)
			continue;
		if (!keep(p->set, identity(p->set, r, u)))
			tg_unit_drop(u, "sample", "SMP-OUT");
		else if (p->set->max_records != 0 &&
		    p->sampled == p->set->max_records)
			tg_unit_drop(u, "sample", "SMP-CAP-TOTAL");
		else
			p->sampled++;
	}
	return 0;
}
