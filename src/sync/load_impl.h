/* A first load. Of load*.c only. */
#ifndef GW_SYNC_LOAD_IMPL_H
#define GW_SYNC_LOAD_IMPL_H

#include "sync/apply_impl.h"
#include "sync/load.h"

/* Of a column that a function makes. */
typedef struct gw_load_made {
    size_t output; /* which; SIZE_MAX: none does */
    int64_t chars; /* that it holds; 0: any */
} gw_load_made;

/* How rows go straight in. */
typedef struct gw_load_copy {
    const char *why;    /* they cannot; else NULL */
    bool text;          /* not binary */
    const char *into;   /* COPY … FROM STDIN */
    const char *select; /* behind COPY (: place, key, fingerprint, the columns */
    const char *own;    /* the destination's fingerprint, where it is another; else NULL */
    size_t columns;
    size_t sent; /* of them, by the source; a function makes each of the others */
    struct gw_load_made *made; /* columns */
    bool makes;  /* functions make some: behind what is sent stands what they see, as text, and `own` is open */
} gw_load_copy;

struct gw_load {
    gw_session *session;
    gw_arena *arena; /* of the batch */
    const gw_projection *projection;
    const gw_mapping *mapping;
    gw_apply_to to;
    gw_log *log;
    gw_apply *apply;
    gw_load_copy copy;
    gw_load_way way;
    const char *why;
    unsigned refused; /* batches, one after the other */
};

bool gw_load_copy_plan(gw_session *destination, gw_arena *arena, const gw_projection *projection,
                       gw_load_copy *out, gw_err *err);

/* Transactions until the run is behind: *run is what is not. *refused: the destination refused a
 * row of it, and err is empty. */
bool gw_load_copy_run(gw_load *load, gw_session *source, const gw_source_leaf *leaf, gw_blocks *run,
                      gw_applied *out, bool *refused, gw_err *err);

/* In a transaction that has godwit.sync_loads' row: drop what may be built afterwards. */
bool gw_load_postpone(gw_session *session, gw_arena *arena, const gw_projection *projection,
                      gw_err *err);
/* godwit.sync_loads' row, locked until the transaction ends; next: what is to be built, or NULL. */
bool gw_load_state_read(gw_session *session, gw_arena *arena, const char *entity, bool *there,
                        bool *was_empty, const char **next, gw_err *err);
/* Build it, each in a transaction of its own. */
bool gw_load_build(gw_session *session, gw_arena *arena, const char *entity, gw_log *log,
                   gw_err *err);

#endif
