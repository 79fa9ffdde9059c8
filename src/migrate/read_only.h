/*
 * A file that makes its own transaction, or those that its session begins later, READ ONLY: neither
 * its row in the history nor what it writes itself can be written then. Private to this folder.
 */
#ifndef GW_MIGRATE_READ_ONLY_H
#define GW_MIGRATE_READ_ONLY_H

#include "migrate/internal.h"

/* BEGIN … READ ONLY, SET TRANSACTION READ ONLY, SET transaction_read_only = on: by its text alone. */
bool gw_begins_read_only(const gw_statement *statement);

/* 25006 ("… in a read-only transaction") without a hint: which statement of the file made it so, or what else may have. */
void gw_explain_read_only(gw_runner *r, const gw_checked *checked, gw_err *err);

#endif
