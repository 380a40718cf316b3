#include <check.h>
#include <string.h>

#include "pipeline/ledger/ledger.h"
#include "tests/unit/pipeline/ledger/book.h"

#include "base/banned.h"

Suite *proof_suite(void);

static struct book b;

static void
set_up(void)
{
	book_init(&b);
	book_create(&b);
}

static void
tear_down(void)
{
	book_deinit(&b);
}

START_TEST(every_entry_of_every_size_is_proven)
{
	struct tg_ledger *l = NULL;
	struct tg_buf proof, entry;
	struct tg_err err;
	uint64_t index;

	tg_buf_init(&proof, 1 << 16);
	tg_buf_init(&entry, TG_LEDGER_ENTRY_MAX);
	for (uint64_t n = 1; n <= 40; n++) {
		OK(tg_ledger_read(&l, b.dir, NULL, &err));
		for (uint64_t i = 0; i < n; i++) {
			tg_buf_reset(&proof);
			tg_buf_reset(&entry);
			OK(tg_ledger_prove(l, i, &proof, &err));
			OK(tg_ledger_entry(l, i, &entry, &err));
			OK(tg_proof_check(tg_buf_sv(&proof), tg_buf_sv(&entry),
			    tg_ledger_vkey(l), &index, &err));
			ck_assert_uint_eq(index, i);
			OK(tg_buf_addc(&entry, ' ', &err));
			FAILS(
			    tg_proof_check(tg_buf_sv(&proof), tg_buf_sv(&entry),
				tg_ledger_vkey(l), &index, &err),
			    TG_E_INTEGRITY);
		}
		tg_ledger_free(l);
		book_fill(&b, 1);
	}
	tg_buf_deinit(&proof);
	tg_buf_deinit(&entry);
}
END_TEST

START_TEST(no_bit_of_a_proof_may_change)
{
	struct tg_ledger *l;
	struct tg_buf proof, entry;
	struct tg_err err;
	uint64_t index;

	book_fill(&b, 10);
	l = book_open(&b);
	tg_buf_init(&proof, 1 << 16);
	tg_buf_init(&entry, TG_LEDGER_ENTRY_MAX);
	OK(tg_ledger_prove(l, 6, &proof, &err));
	OK(tg_ledger_entry(l, 6, &entry, &err));
	for (size_t bit = 0; bit < proof.n * 8; bit++) {
		proof.p[bit / 8] = (char)(proof.p[bit / 8] ^ 1 << bit % 8);
		FAILS(tg_proof_check(tg_buf_sv(&proof), tg_buf_sv(&entry),
			  tg_ledger_vkey(l), &index, &err),
		    TG_E_INTEGRITY);
		proof.p[bit / 8] = (char)(proof.p[bit / 8] ^ 1 << bit % 8);
	}
	for (size_t n = 0; n < proof.n; n++)
		FAILS(tg_proof_check((struct tg_sv){proof.p, n},
			  tg_buf_sv(&entry), tg_ledger_vkey(l), &index, &err),
		    TG_E_INTEGRITY);
	for (size_t bit = 0; bit < entry.n * 8; bit++) {
		entry.p[bit / 8] = (char)(entry.p[bit / 8] ^ 1 << bit % 8);
		FAILS(tg_proof_check(tg_buf_sv(&proof), tg_buf_sv(&entry),
			  tg_ledger_vkey(l), &index, &err),
		    TG_E_INTEGRITY);
		entry.p[bit / 8] = (char)(entry.p[bit / 8] ^ 1 << bit % 8);
	}
	OK(tg_proof_check(tg_buf_sv(&proof), tg_buf_sv(&entry),
	    tg_ledger_vkey(l), &index, &err));
	tg_buf_deinit(&proof);
	tg_buf_deinit(&entry);
	tg_ledger_free(l);
}
END_TEST

START_TEST(a_proof_is_written_as_the_specification_says)
{
	static const char *const bad[] = {"", "c2sp.org/tlog-proof@v1\n",
	    "c2sp.org/tlog-proof@v1\nextra AAAA\nindex 0\n\n",
	    "c2sp.org/tlog-proof@v1\nindex 00\n\n",
	    "c2sp.org/tlog-proof@v1\nindex \n\n",
	    "c2sp.org/tlog-proof@v2\nindex 0\n\n"};
	char text[4096];
	struct tg_ledger *l;
	struct tg_buf proof, entry;
	struct tg_err err;
	uint64_t index;

	l = book_open(&b);
	tg_buf_init(&proof, 1 << 16);
	tg_buf_init(&entry, TG_LEDGER_ENTRY_MAX);
	OK(tg_ledger_prove(l, 0, &proof, &err));
	OK(tg_ledger_entry(l, 0, &entry, &err));
	(void)snprintf(text, sizeof(text),
	    "c2sp.org/tlog-proof@v1\nindex 0\n\n%.*s",
	    TG_SV_FMT(tg_ledger_checkpoint(l)));
	ck_assert(tg_sv_is(tg_buf_sv(&proof), text));
	for (size_t i = 0; i < TG_COUNT(bad); i++) {
		(void)snprintf(text, sizeof(text), "%s%.*s", bad[i],
		    TG_SV_FMT(tg_ledger_checkpoint(l)));
		FAILS(tg_proof_check(tg_sv_of(text), tg_buf_sv(&entry),
			  tg_ledger_vkey(l), &index, &err),
		    TG_E_INTEGRITY);
	}
	FAILS(tg_proof_check(
		  tg_buf_sv(&proof), tg_buf_sv(&entry), "x", &index, &err),
	    TG_E_KEY);
	tg_buf_deinit(&proof);
	tg_buf_deinit(&entry);
	tg_ledger_free(l);
}
END_TEST

START_TEST(consistency_is_shown_from_every_older_size)
{
	struct tg_ledger *l;
	struct tg_buf out;
	struct tg_err err;
	char head[32];

	book_fill(&b, 300);
	l = book_open(&b);
	tg_buf_init(&out, 1 << 16);
	for (uint64_t old = 0; old <= 301; old++) {
		tg_buf_reset(&out);
		OK(tg_ledger_consistency(l, old, &out, &err));
		(void)snprintf(head, sizeof(head), "old %" PRIu64 "\n", old);
		ck_assert(tg_sv_starts(tg_buf_sv(&out), tg_sv_of(head)));
	}
	FAILS(tg_ledger_consistency(l, 302, &out, &err), TG_E_NO);
	/* 0 and the size itself: no line between head and checkpoint. */
	tg_buf_reset(&out);
	OK(tg_ledger_consistency(l, 301, &out, &err));
	ck_assert(tg_sv_starts(tg_buf_sv(&out), TG_SV("old 301\n\n" ORIGIN)));
	tg_buf_deinit(&out);
	tg_ledger_free(l);
}
END_TEST

Suite *
proof_suite(void)
{
	Suite *s = suite_create("proof");
	TCase *c = tcase_create("proof");

	tcase_add_checked_fixture(c, set_up, tear_down);
	tcase_add_test(c, every_entry_of_every_size_is_proven);
	tcase_add_test(c, no_bit_of_a_proof_may_change);
	tcase_add_test(c, a_proof_is_written_as_the_specification_says);
	tcase_add_test(c, consistency_is_shown_from_every_older_size);
	suite_add_tcase(s, c);
	return s;
}
