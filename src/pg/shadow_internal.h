/* Shared by the shadow*.c files; nobody else includes it. */
#ifndef GW_PG_SHADOW_INTERNAL_H
#define GW_PG_SHADOW_INTERNAL_H

#include "base/vec.h"
#include "pg/query.h"
#include "pg/server_internal.h"
#include "pg/shadow.h"

#define GW_SHADOW_PREFIX "godwit_shadow_"
#define GW_SHADOW_FOLDER "shadow" /* below .godwit */
#define GW_SHADOW_MEMORY "/dev/shm"
#define GW_SHADOW_TEMPLATE "tpl_"

struct gw_shadow_db {
    gw_shadow *shadow; /* NULL once it is dropped */
    const char *name, *url;
    gw_shadow_db *next;
};

struct gw_shadow {
    gw_arena *arena; /* its own; NULL once closed */
    gw_shadow_options options;
    gw_shadow_facts facts;
    GW_VEC(const char *) left;   /* facts.settings_left */
    gw_server_options server_options;
    const char *folder;          /* of the server; NULL: below .godwit */
    gw_server server;
    int users;                   /* descriptor of the lock that says who uses the server; -1 */
    gw_session *admin;
    const char *admin_url;
    unsigned long long token;
    unsigned made;               /* databases so far */
    bool own_locale;             /* the target's is not to be had */
    bool settings_noted;
    gw_shadow_db *dbs;
    gw_shadow_extensions available; /* items NULL: not asked yet */
    GW_VEC(const char *) lacking;   /* extensions that were asked for */
    GW_VEC(const char *) templates; /* on a server of others: dropped with the handle */
};

/* name as an identifier, text as a literal. */
char *gw_shadow_ident(const gw_shadow *shadow, gw_arena *arena, const char *name);
char *gw_shadow_literal(const gw_shadow *shadow, gw_arena *arena, const char *text);

/* One built statement on the admin session. */
bool gw_shadow_run(gw_shadow *shadow, gw_err *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* shadow_server.c: the private server, from nothing to an admin session; and leaving it. */
bool gw_shadow_server_enter(gw_shadow *shadow, gw_err *err);
void gw_shadow_server_leave(gw_shadow *shadow);
bool gw_shadow_open_admin(gw_shadow *shadow, gw_err *err);

/* shadow_folder.c: where the private servers lie. */
bool gw_shadow_memory_is_ample(void);
char *gw_shadow_folder(gw_arena *arena, const char *root, const char *project_dir);
/* It is there, ours, and nobody else can write to it. */
bool gw_shadow_folder_is_ours(const char *path);
/* The file that whoever uses the server in `data` holds. */
char *gw_shadow_users(gw_arena *arena, const char *data);
/* A new one: say whose it is, remove those of projects that are gone, and what others have long not used. */
void gw_shadow_folder_mark(gw_arena *arena, const char *folder, const char *project_dir);

/* shadow_tidy.c */
/* Databases of dead runs; alone: everything that is no template, and what became of roles. */
bool gw_shadow_tidy(gw_shadow *shadow, bool alone, gw_err *err);
/* Drop a database with its sessions and subscriptions. */
bool gw_shadow_drop_named(gw_shadow *shadow, const char *name, gw_err *err);
/* Wait until nobody is connected to it. */
bool gw_shadow_end_sessions(gw_shadow *shadow, const char *name, gw_err *err);

/* A row of shadow_databases.sql. */
typedef struct gw_shadow_row {
    const char *name, *used_at;
    bool is_shadow, is_template, is_dead;
} gw_shadow_row;
bool gw_shadow_databases(gw_shadow *shadow, gw_arena *arena, gw_shadow_row **rows, size_t *count,
                         gw_err *err);
/* The column `name` of a statement with one parameter, or none (NULL). */
bool gw_shadow_names(gw_shadow *shadow, gw_arena *arena, const gw_sql *sql, const char *param,
                     const char ***names, size_t *count, gw_err *err);
bool gw_shadow_has_subscriptions(gw_shadow *shadow, const char *name, bool *has, gw_err *err);

/* shadow_target.c: the target's settings on one database of ours. */
bool gw_shadow_apply_settings(gw_shadow *shadow, const char *database, gw_err *err);
/* The clauses of CREATE DATABASE that choose the target's locale; "" where there is nothing. */
char *gw_shadow_locale_clauses(const gw_shadow *shadow, gw_arena *arena);

#endif
