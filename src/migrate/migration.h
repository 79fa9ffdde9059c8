/*
 * A migration as read from files: what it is called, where its text is, what its author asked for.
 * Nothing here knows whether it has been applied. Values live on the arena of the folder read.
 */
#ifndef GW_MIGRATE_MIGRATION_H
#define GW_MIGRATE_MIGRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum gw_format {
    GW_FORMAT_AUTO, /* to be found out */
    GW_FORMAT_GODWIT,
    GW_FORMAT_SQLX,
    GW_FORMAT_DBMATE,
    GW_FORMAT_GOLANG_MIGRATE,
    GW_FORMAT_GOOSE,
    GW_FORMAT_FLYWAY,
    GW_FORMAT_DRIZZLE,
    GW_FORMAT_GRAPHILE_MIGRATE,
    GW_FORMAT_ATLAS,
    GW_FORMAT_NODE_PG_MIGRATE,
    GW_FORMAT_SQITCH,
    GW_FORMAT_ALEMBIC, /* known to `adopt` only: its files are Python */
    GW_FORMAT_COUNT,
} gw_format;

typedef enum gw_migration_kind {
    GW_VERSIONED,
    GW_REPEATABLE, /* runs again when its checksum changes, after the versioned ones */
    GW_BASELINE,   /* Flyway B: stands for every version up to its own on an empty database */
} gw_migration_kind;

/* How text is changed before it is split; most files are run as they are. */
typedef enum gw_substitution {
    GW_SUBST_NONE,
    GW_SUBST_ENV,          /* ${VAR}, ${VAR:-default}: `-- godwit: env` */
    GW_SUBST_GOOSE_OFF,    /* also $VAR, ${VAR-default}; from ENVSUB ON to ENVSUB OFF. It is off */
    GW_SUBST_GOOSE_ON,     /* (on) where the section begins */
    GW_SUBST_PLACEHOLDERS, /* Flyway ${name} from `placeholders:` and its flyway:… defaults */
    GW_SUBST_GRAPHILE,     /* :DATABASE_NAME, :DATABASE_OWNER and `placeholders:` */
    GW_SUBST_PSQL,         /* :name, :'name', :"name" as psql does it: Sqitch */
} gw_substitution;

/* A part of a file. */
typedef struct gw_section {
    uint64_t offset, len; /* bytes */
    unsigned line;        /* of its first byte, from 1 */
    gw_substitution substitution;
    bool breakpoints;     /* drizzle's end statements in it */
} gw_section;

/* `-- godwit: batch TABLE.KEY SIZE` */
typedef struct gw_batch_directive {
    const char *schema; /* NULL: by search_path */
    const char *table;  /* NULL: no batch directive */
    const char *key;
    int64_t size;
    unsigned line;
} gw_batch_directive;

/* What the comments at the top of a file ask for. */
typedef struct gw_directives {
    bool no_transaction;
    bool transaction_said;       /* the file says so in its own convention, either way */
    bool repeatable;
    bool env;
    bool allow_data_loss;        /* what the file loses is meant */
    int64_t lock_timeout_ms;     /* -1: not said */
    int64_t statement_timeout_ms;/* -1: not said */
    const char **requires;       /* versions (or sqitch names) that have to be there */
    unsigned *requires_lines;    /* where each of them stands; NULL where no directive said it */
    size_t requires_count;
    const char **replaces;       /* versions that this file is a squash of, its own among them */
    size_t replaces_count;
    const char **conflicts;      /* sqitch */
    size_t conflicts_count;
    const char **only;           /* environments; none = all */
    size_t only_count;
    gw_batch_directive batch;
} gw_directives;

/* One direction of a migration. */
typedef struct gw_script {
    bool present;
    const char *path;            /* to open, and to show */
    uint64_t size;               /* of the whole file */
    int64_t changed_ns;          /* when it was last written to: what runs is what was read */
    gw_section *sections;        /* in order; at least one where present */
    size_t section_count;
    gw_directives directives;
    const char *const *variables; /* of its tool's own settings: name, value, …, NULL; may be NULL */
} gw_script;

typedef struct gw_migration {
    const char *version;         /* its identity in the history: text */
    const char *order;           /* digits and dots, compared number by number */
    bool by_place;               /* order is the place in the folder as it is today: it says nothing
                                    beside one that the history has kept */
    const char *name;            /* for people; "" where there is none */
    const char *service;         /* "" outside a multi-service project */
    gw_format format;
    gw_migration_kind kind;
    gw_script up, down, verify;  /* verify: sqitch only */
    const char *checksum;        /* SHA-256, hex, of the up file with CRLF read as LF, no BOM */
    const char *text_checksum;   /* where `checksum` covers the values of placeholders as well
                                    (Flyway's repeatable ones): of the file alone; else NULL */
    const char *foreign_id;      /* what its own tool's table knows it by; NULL where that is the
                                    version: sqitch change id, drizzle `when` (ms), Flyway script,
                                    graphile-migrate and atlas hash, node-pg-migrate file stem */
} gw_migration;

/* Dotted numbers of any length: "2" < "10" < "10.1". Leading zeros do not count. */
int gw_version_compare(const char *a, const char *b);
/* Does a user who says `wanted` mean this version? "0012" names "12" where versions are numbers. */
bool gw_version_is(const char *version, const char *wanted);
/* Both are numbers, and the first is the greater one. */
bool gw_version_is_past(const char *version, const char *wanted);
/* Was it this text, as far as the checksum of then can tell? NULL: it cannot. */
bool gw_migration_is_same(const gw_migration *migration, const char *checksum);
/* A repeatable file of Flyway has none: it is known by its name, R__NAME, which says all. */
bool gw_version_is_file(const char *version);

/* Order of running: by `order`, then service; repeatable ones last, by name. */
int gw_migration_compare(const gw_migration *a, const gw_migration *b);

const char *gw_format_name(gw_format format); /* "golang-migrate" */
gw_format gw_format_by_name(const char *name); /* GW_FORMAT_COUNT where unknown */

#endif
