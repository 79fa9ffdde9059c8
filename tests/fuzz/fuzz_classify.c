/*
 * The classifier. It has a word for every text, sees nothing in comments, and the flags agree
 * with each other.
 */
#include <string.h>

#include "base/buf.h"
#include "check.h"
#include "sql/classify.h"

static void check_text(const char *a, const char *b)
{
    CHECK(!a == !b);
    CHECK(!a || strcmp(a, b) == 0);
}

static void check_same(const gw_stmt_class *a, const gw_stmt_class *b)
{
    CHECK(a->kind == b->kind && a->concurrently == b->concurrently);
    CHECK(a->if_exists == b->if_exists && a->strong_lock == b->strong_lock);
    CHECK(a->never_in_transaction == b->never_in_transaction);
    CHECK(a->splits_transaction == b->splits_transaction);
    check_text(a->needs_session, b->needs_session);
    check_text(a->reaches_outside, b->reaches_outside);
    check_text(a->object, b->object);
    check_text(a->schema, b->schema);
    check_text(a->name, b->name);
    check_text(a->table_schema, b->table_schema);
    check_text(a->table, b->table);
    check_text(a->value, b->value);
    check_text(a->label, b->label);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gw_arena *arena = gw_arena_new();
    gw_stmt_class c = gw_sql_classify(arena, (const char *)data, size);
    CHECK(*gw_stmt_kind_name(&c));
    CHECK(!c.splits_transaction || c.kind == GW_STMT_ALTER_TYPE_ADD_VALUE);
    CHECK(c.kind != GW_STMT_EMPTY || (!c.needs_session && !c.reaches_outside && !c.strong_lock));
    CHECK(!(c.concurrently && c.kind == GW_STMT_CREATE_INDEX) || c.never_in_transaction);

    gw_buf text = GW_BUF(arena);
    gw_buf_add(&text, "-- VACUUM\n /* DROP /* TABLE */ x */ ");
    gw_buf_addn(&text, data, size);
    gw_stmt_class commented = gw_sql_classify(arena, text.data, text.len);
    check_same(&c, &commented);
    gw_arena_free(arena);
    return 0;
}
