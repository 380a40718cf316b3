/* section_integrity.c - digests, ledger entries, and how anybody checks them
 * without this program. */
#include <string.h>

#include "report/typo.h"
#include "report/view.h"

#include "base/banned.h"

static void
digest_kv(
    struct tg_view *v, struct tg_block *kv, const char *label, const char *hex)
{
	tg_view_kv(v, kv, label, TG_RUN_MONO, tg_typo_digest(v->a, hex));
}

static void
facts(struct tg_view *v)
{
	const struct tg_json *records = tg_json_get(v->m, "records");
	const struct tg_json *ledger = tg_json_get(v->m, "ledger");
	const struct tg_json *tool = tg_json_get(v->m, "tool");
	const struct tg_json *who =
	    tg_json_get(tg_json_get(v->m, "parties"), "preparer");
	struct tg_block *kv = tg_doc_key_value(v->d);

	tg_view_kv(v, kv, TG_SAY(v, i_bundle), TG_RUN_MONO,
	    tg_view_stated(v, tg_json_get_str(v->m, "bundle_id", "")));
	digest_kv(v, kv, TG_SAY(v, i_manifest),
	    tg_json_get_str(v->m, "manifest_sha256", "?"));
	digest_kv(v, kv, TG_SAY(v, i_evidence), v->digest);
	tg_view_kv(v, kv,
	    TG_FILL(v, i_root,
		tg_view_int(v, tg_json_get_int(records, "count", 0))),
	    TG_RUN_MONO,
	    tg_view_stated(v, tg_json_get_str(records, "root", "")));
	tg_view_kv(v, kv, TG_SAY(v, i_signer), TG_RUN_MONO,
	    tg_view_stated(v, tg_json_get_str(who, "key", "")));
	tg_view_kv(v, kv, TG_SAY(v, i_ledger), TG_RUN_MONO,
	    tg_view_stated(v, tg_json_get_str(ledger, "origin", "")));
	tg_view_kv(v, kv, TG_SAY(v, i_vkey), TG_RUN_MONO,
	    tg_view_stated(v, tg_json_get_str(ledger, "vkey", "")));
	tg_view_kv(v, kv, TG_SAY(v, i_tool), TG_RUN_TEXT,
	    tg_arena_fmt(v->a, "%s %s (libsodium %s, zstd %s, PCRE2 %s)",
		tg_json_get_str(tool, "name", "?"),
		tg_json_get_str(tool, "version", "?"),
		tg_json_get_str(tool, "libsodium", "?"),
		tg_json_get_str(tool, "libzstd", "?"),
		tg_json_get_str(tool, "pcre2", "?")));
}

static void
file_row(struct tg_view *v, struct tg_block *t, const char *name,
    const struct tg_json *f)
{
	const struct tg_json *bytes = tg_json_get(f, "bytes");
	struct tg_row *row = tg_doc_row(v->d, t);

	tg_doc_text(v->d, row, name);
	tg_doc_text(v->d, row,
	    bytes == NULL
		? ""
		: tg_typo_bytes(v->a, v->lang, tg_json_number(bytes)));
	tg_view_mono(
	    v, row, tg_typo_digest(v->a, tg_json_get_str(f, "sha256", "?")));
}

static void
files(struct tg_view *v)
{
	const struct tg_json *vol =
	    tg_json_get(tg_json_get(v->m, "payload"), "volumes");
	const struct tg_json *more = tg_json_get(v->m, "files");
	const struct tg_col cols[] = {{TG_SAY(v, c_file), TG_LEFT, 32, true},
	    {TG_SAY(v, c_bytes), TG_RIGHT, 12, false},
	    {TG_SAY(v, c_sha256), TG_LEFT, 0, false}};
	struct tg_block *t =
	    tg_doc_table(v->d, TG_SAY(v, files_table), cols, TG_COUNT(cols));

	for (size_t i = 0; i < tg_json_len(vol); i++) {
		const struct tg_json *f = tg_json_at(vol, i);
		const char *name = tg_json_get_str(f, "file", "?");

		file_row(v, t, name, f);
		file_row(v, t, TG_FILL(v, tar_of, name), tg_json_get(f, "tar"));
	}
	for (size_t i = 0; i < tg_json_len(more); i++) {
		const struct tg_json *f = tg_json_at(more, i);

		file_row(v, t, tg_json_get_str(f, "file", "?"), f);
	}
}

static int64_t
entry_time(const struct tg_json *entries, const char *type)
{
	for (size_t i = 0; i < tg_json_len(entries); i++) {
		const struct tg_json *e = tg_json_at(entries, i);

		if (strcmp(tg_json_get_str(e, "type", ""), type) == 0)
			return tg_json_get_int(e, "time", 0);
	}
	return 0;
}

static void
ledger(struct tg_view *v)
{
	const struct tg_json *entries =
	    tg_json_get(tg_json_get(v->m, "ledger"), "entries");
	const int64_t intent = entry_time(entries, "export.intent");
	const int64_t prepared = entry_time(entries, "export.prepared");
	const struct tg_col cols[] = {{TG_SAY(v, c_entry), TG_RIGHT, 12, false},
	    {TG_SAY(v, c_event), TG_LEFT, 0, true},
	    {TG_SAY(v, c_code), TG_LEFT, 22, false},
	    {TG_SAY(v, c_time), TG_LEFT, 32, false}};
	struct tg_block *t;

	if (!tg_view_has(v, tg_json_get(v->m, "ledger")))
		return;
	t = tg_doc_table(v->d, TG_SAY(v, ledger_table), cols, TG_COUNT(cols));
	for (size_t i = 0; i < tg_json_len(entries); i++) {
		const struct tg_json *e = tg_json_at(entries, i);
		const char *type = tg_json_get_str(e, "type", "?");
		struct tg_row *row = tg_doc_row(v->d, t);

		tg_doc_text(
		    v->d, row, tg_view_int(v, tg_json_get_int(e, "index", 0)));
		tg_doc_text(v->d, row, tg_view_term(v, TG_T_LEDGER, type));
		tg_view_mono(v, row, type);
		tg_doc_text(v->d, row,
		    tg_view_datetime(v, tg_json_get_int(e, "time", 0)));
	}
	if (intent != 0 && prepared != 0)
		tg_para_fill(v->d, tg_doc_para(v->d), TG_SAY(v, order),
		    TG_ARGS(tg_view_datetime(v, prepared),
			tg_view_datetime(v, intent)));
}

/* Whether @s may stand in a command that people will paste. */
static bool
is_plain(const char *s)
{
	static const char base64[] = "abcdefghijklmnopqrstuvwxyz"
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=";

	return strspn(s, base64) == strlen(s);
}

/* The commands of the bundle's VERIFY.txt. */
static void
commands(struct tg_view *v)
{
	const char *key = tg_json_get_str(
	    tg_json_get(tg_json_get(v->m, "parties"), "preparer"), "key", "");

	tg_doc_heading(v->d, 3, "check", TG_SAY(v, check_title));
	tg_para_add(
	    v->d, tg_doc_para(v->d), TG_RUN_TEXT, TG_SAY(v, check_note));
	tg_doc_code(v->d,
	    tg_arena_fmt(v->a,
		"sha256sum manifest.json\n"
		"sha256sum -c SHA256SUMS\n"
		"minisign -V -P %s -m manifest.json\n"
		"jq -r '(.payload.volumes + .files)[] | .sha256 + \"  \" + "
		".file' \\\n"
		"    manifest.json | sha256sum -c\n"
		"for v in $(jq -r '.payload.volumes[].file' manifest.json); "
		"do\n"
		"    d=out/${v%%.tar.zst.age}\n"
		"    age -d -i KEY.txt \"$v\" | zstd -d |\n"
		"        tar -x --one-top-level=\"$d\"\n"
		"    (cd \"$d\" && sha256sum -c manifest-sha256.txt "
		"tagmanifest-sha256.txt)\n"
		"done",
		strncmp(key, "RW", 2) == 0 && is_plain(key) ? key
							    : "PUBLIC-KEY"));
	tg_para_add(
	    v->d, tg_doc_note(v->d), TG_RUN_TEXT, TG_SAY(v, check_expect));
}

void
tg_section_integrity(struct tg_view *v)
{
	tg_view_section(v, "integrity", TG_SAY(v, integrity_title));
	facts(v);
	files(v);
	ledger(v);
	commands(v);
}
