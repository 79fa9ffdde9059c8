/* Shared by the parts of the model. */
#ifndef GW_LINT_MODEL_IMPL_H
#define GW_LINT_MODEL_IMPL_H

#include "lint/rule.h"

enum { GW_MODEL_BUCKETS = 4096, GW_MODEL_PATH = 8 };

/* What the run makes somewhere, told in advance. */
typedef struct gw_foreseen {
    gw_made_kind kind;
    const char *schema, *name;
    const gw_statement_seen *made;
    struct gw_foreseen *next;
} gw_foreseen;

struct gw_model {
    gw_arena *arena;
    gw_made_object *buckets[GW_MODEL_BUCKETS];
    gw_foreseen *foreseen[GW_MODEL_BUCKETS];
    gw_made_object_list objects;
    const char *path[GW_MODEL_PATH]; /* search_path */
    size_t path_count;
    GW_VEC(const char *) hidden; /* code that may make things unseen */
};

size_t gw_model_bucket(const char *name);
/* A live object, or NULL; schema NULL goes by the search_path. */
gw_made_object *gw_model_find(const gw_model *model, gw_made_kind kind, const char *schema,
                              const char *name);
void gw_model_put(gw_model *model, gw_made_object *object, const gw_statement_seen *made);
void gw_model_apply_alter(gw_model *model, const gw_statement_seen *s);
void gw_model_add_key(gw_model *model, gw_relation *relation, const gw_key *key,
                      const gw_statement_seen *s);
void gw_model_add_sequence(gw_model *model, gw_relation *table, const gw_column *column,
                           const gw_statement_seen *s);
void gw_model_drop_index(gw_model *model, gw_index *index, const gw_statement_seen *s);
void gw_model_rename(gw_model *model, gw_made_object *object, const char *schema, const char *name,
                     const gw_statement_seen *s);

#endif
