/*
 * Files and folders. Paths are UTF-8 bytes as given; every error names the path.
 */
#ifndef GW_BASE_FILE_H
#define GW_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

typedef struct gw_file_text {
    char *data; /* NUL-terminated one past len */
    size_t len;
} gw_file_text;

/* A whole file. A folder, a device or more than `limit` bytes (0 = none) is an error. */
bool gw_file_read(gw_arena *arena, const char *path, size_t limit, gw_file_text *out,
                  gw_err *err);

/* Written under a temporary name beside it, fsynced, renamed: there is never a half file. */
bool gw_file_write(const char *path, const void *data, size_t len, unsigned mode, gw_err *err);

/* As write, but an existing file is an error (kind USAGE) and is left alone. */
bool gw_file_create(const char *path, const void *data, size_t len, unsigned mode, gw_err *err);

/* Names (not paths) in a folder without "." and "..", sorted by byte. */
typedef struct gw_file_entry {
    const char *name;
    bool is_dir;
} gw_file_entry;
typedef struct gw_file_list {
    gw_file_entry *items;
    size_t len, cap;
} gw_file_list;
bool gw_file_list_dir(gw_arena *arena, const char *path, gw_file_list *out, gw_err *err);

bool gw_file_exists(const char *path);
bool gw_file_is_dir(const char *path);

/* All missing folders of a path, with this mode. */
bool gw_file_make_dirs(const char *path, unsigned mode, gw_err *err);

/* A folder with all in it. A missing one is no error. Symbolic links are not followed. */
bool gw_file_remove_tree(const char *path, gw_err *err);

/* "a" + "b" = "a/b"; an absolute b stands alone. */
char *gw_path_join(gw_arena *arena, const char *dir, const char *name);
const char *gw_path_base(const char *path); /* what follows the last slash */
char *gw_path_dir(gw_arena *arena, const char *path);
const char *gw_path_from_here(const char *path); /* an absolute one below the current folder without
                                                   it; any other as it is */
char *gw_path_absolute(gw_arena *arena, const char *path); /* realpath, or cwd + path */

/* 0 where the bytes are UTF-8 without NUL; else the 1-based offset of the first bad byte. */
size_t gw_utf8_check(const char *data, size_t len);

/* The bytes of a UTF-8 text that fit into `most`, up to the end of a whole character. */
size_t gw_utf8_clip(const char *text, size_t most);

/* Line and column (in characters), both from 1, of a byte offset. */
void gw_text_place(const char *data, size_t offset, unsigned *line, unsigned *col);

/* Edits (insert, delete, replace, swap neighbours) between two words of up to 64 bytes; SIZE_MAX
 * for longer ones. For "did you mean". */
size_t gw_text_distance(const char *a, size_t a_len, const char *b, size_t b_len);

#endif
