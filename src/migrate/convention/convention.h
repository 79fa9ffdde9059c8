/*
 * Inside of the folder reader: what a convention is given and what it has to supply.
 *
 * A folder is listed once; each file is scanned at most once (its checksum and its marks: comment
 * lines that mean something to some tool), whoever asks first. A convention says which names
 * and marks are its own, and turns scanned files into migrations.
 */
#ifndef GW_MIGRATE_CONVENTION_H
#define GW_MIGRATE_CONVENTION_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/err.h"
#include "base/vec.h"
#include "migrate/folder.h"
#include "migrate/migration.h"

/* A comment line that means something to some tool. */
typedef enum gw_mark_kind {
    GW_MARK_DIRECTIVE, /* -- godwit: … */
    GW_MARK_SQLX,      /* -- no-transaction, at the first byte of the file */
    GW_MARK_DBMATE_UP, /* -- migrate:up */
    GW_MARK_DBMATE_DOWN,
    GW_MARK_GOOSE,   /* -- +goose … */
    GW_MARK_NODE_UP, /* -- Up Migration */
    GW_MARK_NODE_DOWN,
    GW_MARK_GRAPHILE, /* --! … */
    GW_MARK_ATLAS,    /* -- atlas:… */
} gw_mark_kind;

typedef struct gw_mark {
    gw_mark_kind kind;
    bool indented;         /* white space before the dashes */
    bool block;            /* of a block comment, where no tool looks for any */
    unsigned line, col;    /* of the text, from 1 */
    uint64_t offset, next; /* bytes: of the line, of what follows it */
    uint64_t code;         /* lines of statement text that stand before it */
    const char *text;      /* what follows the dashes, trimmed; cut at GW_MARK_TEXT bytes */
} gw_mark;

enum { GW_MARK_TEXT = 4096 };

typedef struct gw_source {
    const char *name;  /* in the folder, "sub/name" below it */
    const char *path;  /* to open */
    const char *shown; /* for messages */
    bool scanned;
    uint64_t size, start; /* start: 3 where a BOM stands before the text */
    int64_t changed_ns;   /* when it was last written to */
    const char *checksum;
    uint64_t code;      /* lines of statement text */
    unsigned code_line; /* the first of them; 0: none */
    bool dollar_brace;  /* "${" stands somewhere */
    unsigned head;      /* comment lines that the file begins with, one under the other */
    bool head_apart;    /* an empty line follows them */
    GW_VEC(gw_mark) marks;
} gw_source;

typedef struct gw_scanner gw_scanner;

typedef struct gw_dir {
    gw_arena *arena;
    const gw_folder_options *options;
    const char *path, *shown, *service;
    int fd;
    gw_scanner *scanner;
    GW_VEC(gw_source) files;      /* without hidden ones; sorted by byte */
    GW_VEC(const char *) folders; /* without hidden ones; sorted by byte */
    gw_folder *out;
} gw_dir;

/* Buffer and digest are kept from file to file. */
gw_scanner *gw_scanner_new(gw_arena *arena);

/* Read a file: checksum and marks. Does nothing the second time. */
bool gw_source_scan(gw_dir *dir, gw_source *source, gw_err *err);

/* A file by its name in the folder (also "sub/name"), added to no list; NULL where it is not there.
 */
gw_source *gw_dir_source(gw_dir *dir, const char *name);
/* One of the listed files by name, or NULL. */
gw_source *gw_dir_file(const gw_dir *dir, const char *name);
/* Files of a folder below, appended in order of name; err where it cannot be read. */
bool gw_dir_add_folder(gw_dir *dir, const char *name, gw_err *err);

/*
 * The settings that a tool reads where it is started: files of these names (NULL-terminated, "sub/name" too) in the
 * folder, beside it, and above it as far as the project's own path goes, nearest first. `read` says
 * when it has seen enough.
 */
typedef struct gw_above {
    gw_dir *dir;
    gw_source *source;
    const char *up; /* from the folder to where it looked: "", "../", "../../" */
} gw_above;
typedef bool gw_above_fn(void *self, const gw_above *found, bool *enough, gw_err *err);
bool gw_dir_above(gw_dir *dir, const char *const *names, gw_above_fn *read, void *self, gw_err *err);

bool gw_has_suffix(const char *name, const char *suffix);
/* ".UP.SQL" for ".up.sql": on a system where case does not count it may be taken for the same name. */
bool gw_other_case(const char *name, const char *suffix);
bool gw_case_error(const char *name, const char *shown, const char *suffix, gw_err *err);
size_t gw_digits(const char *text); /* how many stand at its start */

/* An error about a file: kind INPUT at file:line. */
bool gw_source_error(gw_err *err, const gw_source *source, unsigned line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* FILE fits no name of the convention; `pattern` is the name expected. */
bool gw_name_error(gw_err *err, const gw_source *source, const char *pattern);

/* Digits without leading zeros, at most 2^63-1. */
bool gw_version_number(gw_dir *dir, const gw_source *source, size_t digits, const char **out,
                       gw_err *err);

/* A new migration of the folder, everything set but its scripts. */
gw_migration *gw_dir_add(gw_dir *dir, gw_format format, const char *version, const char *order,
                         const char *name);

/* A part of a file: from after `mark` (NULL: the start) to the next cut. */
typedef struct gw_cut {
    const gw_mark *mark;
    gw_script *script; /* NULL: no statement belongs there; its directives go to both scripts */
} gw_cut;

/* Fill the scripts from cuts in order; directives are read and checked on the way. */
bool gw_source_cut(gw_dir *dir, const gw_source *source, gw_script *up, gw_script *down,
                   const gw_cut *cuts, size_t count, gw_err *err);
/* The whole file as one section. Scans it. */
bool gw_source_whole(gw_dir *dir, gw_source *source, gw_script *out, gw_err *err);

/* ---- directive.c ---- */
void gw_directives_init(gw_directives *directives);
/* One `-- godwit:` line. `late`: a statement stands before it (only `ignore` may). */
/* Whether a comment's text was meant for a directive, however it is spelled: `Godwit: only=dev`,
 * `godwit no-transaction`. */
bool gw_directive_meant(const char *text, size_t len);

bool gw_directives_read(gw_arena *arena, const gw_source *source, const gw_mark *mark, bool late,
                        gw_directives *out, gw_err *err);

/* ---- numbered.c: NNN_name.sql, NNN_name.up.sql, NNN_name.down.sql ---- */
typedef enum { GW_NAME_OTHER, GW_NAME_PLAIN, GW_NAME_UP, GW_NAME_DOWN } gw_numbered_name;
gw_numbered_name gw_numbered(const char *name);
bool gw_numbered_read(gw_dir *dir, gw_format format, bool plain, bool pairs, gw_err *err);
/* Order by file name: numbers where that is the same order, positions where it is not. */
void gw_order_by_name(gw_dir *dir);

/* ---- foreign.c ---- */
/* The bytes of a file into a digest; with `lf`, CRLF as LF. */
bool gw_foreign_feed(gw_arena *arena, const char *path, bool lf, gw_digest *digest, gw_err *err);

/* What `new` is asked for. */
typedef struct gw_new {
    const char *name;    /* snake_case */
    const char *version; /* UTC YYYYMMDDHHMMSS, not taken by another file */
    int64_t now_us;
} gw_new;
typedef struct gw_new_files {
    gw_arena *arena;
    GW_VEC(const char *) paths;
} gw_new_files;
/* Make one file of the folder; an existing one is an error. */
bool gw_new_file(gw_dir *dir, gw_new_files *files, const char *name, const char *text, gw_err *err);

typedef struct gw_convention {
    gw_format format;
    const char *pattern; /* of file names, for messages */
    /* The name of what gives the folder away (a plan, a journal, a sum), or NULL. May be NULL. */
    const char *(*shape)(gw_dir *dir);
    /* Is this file's name its own, whatever stands in it? May be NULL. */
    bool (*named)(const char *name);
    /* Is this mark its own? May be NULL. */
    bool (*marked)(const gw_mark *mark);
    bool (*read)(gw_dir *dir, gw_err *err);
    bool (*create)(gw_dir *dir, const gw_new *wanted, gw_new_files *files, gw_err *err);
} gw_convention;

extern const gw_convention gw_convention_godwit, gw_convention_sqlx, gw_convention_dbmate,
    gw_convention_golang_migrate, gw_convention_goose, gw_convention_flyway, gw_convention_drizzle,
    gw_convention_graphile_migrate, gw_convention_atlas, gw_convention_node_pg_migrate,
    gw_convention_sqitch;

/* By format; NULL for AUTO and for alembic, whose files are not SQL. */
const gw_convention *gw_convention_of(gw_format format);

/* Opens and lists the folder. Closed with the arena. */
bool gw_dir_open(gw_arena *arena, const gw_folder_options *options, gw_folder *out, gw_dir **dir,
                 gw_err *err);
/* The convention of a folder, from names, then marks. NULL: failed. */
const gw_convention *gw_dir_detect(gw_dir *dir, gw_err *err);

#endif
