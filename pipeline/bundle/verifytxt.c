#include "pipeline/bundle/verifytxt.h"

#include <stdbool.h>

#include "pipeline/bundle/minisign.h"
#include "pipeline/bundle/name.h"

#include "base/banned.h"

static const struct tg_sv ending = {".tar.zst.age", 12};

static const char head[] =
    "HOW TO CHECK AND OPEN THIS BUNDLE WITH STANDARD PROGRAMS\n"
    "\n"
    "Bundle: %s\n"
    "Exporter's minisign key: %s\n"
    "Ledger: %s\n"
    "\n"
    "Needed: GNU coreutils, findutils and tar, minisign, jq, and to open it\n"
    "age and zstd (Debian: apt-get install minisign jq age zstd).  Run the\n"
    "commands in the folder that holds this file.\n"
    "\n"
    "Compare the exporter's key with the one that the exporter gave you by\n"
    "another way (contract, telephone): this file cannot prove it.\n"
    "\n"
    "\n"
    "1. The files are whole\n"
    "\n"
    "    sha256sum -c SHA256SUMS\n"
    "\n"
    "sha256sum does not notice files that are not in the list.  This names\n"
    "them; what it names is not part of what was checked:\n"
    "\n"
    "    find . -type f ! -name SHA256SUMS -printf '%%P\\n' | while read -r f\n"
    "    do cut -c67- SHA256SUMS | grep -qxF \"$f\" || echo \"not listed: "
    "$f\"\n"
    "    done\n"
    "\n"
    "\n"
    "2. The exporter signed the manifest, and the manifest names the files\n"
    "\n"
    "    minisign -V -P %s -m manifest.json\n"
    "\n"
    "    jq -r '(.payload.volumes + .files)[] | .sha256 + \"  \" + .file' \\\n"
    "        manifest.json | sha256sum -c\n"
    "\n";

static const char opening[] =
    "\n"
    "%s. Open it%s%s%s\n"
    "\n"
    "KEY.txt holds the recipient's age identity (AGE-SECRET-KEY-1...).  If\n"
    "a program reports an error, do not use what was written.\n"
    "\n";

/* The tar of the design, what makes the digest of a volume; after "(cd DIR". */
static const char tar_again[] =
    " && find . -type f -printf '%P\\n' | LC_ALL=C sort |\n"
    "        LC_ALL=C tar --format=ustar --no-recursion --mtime=@0 --owner=0 "
    "--group=0\\\n"
    "        --numeric-owner --mode=0644 -T - -cf - | sha256sum)\n";

static const char open_one[] =
    "    age -d -i KEY.txt %s | zstd -d |\n"
    "        tar -x --one-top-level=out\n"
    "    (cd out && sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt)\n"
    "\n"
    "The tar made again from the files has the digest that the signed\n"
    "manifest names (payload.volumes[0].tar.sha256):\n"
    "\n"
    "    (cd out%s"
    "\n"
    "prints\n"
    "\n"
    "    %s  -\n"
    "\n";

static const char open_many[] =
    "    for v in $(jq -r '.payload.volumes[].file' manifest.json); do\n"
    "        d=out/${v%%.tar.zst.age}\n"
    "        age -d -i KEY.txt \"$v\" | zstd -d | "
    "tar -x --one-top-level=\"$d\"\n"
    "        (cd \"$d\" &&\n"
    "            sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt)\n"
    "    done\n"
    "\n"
    "The tar made again from the files of a volume has the digest that the\n"
    "signed manifest names (payload.volumes[].tar.sha256):\n"
    "\n"
    "    jq -r '.payload.volumes[] | .file + \" \" + .tar.sha256' \\\n"
    "        manifest.json | while read -r v want; do\n"
    "    got=$(cd \"out/${v%%.tar.zst.age}\"%s"
    "    test \"$got\" = \"$want  -\" && echo \"$v: same\" ||\n"
    "        echo \"$v: DIFFERENT\"\n"
    "    done\n"
    "\n";

static const char ledger[] =
    "\n"
    "%s. It was written down before it was sent\n"
    "\n"
    "intent.tlog-proof shows that the entry \"export.intent\", which names "
    "this\n"
    "manifest by its SHA-256, is in the exporter's append-only ledger\n"
    "%s.\n"
    "Its format is c2sp.org/tlog-proof@v1, the checkpoint in it a signed "
    "note;\n"
    "the verifier key, to be compared like the key above, is\n"
    "\n"
    "    %s\n"
    "\n"
    "Any C2SP transparency log client checks it, for example one built on the\n"
    "Go packages golang.org/x/mod/sumdb/note and golang.org/x/mod/sumdb/tlog.\n"
    "records.checkpoint commits to the records one by one in the same way.\n";

static bool
text_ok(const char *s)
{
	if (s == NULL || *s == '\0')
		return false;
	for (; *s != '\0'; s++)
		if (*s < 0x20 || *s > 0x7e || *s == '\'' || *s == '"' ||
		    *s == '`' || *s == '$' || *s == '\\')
			return false;
	return true;
}

static bool
pub_ok(const char *s)
{
	struct tg_minisign_pub pub;

	return s != NULL && tg_minisign_pub(&pub, tg_sv_of(s), NULL) == 0 &&
	    strlen(s) == TG_MINISIGN_PUB_STR - 1;
}

static bool
volume_ok(const char *file)
{
	const struct tg_sv s = tg_sv_of(file);

	return tg_name_ok(s) && memchr(s.p, '/', s.n) == NULL &&
	    s.n > ending.n &&
	    memcmp(s.p + s.n - ending.n, ending.p, ending.n) == 0;
}

static bool
role_ok(const struct tg_verifytxt_role *r)
{
	const struct tg_sv s = tg_sv_of(r->role);

	return tg_name_ok(s) && memchr(s.p, '/', s.n) == NULL &&
	    (r->pub == NULL || pub_ok(r->pub));
}

static int
check(const struct tg_verifytxt *in, struct tg_err *err)
{
	const char *what = NULL;

	if (!text_ok(in->bundle_id) || !text_ok(in->ledger_origin) ||
	    !text_ok(in->ledger_vkey) || !pub_ok(in->exporter_pub) ||
	    (in->recipient_hint != NULL && !text_ok(in->recipient_hint)))
		what = "the bundle, a key or the ledger";
	else if (in->n_volume == 0)
		what = "no volume";
	for (size_t i = 0; i < in->n_volume && what == NULL; i++)
		if (!volume_ok(in->volume[i].file))
			what = "the name of a volume";
	for (size_t i = 0; i < in->n_role && what == NULL; i++)
		if (!role_ok(&in->role[i]))
			what = "a role";
	if (what != NULL)
		return tg_fail(err, TG_E_INPUT,
		    TG_VERIFYTXT_FILE ": cannot be named in a command: %s",
		    what);
	return 0;
}

static int
add_roles(struct tg_buf *out, const struct tg_verifytxt *in, struct tg_err *err)
{
	bool unknown = false;

	if (tg_buf_adds(out,
		"\n3. The people decided\n\n"
		"Each decision names the manifest by its SHA-256.\n\n",
		err) < 0)
		return -1;
	for (size_t i = 0; i < in->n_role; i++) {
		const struct tg_verifytxt_role *const r = &in->role[i];

		unknown = unknown || r->pub == NULL;
		if (tg_buf_addf(out, err,
			"    minisign -V -P %s -m decision-%s.json\n",
			r->pub != NULL ? r->pub : "RW_KEY_OF_THIS_PERSON",
			r->role) < 0)
			return -1;
	}
	if (unknown &&
	    tg_buf_adds(out,
		"\nRW_KEY_OF_THIS_PERSON: the minisign key of who decided, "
		"as the exporter\ngave it to you; the key id is in the last "
		"words of the first line of\ndecision-ROLE.json.minisig.\n",
		err) < 0)
		return -1;
	return tg_buf_addc(out, '\n', err);
}

static int
add_open(struct tg_buf *out, const struct tg_verifytxt *in, struct tg_err *err)
{
	char hex[TG_SHA256_HEX];

	if (in->n_volume == 1) {
		tg_sha256_hex(hex, in->volume[0].volume->tar_sha256);
		return tg_buf_addf(
		    out, err, open_one, in->volume[0].file, tar_again, hex);
	}
	return tg_buf_addf(out, err, open_many, tar_again);
}

int
tg_verifytxt_add(
    struct tg_buf *out, const struct tg_verifytxt *in, struct tg_err *err)
{
	const char *const hint = in->recipient_hint;
	const bool roles = in->n_role > 0;

	if (check(in, err) < 0 ||
	    tg_buf_addf(out, err, head, in->bundle_id, in->exporter_pub,
		in->ledger_origin, in->exporter_pub) < 0)
		return -1;
	if (roles && add_roles(out, in, err) < 0)
		return -1;
	if (tg_buf_addf(out, err, opening, roles ? "4" : "3",
		hint != NULL ? " (sealed to " : "", hint != NULL ? hint : "",
		hint != NULL ? ")" : "") < 0 ||
	    add_open(out, in, err) < 0)
		return -1;
	return tg_buf_addf(out, err, ledger, roles ? "5" : "4",
	    in->ledger_origin, in->ledger_vkey);
}
