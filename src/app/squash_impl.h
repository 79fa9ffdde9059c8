/* The parts of squash. Of squash*.c only. */
#ifndef GW_APP_SQUASH_IMPL_H
#define GW_APP_SQUASH_IMPL_H

#include "app/replayed.h"
#include "app/rows.h"
#include "app/squash.h"

typedef struct gw_sequence_seen {
    const char *schema, *name, *value; /* value NULL: never used */
} gw_sequence_seen;

/* What is in a shadow database. */
typedef struct gw_content {
    gw_schema *schema;
    gw_rows_seen rows;
    gw_sequence_seen *sequences;
    size_t sequence_count;
} gw_content;

bool gw_content_read(gw_session *look, gw_arena *arena, gw_content *out, gw_err *err);
/* NULL where all rows and sequences are the same; else the first that differ. */
const char *gw_content_differs(gw_arena *arena, const gw_content *x, const gw_content *y);

/*
 * squash_text.c: the statements from x to y, rows included; kind UNSUPPORTED names what cannot be
 * written down. `look`: on y.
 */
bool gw_squash_statements(gw_trial *trial, gw_arena *arena, gw_session *look, const gw_content *x,
                          const gw_content *y, gw_texts *out, bool *transactional, int64_t *rows,
                          gw_err *err);
/* The file, in the convention of `last`, the newest that it replaces. */
bool gw_squash_file(gw_arena *arena, const gw_migration *last, const gw_squash *squash,
                    const gw_texts *statements, bool transactional, const char **name,
                    const char **text, gw_err *err);

/* squash_move.c: the new file in, the old ones out; a crash between is brought to its end. */
bool gw_squash_move(gw_arena *arena, const char *folder, const char *name, const char *text,
                    const gw_texts *old, const char *to, gw_err *err);
/* *done: there was one, and it is finished. */
bool gw_squash_finish(gw_arena *arena, const char *folder, bool *done, gw_err *err);

#endif
