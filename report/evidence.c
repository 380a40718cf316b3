#include "report/evidence.h"

#include <stdlib.h>

#include "report/doc.h"
#include "report/typo.h"
#include "report/view.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/banned.h"

#define SHORT_DIGEST 12 /* digits in the footer */
#define CUT_RUN 32	/* code points of the run in the header */
#define CUT_REGIONS 24	/* of the list of regions in the subtitle */
#define FILE_MODE 0644	/* no personal data of a trace */

static void (*const sections[])(struct tg_view *) = {
    tg_section_front,
    tg_section_requirements,
    tg_section_parties,
    tg_section_purpose,
    tg_section_funnel,
    tg_section_sampling,
    tg_section_redaction,
    tg_section_coverage,
    tg_section_residual,
    tg_section_activations,
    tg_section_claims,
    tg_section_retention,
    tg_section_approvals,
    tg_section_policy,
    tg_section_integrity,
    tg_section_limits,
    tg_section_words,
    tg_section_texts,
};

static const char *
header_name(const struct tg_view *v, const char *part, const char *key)
{
	enum { CUT = 40 }; /* code points */
	const struct tg_json *p =
	    tg_json_get(tg_json_get(v->m, "parties"), part);

	return tg_typo_cut(
	    v->a, tg_view_stated(v, tg_json_get_str(p, key, "")), CUT);
}

static const char *
subtitle(const struct tg_view *v)
{
	const char *regions =
	    tg_view_join(v, TG_T_REGION, tg_json_get(v->m, "regions"), " + ");

	return TG_FILL(v, subtitle,
	    tg_view_term(v, TG_T_COUNTRY,
		tg_view_stated(v, tg_json_get_str(v->m, "origin", ""))),
	    tg_view_count(v, TG_P_source_files,
		(int64_t)tg_json_len(tg_json_get(v->m, "source"))),
	    tg_typo_cut(v->a, regions == NULL ? "" : regions, CUT_REGIONS));
}

static void
frame(struct tg_view *v)
{
	struct tg_doc_frame *f = tg_doc_frame(v->d);
	const char *run =
	    tg_typo_cut(v->a, tg_json_get_str(v->m, "run", "?"), CUT_RUN);
	const char *head = tg_arena_fmt(v->a, "%.*s", SHORT_DIGEST, v->digest);

	*f = (struct tg_doc_frame){
	    .title = TG_SAY(v, title),
	    .subtitle = subtitle(v),
	    .kicker = TG_SAY(v, kicker),
	    .left = {header_name(v, "exporter", "legal_name"),
		TG_FILL(v, prepared_by, header_name(v, "preparer", "name")),
		TG_SAY(v, confidential)},
	    .right = {TG_FILL(v, reference, run),
		TG_FILL(v, prepared_on,
		    tg_view_datetime(
			v, tg_json_get_int(v->m, "generated_at", 0)))},
	    .status = tg_view_term(
		v, TG_T_STATUS, tg_json_get_str(v->m, "status", "?")),
	    .foot_left = run,
	    .foot_center = TG_FILL(v, foot, head),
	    .skip = TG_SAY(v, skip),
	    .page = TG_SAY(v, page),
	};
}

static int
save(const char *dir, enum tg_lang lang, const char *ext,
    const struct tg_doc *d,
    int (*write)(struct tg_buf *, const struct tg_doc *, struct tg_err *),
    struct tg_err *err)
{
	struct tg_buf text, path;
	int rc = -1;

	tg_buf_init(&text, TG_DOC_MAX);
	tg_buf_init(&path, TG_DOC_MAX);
	if (write(&text, d, err) == 0 &&
	    tg_buf_addf(&path, err, "%s/evidence.%s.%s", dir, tg_lang_tag(lang),
		ext) == 0)
		rc = tg_fs_write(
		    path.p, tg_buf_sv(&text), FILE_MODE, TG_FS_OVERWRITE, err);
	tg_buf_deinit(&path);
	tg_buf_deinit(&text);
	return rc;
}

static int
write_lang(const char *dir, enum tg_lang lang, const struct tg_json *model,
    const char *digest, struct tg_err *err)
{
	struct tg_view v = {.lang = lang, .m = model, .digest = digest};
	int rc = -1;

	if (tg_doc_new(&v.d, lang, err) < 0)
		return -1;
	v.a = tg_doc_arena(v.d);
	frame(&v);
	for (size_t i = 0; i < TG_COUNT(sections); i++)
		sections[i](&v);
	if (save(dir, lang, "html", v.d, tg_doc_html, err) == 0 &&
	    save(dir, lang, "md", v.d, tg_doc_md, err) == 0)
		rc = 0;
	tg_doc_free(v.d);
	return rc;
}

int
tg_evidence_write(
    const char *dir, const struct tg_json *model, struct tg_err *err)
{
	uint8_t sum[TG_SHA256_LEN];
	char digest[TG_SHA256_HEX];
	struct tg_buf json;
	char *path = NULL;
	int rc = -1;

	tg_buf_init(&json, TG_JSON_MAX);
	if (tg_json_canonical(&json, model, err) < 0 ||
	    tg_sha256_bytes(sum, json.p, json.n, err) < 0)
		goto out;
	tg_sha256_hex(digest, sum);
	path = tg_fs_join(dir, "evidence.json");
	if (path == NULL) {
		(void)tg_fail_memory(err);
		goto out;
	}
	if (tg_fs_write(
		path, tg_buf_sv(&json), FILE_MODE, TG_FS_OVERWRITE, err) < 0)
		goto out;
	for (enum tg_lang lang = TG_EN; lang <= TG_FR; lang++)
		if (write_lang(dir, lang, model, digest, err) < 0)
			goto out;
	rc = 0;
out:
	free(path);
	tg_buf_deinit(&json);
	return rc;
}
