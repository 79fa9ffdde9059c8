/*
 * Does a statement drop, truncate or alter schema godwit or what is in it, or write rows there? The
 * run writes its history there, and outside a transaction it would be gone for good. The body of a
 * DO block in PL/pgSQL is looked into, and in it the constants of EXECUTE. What a statement puts
 * together from catalogs, a function does, or a name means under another search_path, cannot be known
 * from the text: that rows of the history were written or a table is gone (gw_own_rows) shows at the end of the
 * transaction, the file's or the statement's, which is rolled back (`events` cannot be emptied). What triggers have put
 * off until COMMIT is run before that.
 */
#ifndef GW_MIGRATE_OWN_SCHEMA_H
#define GW_MIGRATE_OWN_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

bool gw_changes_own_schema(const char *text, size_t len);

/* A statement of ours failed behind a file's: was it because of what the file did? Then err says
 * so. */
void gw_explain_own_schema(gw_err *err);

#endif
