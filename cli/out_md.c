/* out_md.c - a summary in Markdown, for a comment in CI. */
#include "cli/seen.h"
#include "base/banned.h"

/* A file's name inside a table: no pipe, no markup, no end of line. */
static int
name(struct tg_buf *b, const char *s, struct tg_err *err)
{
	for (; *s != '\0'; s++) {
		if ((unsigned char)*s < 0x20) {
			if (tg_buf_addc(b, '?', err) < 0)
				return -1;
			continue;
		}
		if (strchr("\\`*_[]<>|#~&!", *s) != NULL &&
		    tg_buf_addc(b, '\\', err) < 0)
			return -1;
		if (tg_buf_addc(b, *s, err) < 0)
			return -1;
	}
	return 0;
}

static int
none(struct tg_report *r TG_UNUSED, const struct tg_seen *s TG_UNUSED,
    struct tg_err *err TG_UNUSED)
{
	return 0;
}

static int
types(struct tg_report *r, const struct tg_tally *t, struct tg_err *err)
{
	struct tg_buf *b = &r->line;
	bool any = false;

	for (size_t i = 0; i < tg_rules_type_count(r->rules); i++) {
		const char *type = tg_rules_type(r->rules, (uint16_t)i);

		if (t->type[i] + t->type_known[i] == 0)
			continue;
		if (!any &&
		    tg_buf_adds(b,
			"\n| type | new | known |\n|---|---:|---:|\n", err) < 0)
			return -1;
		any = true;
		if (tg_buf_addf(b, err, "| `%s`%s | %llu | %llu |\n", type,
			strcmp(type, "PERSON") == 0 ? " (best effort)" : "",
			(unsigned long long)t->type[i],
			(unsigned long long)t->type_known[i]) < 0)
			return -1;
	}
	return 0;
}

static int
files(struct tg_report *r, const struct tg_tally *t, struct tg_err *err)
{
	struct tg_buf *b = &r->line;

	if (t->n_file > 0 &&
	    tg_buf_adds(b, "\n| file | new | known |\n|---|---:|---:|\n", err) <
		0)
		return -1;
	for (size_t i = 0; i < t->n_file; i++)
		if (tg_buf_adds(b, "| ", err) < 0 ||
		    name(b, t->file[i].name, err) < 0 ||
		    tg_buf_addf(b, err, " | %llu | %llu |\n",
			(unsigned long long)t->file[i].found,
			(unsigned long long)t->file[i].known) < 0)
			return -1;
	return 0;
}

static int
contexts(struct tg_report *r, const struct tg_tally *t, struct tg_err *err)
{
	if (t->n_context > 0 &&
	    tg_buf_adds(&r->line,
		"\nMasked contexts that stand in 5 or more traces:\n\n",
		err) < 0)
		return -1;
	for (size_t i = 0; i < t->n_context; i++)
		if (tg_buf_adds(&r->line, "- ", err) < 0 ||
		    name(&r->line, t->context[i], err) < 0 ||
		    tg_buf_addc(&r->line, '\n', err) < 0)
			return -1;
	return 0;
}

static const char *
headline(const struct tg_tally *t)
{
	if (t->texts == 0)
		return "not assessed: no text was examined";
	if (t->found > t->max)
		return "personal data or secrets found";
	if (t->found > 0)
		return "findings within the limit";
	return t->left_out > 0 ? "nothing found, but records were left out"
			       : "nothing found";
}

static int
end(struct tg_report *r, const struct tg_tally *t, struct tg_err *err)
{
	struct tg_buf *b = &r->line;

	if (tg_buf_addf(b, err,
		"## tracegate scan: %s\n\n"
		"%llu findings in %llu of %llu records; %llu texts examined; "
		"%llu records left out.\n",
		headline(t), (unsigned long long)t->found,
		(unsigned long long)t->units, (unsigned long long)t->records,
		(unsigned long long)t->texts,
		(unsigned long long)t->left_out) < 0 ||
	    types(r, t, err) < 0 || files(r, t, err) < 0 ||
	    contexts(r, t, err) < 0)
		return -1;
	if (tg_buf_addf(b, err,
		"\nNot counted: %llu below their threshold, %llu suppressed "
		"by a rule's own lists, %llu known from the baseline.\n"
		"PERSON is best effort: a name that no title or dictionary "
		"tells is missed.\n",
		(unsigned long long)t->below, (unsigned long long)t->suppressed,
		(unsigned long long)t->known) < 0)
		return -1;
	return tg_report_put(r, err);
}

const struct tg_writer tg_writer_markdown = {
    .name = "markdown", .one = none, .end = end};
