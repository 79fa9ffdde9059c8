/* An error as people and programs see it: text with its place in the file, JSON, an exit code. */
#ifndef GW_CMD_REPORT_H
#define GW_CMD_REPORT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "cmd/jsonout.h"

/* Exit codes of the contract. */
enum {
    GW_EXIT_OK = 0,
    GW_EXIT_FAILED = 1,
    GW_EXIT_USAGE = 2,
    GW_EXIT_CHECK = 3,
    GW_EXIT_CONNECT = 4,
    GW_EXIT_REFUSED = 5,
    GW_EXIT_INTERRUPTED = 6,
    GW_EXIT_BUSY = 7,
};
int gw_exit_code(gw_err_kind kind);

/*
 * error:, detail:, hint:, at: file:line:col with that line and a caret where the file can be read,
 * then what was being done. dir is where relative file names start; NULL = here.
 */
void gw_report_text(gw_buf *buf, const gw_err *err, const char *dir, bool color);

/* {"kind","message","detail","hint","sqlstate","where"}, what was being done added to detail, under `key`. */
void gw_report_json(gw_json *json, const char *key, const gw_err *err);

/* One line of a file with a caret under column `col` (characters, from 1; 0 = no caret). Nothing
 * is added where the file or the line cannot be read. */
void gw_report_line(gw_buf *buf, const char *path, unsigned line, unsigned col, bool color);

#endif
