/*
 * Where two parties that write to one database get in each other's way: services of a project,
 * or a branch and another one. Each party's files are followed with a model of their own, then the
 * models are compared. From the files' text alone; connects to nothing.
 */
#ifndef GW_LINT_CONFLICTS_H
#define GW_LINT_CONFLICTS_H

#include "lint/lint.h"

typedef struct gw_party_script {
    const char *party;     /* NULL: what stands below all of them, and clashes with none */
    gw_lint_script script; /* ups only */
} gw_party_script;

typedef struct gw_conflict_place {
    const char *party, *file;
    unsigned line, col; /* 0 where it is the whole file */
} gw_conflict_place;

/* A column that two definitions of one table have in another way; "" where one has none. */
typedef struct gw_conflict_column {
    const char *name, *first, *second; /* as written: "amount text NOT NULL" */
} gw_conflict_column;

typedef struct gw_conflict {
    const char *kind;    /* "same_version" … (docs/how-to/conflicts.md) */
    const char *object;  /* "table public.orders" */
    const char *message;
    const char *hint;
    gw_conflict_column *columns;
    size_t column_count;
    gw_conflict_place first, second; /* in order of running */
    bool ignored;        /* while they are looked for: those are not handed out */
} gw_conflict;

typedef struct gw_conflict_list {
    gw_conflict *items;
    size_t len, cap;
} gw_conflict_list;

/* Scripts in order of running; the texts outlive what is found. Appends. */
void gw_conflicts_find(gw_arena *arena, const gw_party_script *scripts, size_t count,
                       gw_conflict_list *out);

#endif
