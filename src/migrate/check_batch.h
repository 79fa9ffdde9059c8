/* What a batch file has to be: one statement that keeps to its ranges and comes to its end. */
#ifndef GW_MIGRATE_CHECK_BATCH_H
#define GW_MIGRATE_CHECK_BATCH_H

#include "migrate/check.h"

/* Of a file without the directive: true. Errors are of kind INPUT, with file:line:col. `s` as the
 * grammar reads it; what was applied before it was refused is let pass (options->pending). */
bool gw_check_batch_statement(gw_arena *scratch, const gw_check_options *options,
                              const gw_script *script, const gw_statement *s, gw_err *err);

/* `count`: all statements of the file. */
bool gw_check_batch_alone(const gw_script *script, unsigned count, gw_err *err);

#endif
