/*
 * sink_impl.h - what a kind of sink is made of.  For sink.c and sink_*.c only.
 *
 * sink.c checks what is true of every target (the receipt, the name, the local
 * file's bytes) and hands the open file to the kind.
 */
#ifndef TG_PIPELINE_SINKS_SINK_IMPL_H
#define TG_PIPELINE_SINKS_SINK_IMPL_H

#include "pipeline/sinks/sink.h"

/*
 * place, versions - as tg_sink_place and tg_sink_versions; NULL: there is
 * nobody to ask.
 * put - @fd is @put->path, opened and just checked to hold @put->size bytes
 * with @put->sha256; read it with pread only.  Errors as tg_sink_put.
 * free - releases what the kind added; not @s itself.
 */
struct tg_sink_ops {
	int (*put)(struct tg_sink *s, int fd, const struct tg_put *put,
	    struct tg_put_result *res, struct tg_err *err);
	int (*place)(
	    struct tg_sink *s, struct tg_sink_place *out, struct tg_err *err);
	int (*versions)(
	    struct tg_sink *s, enum tg_sink_versions *out, struct tg_err *err);
	void (*free)(struct tg_sink *s);
};

/* First member of every kind's own struct. */
struct tg_sink {
	const struct tg_sink_ops *ops;
	char *url;	   /* as given; set by sink.c */
	struct tg_env env; /* set by sink.c */
	void (*progress)(void *ctx, uint64_t sent, uint64_t total);
	void *progress_ctx;
};

#define TG_SINK(name) extern const struct tg_sink_kind tg_sink_##name;
#include "pipeline/sinks/sinks.def"
#undef TG_SINK

#endif
