/* A plan as text: which statements run together, and what stands between them. */
#include "base/buf.h"
#include "schema/plan.h"

void gw_plan_blocks_of(gw_arena *arena, const gw_ddl_statement *statements, size_t count,
                       gw_plan_blocks *out)
{
    *out = (gw_plan_blocks){0};
    for (size_t i = 0; i < count;) {
        gw_plan_block *block = gw_vec_push(arena, out);
        *block = (gw_plan_block){i, 1, !(statements[i].flags & GW_DDL_NO_TX)};
        if (!block->transaction) {
            i++;
            continue;
        }
        /* What others may use only after its commit ends the block. */
        bool ends = statements[i++].flags & GW_DDL_OWN_TX;
        while (i < count && !(statements[i].flags & GW_DDL_NO_TX)) {
            bool own = statements[i].flags & GW_DDL_OWN_TX;
            if (ends && !own)
                break;
            ends = own;
            block->count++;
            i++;
        }
    }
}

static void add_block(gw_buf *text, const gw_ddl_statement *statements, const gw_plan_block *block,
                      bool alone)
{
    bool framed = !alone && block->transaction && block->count > 1;
    if (!alone && !block->transaction)
        gw_buf_add(text, "-- outside a transaction\n");
    if (framed)
        gw_buf_add(text, "BEGIN;\n");
    for (size_t i = 0; i < block->count; i++)
        gw_buf_addf(text, "%s;\n", statements[block->first + i].sql);
    if (framed)
        gw_buf_add(text, "COMMIT;\n");
}

char *gw_ddl_text(gw_arena *arena, const gw_ddl_statement *statements, size_t count)
{
    gw_buf text = GW_BUF(arena);
    gw_plan_blocks blocks;
    gw_plan_blocks_of(arena, statements, count, &blocks);
    for (size_t i = 0; i < blocks.len; i++)
        add_block(&text, statements, &blocks.items[i],
                  blocks.len == 1 && blocks.items[0].transaction);
    return text.data ? text.data : gw_strdup(arena, "");
}

char *gw_schema_plan_text(gw_arena *arena, const gw_schema_plan *plan)
{
    return gw_ddl_text(arena, plan->statements.items, plan->statements.len);
}
