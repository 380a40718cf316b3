/*
 * graph_ids.h - the names of the nodes of an attribution graph, and whether
 * what refers to them agrees.
 */
#ifndef TG_PIPELINE_SOURCES_GRAPH_IDS_H
#define TG_PIPELINE_SOURCES_GRAPH_IDS_H

#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "pipeline/record.h"

/*
 * tg_graph_check - TG_E_INPUT with the byte: two nodes of one name, a link to
 * a node that is not there, a node at a token that is not there.
 */
int tg_graph_check(struct tg_record *r, struct tg_err *err) TG_MUST_CHECK;

/*
 * tg_graph_dangling - marks (1) what the reader of the graph was shown and
 * names no node: pinned and clicked ids, members of supernodes; a saved view
 * may be older than its graph.  A link to no node is refused by the check.
 */
int tg_graph_dangling(struct tg_record *r, struct tg_err *err) TG_MUST_CHECK;

#endif
