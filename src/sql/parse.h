/*
 * The built-in grammar (libpg_query, PostgreSQL 15 in Debian 12). A statement that it refuses may
 * be one of a newer server: callers decide by the server's version whether that is an error.
 */
#ifndef GW_SQL_PARSE_H
#define GW_SQL_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* Major version of the grammar: 15. */
int gw_sql_grammar_version(void);

enum { GW_SQL_PARSE_LONGEST = 1024 * 1024 };

/*
 * Does one statement parse? On failure err (kind INPUT) has message and position (characters).
 * It takes standard_conforming_strings to be on. A text over GW_SQL_PARSE_LONGEST is not
 * looked at (true): the tree takes many times its size in memory.
 */
bool gw_sql_parse_check(gw_arena *arena, const char *text, size_t len, gw_err *err);

#endif
