/*
 * out_sarif.c - findings in SARIF 2.1.0 (OASIS standard, 27 March 2020).
 *
 * A region counts code points from the beginning of the file, decompressed
 * (section 3.30.4 with columnKind unicodeCodePoints); where the text stands
 * inside it, and the offsets in the decoded string, are in the logical
 * location and the properties.  Results come first and are written as they
 * are found; the rules that were used follow.
 */
#include <stdlib.h>

#include "base/json.h"
#include "cli/seen.h"
#include "base/banned.h"

#define SCHEMA "https://json.schemastore.org/sarif-2.1.0.json"
#define ROOT "ROOT" /* of files outside the working directory */

static const char *
level(const struct tg_rule_info *rule)
{
	if (strcmp(rule->type, "PERSON") == 0)
		return "warning";
	return strcmp(rule->category, "direct_identifier") == 0 ||
		strcmp(rule->category, "secret") == 0
	    ? "error"
	    : "warning";
}

/* Where the rule stands among those that were used; -1: out of memory. */
static int32_t
index_of(struct tg_report *r, const struct tg_rule_info *rule)
{
	const size_t n = tg_rules_count(r->rules);

	for (size_t i = 0; i < n; i++) {
		if (tg_rules_info(r->rules, (uint16_t)i) != rule)
			continue;
		if (r->index[i] < 0) {
			r->index[i] = (int32_t)r->n_used;
			r->used[r->n_used++] = (uint16_t)i;
		}
		return r->index[i];
	}
	return -1;
}

static int
begin(struct tg_report *r, struct tg_err *err)
{
	const size_t n = tg_rules_count(r->rules);

	r->used = calloc(n + 1, sizeof(*r->used));
	r->index = calloc(n + 1, sizeof(*r->index));
	if (r->used == NULL || r->index == NULL)
		return tg_fail_memory(err);
	for (size_t i = 0; i < n; i++)
		r->index[i] = -1;
	return tg_buf_adds(&r->line,
	    "{\"$schema\":\"" SCHEMA "\",\"version\":\"2.1.0\",\"runs\":[{"
	    "\"columnKind\":\"unicodeCodePoints\",\"results\":[\n",
	    err);
}

/* A reference of RFC 3986: what is reserved or no ASCII is percent-encoded. */
static int
encode(struct tg_buf *out, const char *s, struct tg_err *err)
{
	for (; *s != '\0'; s++) {
		const unsigned char c = (unsigned char)*s;
		const bool plain = (c >= '0' && c <= '9') ||
		    (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    strchr("/-._~", c) != NULL;

		if ((plain ? tg_buf_addc(out, *s, err)
			   : tg_buf_addf(out, err, "%%%02X", c)) < 0)
			return -1;
	}
	return 0;
}

/* The file, relative to the working directory or to ROOT. */
static struct tg_json *
artifact(struct tg_report *r, const struct tg_seen *s)
{
	struct tg_json *o = tg_json_object();
	struct tg_buf place;
	int bad = 0;

	tg_buf_init(&place, 1u << 16);
	tg_buf_reset(&r->text);
	bad |= tg_seen_place(&place, s->file, NULL);
	if (!bad) {
		const bool far = place.n > 0 && place.p[0] == '/';
		const char *path = place.n == 0 ? "" : place.p + far;

		bad |= encode(
		    &r->text, strcmp(path, "-") == 0 ? "stdin" : path, NULL);
		bad |= tg_json_set_sv(o, "uri", tg_buf_sv(&r->text));
		if (far)
			bad |= tg_json_set_str(o, "uriBaseId", ROOT);
	}
	tg_buf_deinit(&place);
	if (!bad)
		return o;
	tg_json_free(o);
	return NULL;
}

static int
set_region(struct tg_json *physical, const struct tg_seen_region *g)
{
	struct tg_json *o;
	int bad = 0;

	if (g->line == 0)
		return 0;
	o = tg_json_object();
	bad |= tg_json_set_int(o, "startLine", (int64_t)g->line);
	if (g->chars != UINT64_MAX) {
		bad |= tg_json_set_int(o, "charOffset", (int64_t)g->chars);
		bad |= tg_json_set_int(o, "charLength", (int64_t)g->length);
	}
	if (bad) {
		tg_json_free(o);
		return -1;
	}
	return tg_json_set(physical, "region", o);
}

static struct tg_json *
location(struct tg_report *r, const struct tg_seen *s)
{
	struct tg_json *o = tg_json_object(), *physical = tg_json_object();
	struct tg_json *logical = tg_json_object(), *list = tg_json_array();
	int bad = 0;

	bad |= tg_json_set(physical, "artifactLocation", artifact(r, s));
	bad |= set_region(physical, &s->region);
	bad |= tg_json_set(o, "physicalLocation", physical);
	tg_buf_reset(&r->text);
	bad |= tg_buf_addf(&r->text, NULL, "record %llu %.*s",
	    (unsigned long long)s->record, TG_SV_FMT(s->path));
	bad |=
	    tg_json_set_sv(logical, "fullyQualifiedName", tg_buf_sv(&r->text));
	bad |= tg_json_push(list, logical);
	bad |= tg_json_set(o, "logicalLocations", list);
	if (!bad)
		return o;
	tg_json_free(o);
	return NULL;
}

/* How grave it is, and what speaks against it. */
static int
standing(struct tg_json *o, const struct tg_seen *s)
{
	const bool listed =
	    s->state == TG_SEEN_ALLOWED || s->state == TG_SEEN_NEGATIVE;
	struct tg_json *list, *by;
	int bad = 0;

	if (s->state > TG_SEEN_KNOWN && !listed) {
		bad |= tg_json_set_str(o, "kind", "informational");
		return bad | tg_json_set_str(o, "level", "none");
	}
	bad |= tg_json_set_str(o, "level",
	    strcmp(s->action, "keep") == 0 ? "note" : level(s->rule));
	if (s->fingerprint != NULL && !listed)
		bad |= tg_json_set_str(o, "baselineState",
		    s->state == TG_SEEN_KNOWN ? "unchanged" : "new");
	if (!listed)
		return bad;
	list = tg_json_array();
	by = tg_json_object();
	bad |= tg_json_set_str(by, "kind", "external");
	bad |=
	    tg_json_set_str(by, "justification", tg_seen_suppressed(s->state));
	bad |= tg_json_push(list, by);
	return bad | tg_json_set(o, "suppressions", list);
}

static int
fingerprint(struct tg_json *o, const struct tg_seen *s)
{
	struct tg_json *f;

	if (s->fingerprint == NULL)
		return 0;
	f = tg_json_object();
	if (tg_json_set_str(f, "tracegateKeyed/v1", s->fingerprint) < 0) {
		tg_json_free(f);
		return -1;
	}
	return tg_json_set(o, "partialFingerprints", f);
}

static int
message(struct tg_json *o, struct tg_report *r, const struct tg_seen *s)
{
	struct tg_json *m = tg_json_object();
	const char *by = tg_seen_suppressed(s->state);
	int bad = 0;

	tg_buf_reset(&r->text);
	bad |= tg_buf_addf(&r->text, NULL,
	    "%s (score %u) at code points %u to %u of the text at %.*s in "
	    "record %llu%s%s.",
	    s->rule->type, s->score, s->start, s->end, TG_SV_FMT(s->path),
	    (unsigned long long)s->record,
	    by == NULL ? "" : "; not counted: ", by == NULL ? "" : by);
	bad |= tg_json_set_sv(m, "text", tg_buf_sv(&r->text));
	return bad | tg_json_set(o, "message", m);
}

static int
one(struct tg_report *r, const struct tg_seen *s, struct tg_err *err)
{
	struct tg_json *o = tg_json_object(), *where = tg_json_array();
	struct tg_json *more = NULL;
	int bad = 0;

	bad |= tg_json_set_str(o, "ruleId", s->rule->id);
	bad |= tg_json_set_int(o, "ruleIndex", index_of(r, s->rule));
	bad |= standing(o, s);
	bad |= message(o, r, s);
	bad |= tg_json_push(where, location(r, s));
	bad |= tg_json_set(o, "locations", where);
	bad |= fingerprint(o, s);
	if (!bad)
		bad |= tg_seen_json(&more, r, s, err);
	bad |= tg_json_set(o, "properties", more);
	if (!bad && r->n > 0)
		bad |= tg_buf_addc(&r->line, ',', err);
	bad = bad ? tg_fail_memory(err) : tg_json_canonical(&r->line, o, err);
	tg_json_free(o);
	return bad ? -1 : tg_report_put(r, err);
}

static int
set_text(struct tg_json *o, const char *key, struct tg_sv text)
{
	struct tg_json *m = tg_json_object();
	const int bad = tg_json_set_sv(m, "text", text);

	return bad | tg_json_set(o, key, m);
}

static int
rule_properties(struct tg_json *o, const struct tg_rule_info *rule)
{
	struct tg_json *p = tg_json_object(), *tags = tg_json_array();
	const bool name = strcmp(rule->type, "PERSON") == 0;
	int bad = 0;

	bad |= tg_json_push_str(tags, "privacy");
	bad |= tg_json_push_str(tags,
	    strcmp(rule->category, "secret") == 0 ? "secret" : "personal-data");
	bad |= tg_json_set(p, "tags", tags);
	bad |= tg_json_set_str(p, "type", rule->type);
	bad |= tg_json_set_str(p, "category", rule->category);
	bad |= tg_json_set_str(p, "precision", name ? "medium" : "high");
	return bad | tg_json_set(o, "properties", p);
}

static struct tg_json *
rule(struct tg_report *r, const struct tg_rule_info *info)
{
	struct tg_json *o = tg_json_object(), *dflt = tg_json_object();
	struct tg_buf *t = &r->text;
	int bad = 0;

	bad |= tg_json_set_str(o, "id", info->id);
	bad |= tg_json_set_str(o, "name", info->type);
	tg_buf_reset(t);
	bad |= tg_buf_addf(t, NULL, "%s (%s)", info->type, info->category);
	bad |= set_text(o, "shortDescription", tg_buf_sv(t));
	tg_buf_reset(t);
	bad |= tg_buf_addf(t, NULL, "Rule %s of %s, line %u.%s", info->id,
	    tg_seen_pack(r->cli, info->pack), info->line,
	    strcmp(info->type, "PERSON") == 0
		? " Best effort: a name that no title or dictionary tells is "
		  "missed."
		: "");
	bad |= set_text(o, "fullDescription", tg_buf_sv(t));
	bad |= set_text(o, "help",
	    TG_SV("The matched text is never shown. Look at the place that is "
		  "named; tracegate scan --explain says why it is a finding; "
		  "tracegate redact takes it out."));
	bad |= tg_json_set_str(dflt, "level", level(info));
	bad |= tg_json_set(o, "defaultConfiguration", dflt);
	bad |= rule_properties(o, info);
	if (!bad)
		return o;
	tg_json_free(o);
	return NULL;
}

static struct tg_json *
tool(struct tg_report *r)
{
	struct tg_json *o = tg_json_object(), *driver = tg_json_object();
	struct tg_json *rules = tg_json_array();
	int bad = 0;

	for (size_t i = 0; i < r->n_used; i++)
		bad |= tg_json_push(
		    rules, rule(r, tg_rules_info(r->rules, r->used[i])));
	bad |= tg_json_set_str(driver, "name", "tracegate");
	bad |= tg_json_set_str(driver, "version", TG_VERSION);
	bad |= tg_json_set(driver, "rules", rules);
	bad |= tg_json_set(o, "driver", driver);
	if (!bad)
		return o;
	tg_json_free(o);
	return NULL;
}

static struct tg_json *
counts(const struct tg_tally *t)
{
	struct tg_json *o = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_int(o, "found", (int64_t)t->found);
	bad |= tg_json_set_int(o, "known", (int64_t)t->known);
	bad |= tg_json_set_int(o, "belowThreshold", (int64_t)t->below);
	bad |= tg_json_set_int(o, "suppressed", (int64_t)t->suppressed);
	bad |= tg_json_set_int(o, "records", (int64_t)t->records);
	bad |= tg_json_set_int(o, "textsExamined", (int64_t)t->texts);
	bad |= tg_json_set_int(o, "recordsLeftOut", (int64_t)t->left_out);
	if (!bad)
		return o;
	tg_json_free(o);
	return NULL;
}

static struct tg_json *
bases(void)
{
	struct tg_json *o = tg_json_object(), *root = tg_json_object();
	int bad = 0;

	bad |= tg_json_set_str(root, "uri", "file:///");
	bad |= tg_json_set(o, ROOT, root);
	if (!bad)
		return o;
	tg_json_free(o);
	return NULL;
}

/* One member of the run after the results. */
static int
member(struct tg_report *r, const char *key, struct tg_json *take_v,
    struct tg_err *err)
{
	int rc = -1;

	if (take_v == NULL)
		return tg_fail_memory(err);
	if (tg_buf_addf(&r->line, err, ",\"%s\":", key) == 0 &&
	    tg_json_canonical(&r->line, take_v, err) == 0)
		rc = 0;
	tg_json_free(take_v);
	return rc;
}

static int
end(struct tg_report *r, const struct tg_tally *t, struct tg_err *err)
{
	if (tg_buf_adds(&r->line, "]", err) < 0 ||
	    member(r, "tool", tool(r), err) < 0 ||
	    member(r, "originalUriBaseIds", bases(), err) < 0 ||
	    member(r, "properties", counts(t), err) < 0 ||
	    tg_buf_adds(&r->line, "}]}\n", err) < 0)
		return -1;
	return tg_report_put(r, err);
}

const struct tg_writer tg_writer_sarif = {
    .name = "sarif", .begin = begin, .one = one, .end = end};
