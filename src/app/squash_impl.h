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

/* squash_beside.c: where the new file stands. */
typedef struct gw_squash_place {
    const char *folder;
    const gw_migration_list *files; /* of all services, as they are */
    const gw_migration *last;       /* among them: the newest that is replaced */
    const char *name, *text;        /* the new file */
    bool alone;                     /* as if there were only the new one */
} gw_squash_place;

/* The list of files that the convention keeps; *name NULL: it keeps none. */
bool gw_squash_beside(gw_arena *arena, const gw_squash_place *place, const char **name,
                      const char **text, gw_err *err);
/* Snapshots of drizzle's that go with the old files: all but the last one's. */
void gw_squash_snapshots(gw_arena *arena, const gw_squash_place *place, gw_texts *moved);

/* squash_move.c: the new file and the list beside it (NULL: none) in, the old files out; a crash
 * between is brought to its end. */
bool gw_squash_move(gw_arena *arena, const gw_squash_place *place, const gw_texts *old,
                    const char *to, gw_err *err);
/* *done: there was one, and it is finished. */
bool gw_squash_finish(gw_arena *arena, const char *folder, bool *done, gw_err *err);

#endif
