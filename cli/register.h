/* register.h - the registers beside a job (exceptions, legal holds), opened by
 * the verbs about them. */
#ifndef TG_CLI_REGISTER_H
#define TG_CLI_REGISTER_H

#include "base/arena.h"
#include "cli/common.h"
#include "pipeline/signed.h"

struct tg_cli_register {
	struct tg_cli *cli;
	struct tg_arena mem; /* of its records */
	struct tg_job *job;
	struct tg_trust *trust;
	struct tg_register reg; /* borrows the others, owns the ledger */
};

void tg_cli_register_init(struct tg_cli_register *r, struct tg_cli *cli);
void tg_cli_register_deinit(struct tg_cli_register *r);
/* The job (-c, when it is not set yet), its trust file and ledger; @append
 * takes the ledger's lock. */
int tg_cli_register_open(struct tg_cli_register *r, bool append) TG_MUST_CHECK;
/* The key of --key, and whose it is in the trust file; free the key. */
int tg_cli_register_signer(struct tg_cli_register *r,
    struct tg_minisign_key **key, const struct tg_person **who) TG_MUST_CHECK;

#endif
