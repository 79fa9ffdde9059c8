/* Subscriptions that connect to nobody: the same rows in the catalog, no publisher asked. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "sql/outside_impl.h"
#include "sql/quote.h"

/* The value of an option as it was written, or NULL where it has none. */
static const char *value_of(gw_arena *arena, const gw_node *option)
{
    const gw_node *arg = gw_node_get(option, "arg");
    const char *schema, *name = gw_node_string(arg);
    if (name)
        return gw_quote_literal(arena, name);
    if (gw_node_is(arg, "TypeName")) {
        gw_node_names(gw_node_get(arg, "names"), &schema, &name);
        return name ? gw_quote_literal(arena, name) : NULL;
    }
    if (gw_node_is(arg, "Integer"))
        return gw_printf(arena, "%" PRId64, gw_node_number(arg, "ival", 0));
    if (gw_node_is(arg, "Boolean"))
        return gw_node_true(arg, "boolval") ? "true" : "false";
    return NULL;
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

/* The options but those of `without`; *slot is what slot_name says. */
static void add_options(gw_buf *buf, const gw_node *options, const char *const *without,
                        const char **slot)
{
    for (size_t i = 0; i < gw_node_count(options); i++) {
        const gw_node *option = gw_node_at(options, i);
        const char *name = gw_node_text(option, "defname");
        const char *value = value_of(buf->arena, option);
        if (name && strcmp(name, "slot_name") == 0 && slot)
            *slot = value;
        if (!name || is_one_of(name, without))
            continue;
        gw_buf_add(buf, ", ");
        gw_buf_add_ident(buf, name);
        if (value)
            gw_buf_addf(buf, " = %s", value);
    }
}

static void add_publications(gw_buf *buf, const gw_node *list)
{
    for (size_t i = 0; i < gw_node_count(list); i++) {
        const char *name = gw_node_string(gw_node_at(list, i));
        gw_buf_add(buf, i ? ", " : " ");
        gw_buf_add_ident(buf, name ? name : "");
    }
}

static bool is_none(const char *slot)
{
    return slot && (strcmp(slot, "'none'") == 0 || strcmp(slot, "'NONE'") == 0);
}

/* Without a slot DROP SUBSCRIPTION asks nobody; its name is put in where the catalog shows it. */
static void create(gw_buf *buf, const gw_node *statement)
{
    static const char *const ours[] = {"connect", "create_slot", "enabled", "copy_data",
                                       "slot_name", NULL};
    const char *name = gw_node_text(statement, "subname");
    const char *conninfo = gw_node_text(statement, "conninfo"), *slot = NULL;
    gw_buf_add(buf, "CREATE SUBSCRIPTION ");
    gw_buf_add_ident(buf, name);
    gw_buf_add(buf, " CONNECTION ");
    gw_buf_add_literal(buf, conninfo ? conninfo : "");
    gw_buf_add(buf, " PUBLICATION");
    add_publications(buf, gw_node_get(statement, "publication"));
    gw_buf_add(buf, " WITH (connect = false, slot_name = NONE");
    add_options(buf, gw_node_get(statement, "options"), ours, &slot);
    gw_buf_add(buf, ")");
    if (is_none(slot))
        return;
    gw_buf_add(buf, "; ALTER SUBSCRIPTION ");
    gw_buf_add_ident(buf, name);
    gw_buf_addf(buf, " SET (slot_name = %s)", slot ? slot : gw_quote_literal(buf->arena, name));
}

static bool alter(gw_buf *buf, const gw_node *statement)
{
    static const struct {
        const char *kind, *words;
    } lists[] = {{"ALTER_SUBSCRIPTION_SET_PUBLICATION", "SET PUBLICATION"},
                 {"ALTER_SUBSCRIPTION_ADD_PUBLICATION", "ADD PUBLICATION"},
                 {"ALTER_SUBSCRIPTION_DROP_PUBLICATION", "DROP PUBLICATION"}};
    static const char *const ours[] = {"refresh", "copy_data", NULL};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        if (!gw_node_says(statement, "kind", lists[i].kind))
            continue;
        gw_buf_add(buf, "ALTER SUBSCRIPTION ");
        gw_buf_add_ident(buf, gw_node_text(statement, "subname"));
        gw_buf_addf(buf, " %s", lists[i].words);
        add_publications(buf, gw_node_get(statement, "publication"));
        gw_buf_add(buf, " WITH (refresh = false");
        add_options(buf, gw_node_get(statement, "options"), ours, NULL);
        gw_buf_add(buf, ")");
        return true;
    }
    return false;
}

static void drop(gw_buf *buf, const gw_node *statement)
{
    const char *name = gw_quote_ident(buf->arena, gw_node_text(statement, "subname"));
    const char *steps = gw_printf(buf->arena,
                                  "ALTER SUBSCRIPTION %s DISABLE; "
                                  "ALTER SUBSCRIPTION %s SET (slot_name = NONE); "
                                  "DROP SUBSCRIPTION %s",
                                  name, name, name);
    if (!gw_node_true(statement, "missing_ok")) {
        gw_buf_add(buf, steps);
        return;
    }
    const char *body = gw_printf(
        buf->arena,
        "BEGIN IF EXISTS (SELECT FROM pg_catalog.pg_subscription AS s "
        "JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid "
        "WHERE d.datname = pg_catalog.current_database() AND s.subname = %s) "
        "THEN %s; END IF; END",
        gw_quote_literal(buf->arena, gw_node_text(statement, "subname")), steps);
    gw_buf_add(buf, "DO ");
    gw_buf_add_literal(buf, body);
}

/* Two options are the slot's as well. */
static bool is_local(const gw_node *statement)
{
    static const char *const remote[] = {"failover", "two_phase", NULL};
    const gw_node *options = gw_node_get(statement, "options");
    if (gw_node_says(statement, "kind", "ALTER_SUBSCRIPTION_REFRESH"))
        return false;
    for (size_t i = 0; i < gw_node_count(options); i++)
        if (is_one_of(gw_node_text(gw_node_at(options, i), "defname"), remote))
            return false;
    return true;
}

const char *gw_subscription_instead(gw_arena *arena, const gw_node *statement, const char *text)
{
    gw_buf buf = GW_BUF(arena);
    if (gw_node_is(statement, "CreateSubscriptionStmt"))
        create(&buf, statement);
    else if (gw_node_is(statement, "DropSubscriptionStmt"))
        drop(&buf, statement);
    else if (!gw_node_is(statement, "AlterSubscriptionStmt") || !alter(&buf, statement))
        return is_local(statement) ? text : NULL; /* COMMENT, RENAME, ENABLE … */
    return gw_strdup(arena, gw_buf_str(&buf));
}
