#include "base/log.h"

#include <inttypes.h>

#include "base/enc.h"

#include "base/banned.h"

static const char *
level_name(enum tg_log_level level)
{
	switch (level) {
	case TG_LOG_DEBUG:
		return "debug";
	case TG_LOG_INFO:
		return "info";
	case TG_LOG_WARN:
		return "warn";
	case TG_LOG_ERROR:
		break;
	}
	return "error";
}

/* ASCII controls, and the C1 controls (C2 80 to C2 9F) that terminals obey. */
static bool
is_control(const unsigned char *p, size_t n)
{
	if (p[0] < 0x20 || p[0] == 0x7F)
		return true;
	return n > 1 && p[0] == 0xC2 && p[1] >= 0x80 && p[1] <= 0x9F;
}

/* A quoted value.  Both forms escape alike but for bytes that are no UTF-8. */
static void
put_quoted(FILE *f, struct tg_sv s, bool json)
{
	size_t good = 0;

	(void)fputc('"', f);
	for (size_t i = 0; i < s.n; i++) {
		const unsigned char *const p = (const unsigned char *)s.p + i;

		if (i >= good)
			good =
			    i + tg_utf8_valid((struct tg_sv){s.p + i, s.n - i});
		if (i >= good && json)
			(void)fputs("\\ufffd", f);
		else if (i >= good)
			(void)fprintf(f, "\\x%02x", *p);
		else if (*p == '"' || *p == '\\')
			(void)fprintf(f, "\\%c", *p);
		else if (*p == '\n')
			(void)fputs("\\n", f);
		else if (is_control(p, s.n - i) && *p == 0xC2)
			(void)fprintf(f, "\\u%04x", s.p[++i] & 0xFF);
		else if (is_control(p, s.n - i))
			(void)fprintf(f, "\\u%04x", *p);
		else
			(void)fputc(*p, f);
	}
	(void)fputc('"', f);
}

static bool
is_plain(struct tg_sv s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = s.p[i];

		if (c <= ' ' || c > '~' || c == '"' || c == '\\' || c == '=')
			return false;
	}
	return s.n > 0;
}

static void
put_text(FILE *f, const char *key, struct tg_sv v, bool json, bool first)
{
	if (json)
		(void)fprintf(f, "%s\"%s\":", first ? "{" : ",", key);
	else
		(void)fprintf(f, "%s%s=", first ? "" : " ", key);
	if (!json && is_plain(v))
		(void)fwrite(v.p, 1, v.n, f);
	else
		put_quoted(f, v, json);
}

static void
put_num(FILE *f, const char *key, int64_t v, bool json)
{
	if (json)
		(void)fprintf(f, ",\"%s\":%" PRId64, key, v);
	else
		(void)fprintf(f, " %s=%" PRId64, key, v);
}

/* A log that cannot be written stops nothing: what must not be lost goes into
 * the run's files and the ledger, not here. */
void
tg_log(struct tg_log *log, enum tg_log_level level, const char *event,
    const struct tg_log_kv *kv, size_t n)
{
	FILE *f;

	if (log == NULL || log->out == NULL || level < log->min)
		return;
	f = log->out;
	flockfile(f);
	put_text(f, "level", tg_sv_of(level_name(level)), log->json, true);
	put_text(f, "event", tg_sv_of(event), log->json, false);
	for (size_t i = 0; i < n; i++) {
		if (kv[i].text.p != NULL)
			put_text(f, kv[i].key, kv[i].text, log->json, false);
		else
			put_num(f, kv[i].key, kv[i].num, log->json);
	}
	(void)fputs(log->json ? "}\n" : "\n", f);
	(void)fflush(f);
	funlockfile(f);
}
