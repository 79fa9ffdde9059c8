/*
 * Files in and out of a folder so that nobody sees half of it: a journal says what goes where, and
 * while it is there the folder is not read. Each step can be done twice.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/squash_impl.h"
#include "base/buf.h"
#include "base/file.h"

enum { MOST_BYTES = 16 * 1024 * 1024 };
#define NEW_FILE ".godwit-squash.sql"
#define NEW_LIST ".godwit-squash.list"

/* One line: "FROM\tTO", TO empty where it is deleted; names in the folder. */
static bool do_line(gw_arena *arena, const char *folder, const char *line, gw_err *err)
{
    const char *tab = strchr(line, '\t');
    if (!tab)
        return gw_err_set(err, GW_ERR_STATE, "%s/%s is damaged", folder, GW_SQUASH_JOURNAL);
    const char *from = gw_path_join(arena, folder, gw_strndup(arena, line, (size_t)(tab - line)));
    const char *to = gw_path_join(arena, folder, tab + 1);
    if (!gw_file_exists(from))
        return true; /* done before */
    if ((tab[1] ? rename(from, to) : unlink(from)) != 0)
        return gw_err_errno(err, errno, "cannot move %s", from);
    return true;
}

bool gw_squash_finish(gw_arena *arena, const char *folder, bool *done, gw_err *err)
{
    const char *journal = gw_path_join(arena, folder, GW_SQUASH_JOURNAL);
    gw_file_text text;
    *done = gw_file_exists(journal);
    if (!*done)
        return true;
    if (!gw_file_read(arena, journal, MOST_BYTES, &text, err))
        return false;
    /* The new file comes last, and may have the name of an old one: where it is in, all is done. */
    if (!gw_file_exists(gw_path_join(arena, folder, NEW_FILE)))
        text.data[0] = 0;
    for (char *line = text.data, *next; *line; line = next) {
        size_t len = strcspn(line, "\n");
        next = line + len + (line[len] == '\n');
        line[len] = 0;
        if (*line && !do_line(arena, folder, line, err))
            return gw_err_context(err, "the squash goes on with: godwit squash");
    }
    if (unlink(journal) != 0)
        return gw_err_errno(err, errno, "cannot remove %s", journal);
    return true;
}

static bool write_in(gw_arena *arena, const char *folder, const char *name, const char *text,
                     gw_err *err)
{
    return gw_file_write(gw_path_join(arena, folder, name), text, strlen(text), 0666, err);
}

bool gw_squash_move(gw_arena *arena, const gw_squash_place *place, const gw_texts *old,
                    const char *to, gw_err *err)
{
    gw_buf journal = GW_BUF(arena);
    const char *folder = place->folder, *list, *list_text;
    bool done;
    for (size_t i = 0; i < old->len; i++) {
        const char *file = old->items[i];
        const char *away = to ? gw_path_join(arena, to, gw_path_base(file)) : "";
        if (to && gw_file_exists(gw_path_join(arena, folder, away)))
            return gw_err_set(err, GW_ERR_STATE, "%s is there already", away);
        gw_buf_addf(&journal, "%s\t%s\n", file, away);
    }
    if (!gw_squash_beside(arena, place, &list, &list_text, err))
        return false;
    if (list)
        gw_buf_addf(&journal, "%s\t%s\n", NEW_LIST, list);
    gw_buf_addf(&journal, "%s\t%s\n", NEW_FILE, place->name);
    if (to && !gw_file_make_dirs(gw_path_join(arena, folder, to), 0777, err))
        return false;
    return (!list || write_in(arena, folder, NEW_LIST, list_text, err)) &&
           write_in(arena, folder, NEW_FILE, place->text, err) &&
           write_in(arena, folder, GW_SQUASH_JOURNAL, gw_buf_str(&journal), err) &&
           gw_squash_finish(arena, folder, &done, err);
}
