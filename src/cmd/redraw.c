#include "cmd/redraw.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "cmd/term.h"

void gw_screen_size(size_t *columns, size_t *rows)
{
    struct winsize size;
    bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row;
    *columns = known ? size.ws_col : 80;
    *rows = known ? size.ws_row : 24;
}

void gw_redraw(gw_arena *arena, char *text, bool color, size_t *drawn)
{
    size_t columns, rows, lines = 0, left = 0;
    gw_buf out = GW_BUF(arena);
    gw_screen_size(&columns, &rows);
    if (*drawn)
        gw_buf_addf(&out, "\033[%zuA\r\033[J", *drawn);
    for (char *line; (line = strsep(&text, "\n")) && (text || *line);) {
        if (lines + 2 >= rows) {
            left++;
            continue;
        }
        /* Colours take no room; a line with them is only cut where it is too long even so. */
        if (gw_text_columns(line) > columns)
            gw_buf_addf(&out, "%.*s%s\n", (int)gw_text_clip(line, columns - 1), line,
                        color ? "\033[0m" : "");
        else
            gw_buf_addf(&out, "%s\n", line);
        lines++;
    }
    if (left) {
        gw_buf_addf(&out, "… %zu more lines\n", left);
        lines++;
    }
    *drawn = lines;
    fputs(gw_buf_str(&out), stdout);
    fflush(stdout);
}
