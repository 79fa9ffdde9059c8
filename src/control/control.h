/*
 * Godwit's own tables, schema `godwit`: are they there, which version, make or upgrade them.
 * They are made by Godwit's own migrations (sql/control/upgrades) in one transaction under a
 * transaction lock, so that two first runs do not collide.
 */
#ifndef GW_CONTROL_CONTROL_H
#define GW_CONTROL_CONTROL_H

#include "pg/query.h"

/* Version that this program writes. */
int gw_control_current(void);

/* 0 where the schema is not there. */
bool gw_control_version(gw_session *session, int *version, gw_err *err);

/* The same from the row of control_version or part_version. kind STATE where row-level security may hide
 * what is in the tables. */
bool gw_control_version_of(gw_session *session, gw_arena *arena, const gw_result *result,
                           int *version, gw_err *err);

/* kind STATE where the tables are of a newer Godwit: nothing may be read from or written to them.
 */
bool gw_control_check(int version, gw_err *err);

/*
 * Make or upgrade. `by` goes into control.upgraded_by. A role that may not create the schema gets
 * kind PRIVILEGE with the GRANT that is needed; a read-only server is refused, also where nothing
 * is to be made.
 */
bool gw_control_ensure(gw_session *session, const char *by, gw_err *err);

/* The same as text: the scripts that bring tables of version `from` up to date, NULL behind the last one,
 * and the statement that notes it, whose two parameters are filled in. */
const char *const *gw_control_upgrade_texts(gw_arena *arena, int from);
const gw_sql *gw_control_upgraded_sql(void);
void gw_control_upgraded_params(const char *by, gw_param params[2]);

/*
 * Tables of a part of Godwit that not every database needs ("differential": for rows that are moved;
 * "tracker": for counting what moves; "serve": who may ask over HTTP; "keys": of backups; "upkeep": files that it makes), made or upgraded when a command first uses them; under the same lock, Godwit's own tables
 * before. godwit.parts holds what has run. Errors as gw_control_ensure; a part that a newer Godwit
 * wrote is kind STATE.
 */
bool gw_control_ensure_part(gw_session *session, const char *part, const char *by, gw_err *err);

/* How far a part's tables are made; 0 where they are not there. Newer than this program: kind STATE. */
bool gw_control_part_version(gw_session *session, const char *part, int *version, gw_err *err);

/* There is no control table: true where nothing else has a name of Godwit's either. Else kind STATE:
 * what is there is not Godwit's, or a part of its tables is gone. */
bool gw_control_absent(gw_session *session, gw_err *err);
/* The error where the tables are there and the row that says of which version is not: a copy of the schema
 * alone, say. False. */
bool gw_control_hollow(gw_session *session, gw_err *err);

/* What the server refused of Godwit's own statements gets the hint that helps: the grants that are
 * missing, or the primary's address. Returns false. */
bool gw_control_explain(gw_session *session, gw_err *err);

#endif
