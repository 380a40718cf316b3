#include "pipeline/sinks/credentials.h"

#include <stdlib.h>

#include "base/crypt.h"
#include "base/fs.h"

#include "base/banned.h"

#define AT(m) offsetof(struct tg_credentials, m)
#define CAP(m) sizeof(((struct tg_credentials *)NULL)->m)

/* The key id stands in "Credential=ID/scope,": no slash, no comma. */
static bool
id_byte(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || (c != '\0' && strchr("._:@+=-", c));
}

static bool
visible_byte(char c)
{
	return c > 0x20 && c < 0x7f;
}

static bool
region_byte(char c)
{
	return tg_uri_region((struct tg_sv){&c, 1});
}

static const struct setting {
	const char *key;
	size_t at, cap;
	bool (*byte)(char c);
} SETTINGS[] = {
    {"aws_access_key_id", AT(key_id), CAP(key_id), id_byte},
    {"aws_secret_access_key", AT(secret), CAP(secret), visible_byte},
    {"aws_session_token", AT(token), CAP(token), visible_byte},
    {"region", AT(region), CAP(region), region_byte},
    {"endpoint_url", AT(endpoint), CAP(endpoint), visible_byte},
};

/* Known to the AWS tools; they would start a program or ask a service. */
static const char *const REFUSED[] = {"credential_process", "role_arn",
    "source_profile", "credential_source", "web_identity_token_file",
    "sso_session", "sso_start_url", "sso_account_id", "sso_role_name"};

enum { ID, SECRET, TOKEN };

/* False: empty, too long or a byte that does not belong. */
static bool
store(struct tg_credentials *c, const struct setting *to, struct tg_sv v)
{
	char *dst = (char *)c + to->at;

	if (v.n == 0 || v.n >= to->cap)
		return false;
	for (size_t i = 0; i < v.n; i++) {
		if (!to->byte(v.p[i]))
			return false;
	}
	memcpy(dst, v.p, v.n);
	dst[v.n] = '\0';
	return true;
}

struct ini {
	struct tg_credentials *c;
	const char *name, *profile;
	unsigned line;
	unsigned seen;	  /* bit i: SETTINGS[i] */
	bool section;	  /* any section was opened */
	bool mine, found; /* inside [profile]; it was there */
};

static int
ini_fail(const struct ini *in, struct tg_err *err, const char *what)
{
	return tg_fail(err, TG_E_CONFIG, "%s:%u: %s", in->name, in->line, what);
}

static struct tg_sv
trim(struct tg_sv s)
{
	while (s.n > 0 && (s.p[0] == ' ' || s.p[0] == '\t')) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static int
ini_section(struct ini *in, struct tg_sv line, struct tg_err *err)
{
	struct tg_sv name;

	line = trim(line);
	if (line.p[line.n - 1] != ']')
		return ini_fail(in, err, "a section without its \"]\"");
	name = trim((struct tg_sv){line.p + 1, line.n - 2});
	if (line.n < 3 || name.n == 0)
		return ini_fail(in, err, "a section without a name");
	in->section = true;
	in->mine = tg_sv_is(name, in->profile);
	if (in->mine && in->found)
		return ini_fail(in, err, "the profile is there twice");
	in->found |= in->mine;
	return 0;
}

static int
ini_setting(
    struct ini *in, struct tg_sv key, struct tg_sv v, struct tg_err *err)
{
	for (size_t i = 0; i < TG_COUNT(SETTINGS); i++) {
		if (!tg_sv_is(key, SETTINGS[i].key))
			continue;
		if ((in->seen & (1u << i)) != 0)
			return ini_fail(in, err, "the setting is there twice");
		in->seen |= 1u << i;
		if (!store(in->c, &SETTINGS[i], v))
			return ini_fail(in, err,
			    "empty, too long or a byte that does not belong "
			    "in this setting");
		return 0;
	}
	for (size_t i = 0; i < TG_COUNT(REFUSED); i++) {
		if (tg_sv_is(key, REFUSED[i])) {
			(void)ini_fail(in, err,
			    "keys from another program or service are not "
			    "supported");
			return tg_fail_hint(
			    err, "put the key itself into the profile");
		}
	}
	/* Not named: a secret may stand where a name should. */
	return ini_fail(in, err, "unknown setting");
}

static bool
has_control(struct tg_sv line)
{
	for (size_t i = 0; i < line.n; i++) {
		const unsigned char c = (unsigned char)line.p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

static int
ini_pair(struct ini *in, struct tg_sv line, struct tg_err *err)
{
	const char *eq = memchr(line.p, '=', line.n);
	struct tg_sv key, v;

	if (eq == NULL)
		return ini_fail(in, err, "neither [profile] nor key = value");
	if (!in->section)
		return ini_fail(in, err, "a setting before any [profile]");
	if (!in->mine)
		return 0;
	key = trim((struct tg_sv){line.p, (size_t)(eq - line.p)});
	v = trim((struct tg_sv){eq + 1, line.n - (size_t)(eq - line.p) - 1});
	return ini_setting(in, key, v, err);
}

static int
ini_line(struct ini *in, struct tg_sv line, struct tg_err *err)
{
	if (has_control(line))
		return ini_fail(in, err, "a control byte");
	if (trim(line).n == 0 || line.p[0] == '#' || line.p[0] == ';')
		return 0;
	if (line.p[0] == ' ' || line.p[0] == '\t')
		return ini_fail(in, err, "an indented line");
	if (line.p[0] == '[')
		return ini_section(in, line, err);
	return ini_pair(in, line, err);
}

int
tg_credentials_parse(struct tg_credentials *c, struct tg_sv text,
    const char *name, const char *profile, struct tg_err *err)
{
	struct ini in = {.c = c, .name = name, .profile = profile};
	const unsigned pair = 1u << ID | 1u << SECRET;

	while (text.n > 0) {
		const char *end = memchr(text.p, '\n', text.n);
		const size_t n = end == NULL ? text.n : (size_t)(end - text.p);
		const size_t step = end == NULL ? n : n + 1;

		in.line++;
		if (ini_line(&in, (struct tg_sv){text.p, n}, err) < 0)
			return -1;
		text.p += step;
		text.n -= step;
	}
	if (!in.found)
		return tg_fail(
		    err, TG_E_KEY, "%s: no profile [%s]", name, profile);
	if ((in.seen & pair) != pair)
		return tg_fail(err, TG_E_KEY,
		    "%s: [%s] lacks aws_access_key_id or "
		    "aws_secret_access_key",
		    name, profile);
	return 0;
}

static int
from_file(struct tg_credentials *c, const char *file, const char *profile,
    struct tg_err *err)
{
	struct tg_buf text;
	int rc;

	/* All at once: growing would leave copies behind. */
	tg_buf_init(&text, TG_CREDENTIALS_FILE_MAX);
	rc = tg_buf_reserve(&text, TG_CREDENTIALS_FILE_MAX, err);
	if (rc == 0)
		rc = tg_fs_slurp_private(&text, file, err);
	if (rc == 0)
		rc = tg_credentials_parse(
		    c, tg_buf_sv(&text), file, profile, err);
	tg_buf_wipe_deinit(&text);
	return rc;
}

static const char *
var(const struct tg_env *env, const char *name)
{
	const char *v = env->get(env->ctx, name);

	return v == NULL || *v == '\0' ? NULL : v;
}

static int
from_env(struct tg_credentials *c, const struct tg_env *env, struct tg_err *err)
{
	static const char *const names[] = {
	    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};

	for (size_t i = ID; i <= TOKEN; i++) {
		const char *v = var(env, names[i]);

		if (v == NULL && i == TOKEN)
			continue;
		if (v == NULL)
			return tg_fail(err, TG_E_KEY, "%s is set, %s is not",
			    names[ID + SECRET - i], names[i]);
		if (!store(c, &SETTINGS[i], tg_sv_of(v)))
			return tg_fail(err, TG_E_KEY,
			    "%s: too long or a byte that does not belong",
			    names[i]);
	}
	return 0;
}

/* $HOME/.aws/credentials, when there is one; the caller frees. */
static char *
home_file(const struct tg_env *env)
{
	const char *home = var(env, "HOME");
	char *path = home == NULL ? NULL : tg_fs_join(home, ".aws/credentials");

	if (path != NULL && !tg_fs_exists(path)) {
		free(path);
		return NULL;
	}
	return path;
}

static int
fill(struct tg_credentials *c, const char *file, const char *profile,
    const struct tg_env *env, struct tg_err *err)
{
	char *home = NULL;
	int rc;

	if (file == NULL && profile == NULL &&
	    (var(env, "AWS_ACCESS_KEY_ID") != NULL ||
		var(env, "AWS_SECRET_ACCESS_KEY") != NULL))
		return from_env(c, env, err);
	if (file == NULL)
		file = var(env, "AWS_SHARED_CREDENTIALS_FILE");
	if (file == NULL)
		file = home = home_file(env);
	if (profile == NULL)
		profile = var(env, "AWS_PROFILE");
	if (file == NULL) {
		(void)tg_fail(err, TG_E_KEY, "no credentials for the target");
		return tg_fail_hint(err,
		    "set AWS_SHARED_CREDENTIALS_FILE (mode 0600), or "
		    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
	}
	rc = from_file(c, file, profile == NULL ? "default" : profile, err);
	free(home);
	return rc;
}

int
tg_credentials_load(struct tg_credentials **out, const char *file,
    const char *profile, const struct tg_env *env, struct tg_err *err)
{
	struct tg_credentials *c = tg_secret_alloc(sizeof(*c));

	if (c == NULL)
		return tg_fail(
		    err, TG_E_MEMORY, "no locked memory for the credentials");
	memset(c, 0, sizeof(*c));
	if (fill(c, file, profile, env, err) < 0) {
		tg_credentials_free(c);
		return -1;
	}
	*out = c;
	return 0;
}

void
tg_credentials_free(struct tg_credentials *c)
{
	tg_secret_free(c);
}

const char *
tg_credentials_last4(const struct tg_credentials *c)
{
	const size_t n = strlen(c->key_id);

	return n < 8 ? "" : c->key_id + n - 4;
}
