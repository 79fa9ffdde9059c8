/*
 * `maintain:` of godwit.yaml: what upkeep keeps in order, how often, and what it may take. Variables are
 * not put in here: statements have dollar signs of their own.
 */
#ifndef GW_CONFIG_MAINTAIN_H
#define GW_CONFIG_MAINTAIN_H

#include <stddef.h>

#include "base/calendar.h"
#include "config/keys.h"

/* A table partitioned by ranges of one column. */
typedef struct gw_config_partition {
    const char *table;     /* as SQL writes it: shop.orders, "a table" (of public) */
    gw_period every;       /* a unit of the calendar, or a bare number: so many values a partition */
    gw_period ahead;       /* made so far ahead: of time, or so many partitions */
    gw_period keep;        /* number 0: for ever. Of time, or so many partitions behind the newest */
    bool archive;          /* what is over is kept in a file before it goes */
    const char *convert_by;/* a plain table becomes partitioned by this column; NULL: it is not touched */
    gw_yaml_values key;    /* its primary key then; none: as it is */
    unsigned line, col;
} gw_config_partition;

/* A statement that is run every so often. */
typedef struct gw_config_statement {
    const char *name, *sql;
    gw_period every;
    unsigned line, col;
} gw_config_statement;

typedef struct gw_config_maintain {
    int64_t lock_timeout_ms;    /* GW_CONFIG_UNSAID: the environment's */
    int64_t budget_ms;          /* of each action */
    const char *archive;        /* the folder of archives; as written */
    struct {
        gw_config_partition *items;
        size_t len, cap;
    } partitions;
    struct {
        gw_config_statement *items;
        size_t len, cap;
    } statements;
    struct {
        gw_period logs, checkpoints, analyses, departed;
    } retention;
    bool vacuum, reindex;
    struct {
        gw_period every, verify; /* number 0: never */
        bool prune;
    } backups;
} gw_config_maintain;

#define GW_CONFIG_UNSAID (-1)

/* What holds where nothing is said. */
gw_config_maintain gw_config_maintain_default(void);

/* Everything wrong goes to the decoder's problems. */
void gw_config_maintain_decode(gw_yaml_decoder *d, const gw_yaml_entry *entry,
                               gw_config_maintain *out);

#endif
