/*
 * A file in a transaction with a statement whose effect stays when that is rolled back
 * (gw_checked.lasts): dblink, a program, a file. Before its transaction begins, a row says that it
 * is under way; it commits or is taken back, and where neither happens the next run knows of it. Any
 * other file pays nothing. Private to this folder.
 */
#ifndef GW_MIGRATE_LASTING_H
#define GW_MIGRATE_LASTING_H

#include "base/json.h"
#include "migrate/internal.h"

/* The row, committed. Nothing where the file has no such statement. */
bool gw_lasting_note(gw_runner *r, gw_arena *arena, const gw_checked *checked, gw_err *err);

/* Its intent, of that statement's (recover.h). */
char *gw_lasting_intent(gw_arena *arena, const gw_checked *checked, json_t *statement);

/* It was rolled back for good: the row is as it was (`before`, NULL: there was none). Best effort;
 * where the session is lost, the row stays. */
void gw_lasting_take_back(gw_runner *r, const gw_checked *checked, const gw_applied *before);

/* A try begins: nothing has lasted. */
void gw_lasting_start(gw_runner *r);
/* A statement begins: may it leave what a rollback does not take back? */
void gw_lasting_see(gw_runner *r, const gw_checked *checked, const gw_statement *statement);
/* Says of a try that was rolled back what of it may stay; nothing where nothing does, or where the
 * session is lost: what became of it has yet to be found out. */
void gw_lasting_explain(gw_runner *r, gw_err *err);

/* Of a row's intent: was it left inside such a transaction? The line of the statement, or 0. */
unsigned gw_lasting_line(const json_t *intent);
/* Then a person has to say what is true. False. */
bool gw_lasting_ask(const gw_checked *checked, const json_t *intent, gw_err *err);

/* The history's row as it was before this file began: of a file that could not be run to its end. */
bool gw_put_back_row(gw_runner *r, const gw_checked *checked, const gw_applied *before,
                     gw_err *err);

#endif
