#include "cmd/grid.h"

#include <string.h>

#include "base/vec.h"

gw_grid gw_grid_start(gw_arena *arena, const char *const *titles, const bool *right)
{
    gw_grid grid = {.arena = arena, .titles = titles, .right = right};
    while (titles[grid.columns])
        grid.columns++;
    return grid;
}

/* One line, whatever is in it. */
static const char *cell_text(gw_arena *arena, const char *text)
{
    if (!text)
        return "";
    if (!strpbrk(text, "\n\t"))
        for (const unsigned char *c = (const unsigned char *)text;; c++) {
            if (*c == 0)
                return text;
            if (*c < 0x20 || *c == 0x7f || *c == 0xc2)
                break;
        }
    char *safe = gw_text_safe(arena, text);
    for (char *c = safe; *c; c++)
        if (*c == '\n' || *c == '\t')
            *c = ' ';
    return safe;
}

void gw_grid_add(gw_grid *grid, const char *text)
{
    *gw_vec_push(grid->arena, grid) = (gw_cell){.text = cell_text(grid->arena, text)};
}

void gw_grid_add_styled(gw_grid *grid, gw_style style, const char *text)
{
    *gw_vec_push(grid->arena, grid) =
        (gw_cell){.text = cell_text(grid->arena, text), .styled = true, .style = style};
}

static void print_row(const gw_grid *grid, const gw_cell *row, const size_t *widths, gw_buf *line,
                      bool color)
{
    gw_buf_clear(line);
    size_t owed = 0; /* spaces that are written once something follows them */
    bool first = true;
    for (size_t i = 0; i < grid->columns; i++) {
        if (widths[i] == 0)
            continue;
        if (!first)
            owed += 2;
        first = false;
        size_t taken = gw_text_columns(row[i].text);
        size_t room = widths[i] - taken;
        if (grid->right && grid->right[i]) {
            owed += room;
            room = 0;
        }
        if (taken > 0) {
            gw_buf_addf(line, "%*s", (int)owed, "");
            gw_style_add(line, color && row[i].styled, row[i].style, row[i].text);
            owed = 0;
        }
        owed += room;
    }
    gw_buf_addc(line, '\n');
}

void gw_grid_print(const gw_grid *grid, FILE *file, bool color)
{
    size_t *widths = gw_alloc_array(grid->arena, grid->columns, sizeof *widths);
    for (size_t i = 0; i < grid->len; i++) {
        size_t taken = gw_text_columns(grid->items[i].text);
        if (taken > widths[i % grid->columns])
            widths[i % grid->columns] = taken;
    }
    gw_cell *head = gw_alloc_array(grid->arena, grid->columns, sizeof *head);
    for (size_t i = 0; i < grid->columns; i++) {
        head[i] = (gw_cell){.text = grid->titles[i], .styled = true, .style = GW_STYLE_BOLD};
        size_t taken = gw_text_columns(grid->titles[i]);
        if (widths[i] > 0 && taken > widths[i])
            widths[i] = taken;
        if (widths[i] == 0)
            head[i].text = "";
    }
    gw_buf line = GW_BUF(grid->arena);
    print_row(grid, head, widths, &line, color);
    fwrite(line.data, 1, line.len, file);
    for (size_t at = 0; at + grid->columns <= grid->len; at += grid->columns) {
        print_row(grid, grid->items + at, widths, &line, color);
        fwrite(line.data, 1, line.len, file);
    }
}
