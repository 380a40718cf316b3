#include <check.h>
#include <string.h>
#include <sys/stat.h>

#include "pipeline/trust.h"
#include "tests/unit/pipeline/scratch.h"

#include "base/banned.h"

/* Public keys of nobody: the id is the first byte, the key is a digit. */
#define KEY_A "RWQBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
#define KEY_B "RWQCAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"
#define KEY_C "RWQDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMD"
/* The key of A under the id of B, and another key under the id of A. */
#define KEY_A2 "RWQCAgICAgICAgEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB"
#define KEY_A3 "RWQBAQEBAQEBAQICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIC"
#define AGE_A "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"

Suite *trust_suite(void);

static const char two[] =
    "schema: tracegate.trust/1\n"
    "persons:\n"
    "  - id: m.hartley\n"
    "    name: Mary Hartley\n"
    "    roles: [legal, exporter]\n"
    "    key: " KEY_B "\n"
    "    confirmed_by: telephone\n"
    "    confirmed_on: 2026-11-20\n"
    "  - {id: c.besson, name: \"C. Besson\", roles: [dpo], key: " KEY_A "}\n";

START_TEST(a_trust_file_is_read_and_sorted)
{
	struct tg_trust *t = NULL;
	const struct tg_person *p;
	struct tg_err err;

	OK(tg_trust_parse(&t, tg_sv_of(two), "trust.yaml", &err));
	ck_assert_uint_eq(tg_trust_count(t), 2);
	ck_assert_str_eq(tg_trust_at(t, 0)->id, "c.besson");
	p = tg_trust_find(t, "m.hartley");
	ck_assert_ptr_eq(p, tg_trust_at(t, 1));
	ck_assert_str_eq(p->name, "Mary Hartley");
	ck_assert_str_eq(p->role[0], "exporter");
	ck_assert(tg_person_has(p, "legal"));
	ck_assert(!tg_person_has(p, "dpo"));
	ck_assert_str_eq(p->confirmed_on, "2026-11-20");
	ck_assert_str_eq(tg_trust_at(t, 0)->confirmed_by, "");
	ck_assert_ptr_eq(tg_trust_by_key(t, &p->pub), p);
	ck_assert_ptr_eq(tg_trust_by_key_id(t, p->pub.id), p);
	ck_assert_ptr_null(tg_trust_find(t, "nobody"));
	ck_assert_ptr_null(tg_trust_at(t, 2));
	tg_trust_free(t);
}
END_TEST

#define PERSON(id, name, key) \
	"  - {id: " id ", name: " name ", roles: [dpo], key: " key "}\n"

static const struct {
	const char *text, *says;
} bad_trust[] = {
    {"", "empty"},
    {"persons: x\n", "f:1:10: persons"},
    {"person: []\n", "f:1:1: unknown key 'person' (did you mean 'persons'?)"},
    {"schema: x\npersons: []\n", "f:1:9: schema"},
    {"persons:\n  - {id: a, nam: B, roles: [dpo], key: " KEY_A "}\n",
	"f:2:13: unknown key 'nam' (did you mean 'name'?)"},
    {"persons:\n  - {id: a, roles: [dpo], key: " KEY_A "}\n",
	"name is missing"},
    {"persons:\n  - {id: a, name: B, roles: [], key: " KEY_A "}\n", "roles"},
    {"persons:\n  - {id: a, name: B, roles: [DPO], key: " KEY_A "}\n",
	"roles: small letters"},
    {"persons:\n  - {id: a, name: B, roles: [dpo, dpo], key: " KEY_A "}\n",
	"twice"},
    {"persons:\n  - {id: a/b, name: B, roles: [dpo], key: " KEY_A "}\n", "id:"},
    {"persons:\n  - {id: a, name: B, roles: [dpo], key: RWQx}\n",
	"key: not a minisign"},
    {"persons:\n  - {id: a, name: \"B\\nC\", roles: [dpo], key: " KEY_A "}\n",
	"one line"},
    {"persons:\n  - {id: a, name: \"\", roles: [dpo], key: " KEY_A "}\n",
	"name: empty"},
    {"persons:\n  - {id: a, name: B, roles: [dpo], key: " KEY_A
     ", confirmed_on: soon}\n",
	"confirmed_on"},
    {"persons:\n" PERSON("a", "A", KEY_A) PERSON("b", "B", KEY_A),
	"f:3:5: the key of a"},
    {"persons:\n" PERSON("a", "A", KEY_A) PERSON("b", "B", KEY_A2),
	"the key of a"},
    {"persons:\n" PERSON("a", "A", KEY_A) PERSON("b", "B", KEY_A3),
	"the key id of a"},
    {"persons:\n" PERSON("a", "A", KEY_A) PERSON("a", "A", KEY_A),
	"same key twice"},
    {"persons:\n" PERSON("a", "A", KEY_A) PERSON("a", "B", KEY_B),
	"another name"},
};

START_TEST(a_trust_file_with_a_fault_is_refused_where_it_is)
{
	struct tg_trust *t = NULL;
	struct tg_err err;

	FAILS(tg_trust_parse(&t, tg_sv_of(bad_trust[_i].text), "f", &err),
	    TG_E_CONFIG);
	ck_assert_msg(strstr(err.text, bad_trust[_i].says) != NULL,
	    "\"%s\" does not say \"%s\"", err.text, bad_trust[_i].says);
	ck_assert_ptr_null(t);
}
END_TEST

static struct tg_person
person(const char *id, const char *name, const char *const *role, size_t n,
    const char *key)
{
	return (struct tg_person){.id = id,
	    .name = name,
	    .role = role,
	    .n_role = n,
	    .key = key,
	    .confirmed_by = "",
	    .confirmed_on = ""};
}

START_TEST(adding_keeps_the_file_sorted_and_the_order_does_not_matter)
{
	static const char *const dpo[] = {"dpo"}, *const legal[] = {"legal"};
	static const int order[][3] = {{0, 1, 2}, {2, 1, 0}, {1, 2, 0}};
	const struct tg_person p[] = {
	    person("b", "\xc3\x89. B\"er\\nard: #1", dpo, 1, KEY_A),
	    person("a", "Ann", legal, 1, KEY_B),
	    person("a", "Ann", dpo, 1, KEY_C)};
	struct tg_buf first, now;
	struct scratch s;
	struct tg_err err;
	struct stat st;

	scratch_init(&s);
	tg_buf_init(&first, 1 << 16);
	tg_buf_init(&now, 1 << 16);
	for (size_t k = 0; k < TG_COUNT(order); k++) {
		const char *path = scratch_path(&s, "trust.yaml");

		(void)unlink(path);
		for (size_t i = 0; i < 3; i++) {
			OK(tg_trust_add(path, &p[order[k][i]], &err));
			OK(tg_trust_add(path, &p[order[k][i]], &err));
		}
		scratch_get(k == 0 ? &first : &now, path);
		ck_assert(
		    k == 0 || tg_sv_eq(tg_buf_sv(&first), tg_buf_sv(&now)));
		ck_assert_int_eq(stat(path, &st), 0);
		ck_assert_uint_eq(st.st_mode & 0777, 0644);
	}
	tg_buf_deinit(&first);
	tg_buf_deinit(&now);
	scratch_deinit(&s);
}
END_TEST

START_TEST(what_was_added_is_what_is_read)
{
	static const char *const dpo[] = {"dpo"}, *const more[] = {"legal"};
	struct tg_person p =
	    person("b", "\xc3\x89. B\"er\\nard: #1", dpo, 1, KEY_A);
	const struct tg_person *q;
	struct tg_trust *t = NULL;
	struct scratch s;
	struct tg_err err;
	const char *path;

	scratch_init(&s);
	path = scratch_path(&s, "trust.yaml");
	OK(tg_trust_add(path, &p, &err));
	p.role = more;
	p.confirmed_by = "telephone";
	p.confirmed_on = "2026-11-20";
	OK(tg_trust_add(path, &p, &err));
	OK(tg_trust_load(&t, path, &err));
	ck_assert_uint_eq(tg_trust_count(t), 1);
	q = tg_trust_at(t, 0);
	ck_assert_str_eq(q->name, p.name);
	ck_assert(tg_person_has(q, "dpo") && tg_person_has(q, "legal"));
	ck_assert_str_eq(q->confirmed_by, "telephone");
	ck_assert_str_eq(q->key, KEY_A);
	tg_trust_free(t);
	scratch_deinit(&s);
}
END_TEST

START_TEST(adding_what_cannot_be_leaves_the_file_alone)
{
	static const char *const dpo[] = {"dpo"}, *const no[] = {"D"};
	const struct tg_person bad[] = {person("x", "X", dpo, 1, KEY_B),
	    person("m.hartley", "Other", dpo, 1, KEY_C),
	    person("a b", "X", dpo, 1, KEY_C), person("x", "", dpo, 1, KEY_C),
	    person("x", "X", dpo, 0, KEY_C), person("x", "X", no, 1, KEY_C),
	    person("x", "X\n", dpo, 1, KEY_C),
	    person("x", "X\xe2\x80\xa8Y", dpo, 1, KEY_C),
	    person("x", "X", dpo, 1, KEY_A3)};
	struct scratch s;
	struct tg_buf b;
	struct tg_err err;
	const char *path;

	scratch_init(&s);
	tg_buf_init(&b, 1 << 16);
	path = scratch_path(&s, "trust.yaml");
	scratch_put(path, tg_sv_of(two));
	for (size_t i = 0; i < TG_COUNT(bad); i++) {
		FAILS(tg_trust_add(path, &bad[i], &err), TG_E_CONFIG);
		scratch_get(&b, path);
		ck_assert(tg_sv_is(tg_buf_sv(&b), two));
	}
	tg_buf_deinit(&b);
	scratch_deinit(&s);
}
END_TEST

static const char lab[] = "schema: tracegate.recipient/1\n"
			  "id: rcp-lab\n"
			  "legal_name: Example Safety Lab Ltd\n"
			  "role: processor\n"
			  "country: GB\n"
			  "contact: privacy@lab.example.org\n"
			  "contract_ref: DPA-2026-014\n"
			  "contract_date: 2026-01-31\n"
			  "keys: [" AGE_A "]\n";

START_TEST(a_recipient_is_read)
{
	struct tg_recipient *r = NULL;
	struct tg_err err;
	char text[2048];

	OK(tg_recipient_parse(&r, tg_sv_of(lab), "lab.yaml", &err));
	ck_assert_str_eq(r->id, "rcp-lab");
	ck_assert_str_eq(r->country, "GB");
	ck_assert_str_eq(r->key_confirmed, "");
	ck_assert_str_eq(r->mechanism, "");
	ck_assert_uint_eq(r->n_key, 1);
	ck_assert_str_eq(r->key[0], AGE_A);
	ck_assert_uint_eq(r->n_check, 0);
	tg_recipient_free(r);
	(void)snprintf(text, sizeof(text),
	    "%skey_confirmed: telephone\nmechanism: idta\nchecks: [tra, dpf]\n"
	    "covered_person_screen_date: 2026-02-01\nend_use: research\n",
	    lab);
	OK(tg_recipient_parse(&r, tg_sv_of(text), "lab.yaml", &err));
	ck_assert_str_eq(r->mechanism, "idta");
	ck_assert_uint_eq(r->n_check, 2);
	ck_assert_str_eq(r->check[1], "dpf");
	ck_assert_str_eq(r->covered_person_screen_date, "2026-02-01");
	tg_recipient_free(r);
}
END_TEST

START_TEST(what_a_recipient_states_of_its_keys_and_its_contract)
{
	struct tg_recipient *r = NULL;
	struct tg_err err;
	char text[2048];

	OK(tg_recipient_parse(&r, tg_sv_of(lab), "lab.yaml", &err));
	ck_assert_str_eq(r->key_date, "");
	ck_assert_str_eq(r->key_country, "");
	ck_assert_str_eq(r->key_holder, "");
	ck_assert_str_eq(r->onward_transfer, "");
	ck_assert_uint_eq(r->n_clause, 0);
	tg_recipient_free(r);
	(void)snprintf(text, sizeof(text),
	    "%skey_date: 2026-01-31\nkey_country: GB\nkey_holder: recipient\n"
	    "onward_transfer: deny\n"
	    "clauses: {delete_and_confirm: 'DPA, 9', b: c}\n",
	    lab);
	OK(tg_recipient_parse(&r, tg_sv_of(text), "lab.yaml", &err));
	ck_assert_str_eq(r->key_date, "2026-01-31");
	ck_assert_str_eq(r->key_country, "GB");
	ck_assert_str_eq(r->key_holder, "recipient");
	ck_assert_str_eq(r->onward_transfer, "deny");
	ck_assert_uint_eq(r->n_clause, 2);
	ck_assert_str_eq(r->clause[0], "delete_and_confirm");
	ck_assert_str_eq(r->clause_ref[0], "DPA, 9");
	ck_assert_str_eq(r->clause[1], "b");
	tg_recipient_free(r);
}
END_TEST

static const struct {
	const char *from, *to, *says;
} bad_lab[] = {{"country: GB", "country: gb", "country"},
    {"country: GB", "country: GBR", "country"},
    {"role: processor", "role: Processor", "role"},
    {"contract_date: 2026-01-31", "contract_date: 2026-02-31", "contract_date"},
    {"contract_date: 2026-01-31", "contract_dat: 2026-01-31",
	"did you mean 'contract_date'"},
    {"id: rcp-lab", "id: ../lab", "id"},
    {"keys: [" AGE_A "]", "keys: []", "keys"},
    {"keys: [" AGE_A "]", "keys: [age1xyz]", "lab.yaml:9:8: keys"},
    {"keys: [" AGE_A "]", "keys: [" AGE_A ", " AGE_A "]", "twice"},
    {"contact: privacy@lab.example.org\n", "", "contact is missing"},
    {"schema: tracegate.recipient/1", "schema: tracegate.recipient/2",
	"schema"},
    {"role: processor", "role: processor\nkey_date: soon", "key_date"},
    {"role: processor", "role: processor\nkey_country: gb", "key_country"},
    {"role: processor", "role: processor\nonward_transfer: maybe",
	"allow, prior_approval or deny"},
    {"role: processor", "role: processor\nclauses: [a]", "clauses"},
    /* A clause without its place in the contract was not agreed. */
    {"role: processor", "role: processor\nclauses: {a: ''}", "a: empty"}};

START_TEST(a_recipient_with_a_fault_is_refused_where_it_is)
{
	const char *at = strstr(lab, bad_lab[_i].from);
	struct tg_recipient *r = NULL;
	struct tg_err err;
	char text[2048];

	ck_assert_ptr_nonnull(at);
	(void)snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - lab), lab,
	    bad_lab[_i].to, at + strlen(bad_lab[_i].from));
	FAILS(tg_recipient_parse(&r, tg_sv_of(text), "lab.yaml", &err),
	    TG_E_CONFIG);
	ck_assert_msg(strstr(err.text, bad_lab[_i].says) != NULL,
	    "\"%s\" does not say \"%s\"", err.text, bad_lab[_i].says);
}
END_TEST

START_TEST(names_of_roles_and_ids)
{
	ck_assert(tg_role_ok(TG_SV("dpo")));
	ck_assert(tg_role_ok(TG_SV("safety_lead")));
	ck_assert(!tg_role_ok(TG_SV("")));
	ck_assert(!tg_role_ok(TG_SV("a/b")));
	ck_assert(!tg_role_ok(TG_SV("a-2")));
	ck_assert(!tg_role_ok(TG_SV("abcdefghijklmnopqrstuvwxyzabcdefg")));
	ck_assert(tg_id_ok(TG_SV("m.hartley-2")));
	ck_assert(!tg_id_ok(TG_SV(".hidden")));
	ck_assert(!tg_id_ok(TG_SV("a b")));
}
END_TEST

Suite *
trust_suite(void)
{
	Suite *s = suite_create("trust");
	TCase *c = tcase_create("trust");

	tcase_add_test(c, a_trust_file_is_read_and_sorted);
	tcase_add_loop_test(c, a_trust_file_with_a_fault_is_refused_where_it_is,
	    0, TG_COUNT(bad_trust));
	tcase_add_test(
	    c, adding_keeps_the_file_sorted_and_the_order_does_not_matter);
	tcase_add_test(c, what_was_added_is_what_is_read);
	tcase_add_test(c, adding_what_cannot_be_leaves_the_file_alone);
	tcase_add_test(c, a_recipient_is_read);
	tcase_add_test(c, what_a_recipient_states_of_its_keys_and_its_contract);
	tcase_add_loop_test(c, a_recipient_with_a_fault_is_refused_where_it_is,
	    0, TG_COUNT(bad_lab));
	tcase_add_test(c, names_of_roles_and_ids);
	suite_add_tcase(s, c);
	return s;
}
