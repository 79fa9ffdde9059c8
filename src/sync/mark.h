/*
 * From where the next detection may start, and why it may not: what a run knew of its source when
 * its snapshot was taken. Kept in godwit.sync_marks, written in the transaction that completes the
 * run whose changes were found under it, never before.
 */
#ifndef GW_SYNC_MARK_H
#define GW_SYNC_MARK_H

#include "base/json.h"
#include "source/snapshot.h"

/* Why a method cannot be trusted; then fingerprints of the whole source have to be compared. */
typedef enum gw_unsound {
    GW_SOUND,
    GW_UNSOUND_VERSION,
    GW_UNSOUND_STANDBY,
    GW_UNSOUND_NOT_SUMMARIZED,
    GW_UNSOUND_NO_TABLE,
    GW_UNSOUND_UNLOGGED,
    GW_UNSOUND_ROW_SECURITY,
    GW_UNSOUND_EXPRESSIONS,
    GW_UNSOUND_NO_MARK,
    GW_UNSOUND_MARK_TOO_NEW,
    GW_UNSOUND_OTHER_SOURCE,
    GW_UNSOUND_TIMELINE,
    GW_UNSOUND_MAPPING,
    GW_UNSOUND_FILE_NODE,
    GW_UNSOUND_SHAPE,
    GW_UNSOUND_GAP,
    GW_UNSOUND_TAIL, /* only where all up to the snapshot is asked for */
    GW_UNSOUND_NOT_DECLARED,
    GW_UNSOUND_CHANGED_AT_TYPE,
    GW_UNSOUND_NO_LOW_WATER,
    GW_UNSOUND_COUNT
} gw_unsound;

/* "file-node", …: for JSON. */
const char *gw_unsound_name(gw_unsound reason);
/* One line for people. */
const char *gw_unsound_text(gw_unsound reason);

/* What would make it sound, for a hint. */
const char *gw_unsound_remedy(gw_unsound reason);

typedef struct gw_mark_leaf {
    int64_t oid, file_node;
    const char *shape;
} gw_mark_leaf;

typedef struct gw_mark {
    const char *system_identifier;
    int64_t database_oid, timeline;
    int64_t position, xid, xmin; /* see gw_snapshot; GW_NULL_INT where there are none */
    int64_t
        complete; /* every change whose log ends before this is known, and where each row lies */
    int64_t low_water;
    int64_t taken_at;       /* by the source's clock, microseconds */
    const char *projection; /* digest of what a row's fingerprint is made of */
    gw_mark_leaf *leaves;
    size_t leaf_count;
} gw_mark;

gw_mark gw_mark_of(gw_arena *arena, const gw_snapshot *snapshot, const char *projection,
                   int64_t complete);

/*
 * For a detection that has found every change, and not where unchanged rows lie by now: what blocks
 * needs stays as it was at the newest of these marks. files: the tables' files, too.
 */
void gw_mark_carry(gw_mark *mark, const gw_mark *marks, size_t count, bool files);

json_t *gw_mark_json(gw_arena *arena, const gw_mark *mark);
/* Kind STATE where it is none. */
bool gw_mark_read(gw_arena *arena, const json_t *json, gw_mark *out, gw_err *err);

/* What makes any mark of another time useless, whatever the method. */
gw_unsound gw_mark_fits(const gw_mark *mark, const gw_snapshot *snapshot, const char *projection);

/* ---- kept in godwit.sync_marks ------------------------------------------------------------- */

/* The newest first; of every mapping that the entity had. */
bool gw_marks_read(gw_session *session, gw_arena *arena, const char *entity, gw_mark **out,
                   size_t *count, gw_err *err);

typedef struct gw_mark_kept {
    const char *entity, *mapping_id;
    const char *method; /* by which it was found */
    const char *run;    /* migration_control.run_id; NULL */
} gw_mark_kept;

/*
 * For the transaction that completes the run whose changes were found under this mark, and only
 * there. Marks that no later detection can need are removed.
 */
bool gw_mark_put(gw_session *session, gw_arena *arena, const gw_mark_kept *kept,
                 const gw_mark *mark, gw_err *err);

#endif
