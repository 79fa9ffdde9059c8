#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"
#include "migrate/adopt/internal.h"
#include "migrate/foreign.h"

/* The file as a checkout with CRLF has it; NULL where the tool's rule does not see line ends. */
static bool digest_crlf(gw_arena *arena, const gw_migration *file, const char **out, gw_err *err)
{
    gw_digest_kind kind;
    *out = NULL;
    switch (file->format) {
    case GW_FORMAT_SQLX: kind = GW_SHA384; break;
    case GW_FORMAT_DRIZZLE: kind = GW_SHA256; break;
    case GW_FORMAT_SQITCH: kind = GW_SHA1; break;
    default: return true;
    }
    FILE *in = fopen(file->up.path, "rb");
    if (!in)
        return gw_err_errno(err, errno, "cannot read %s", file->up.path);
    gw_digest *digest = gw_digest_start(arena, kind);
    char line[4096];
    char last = 0;
    for (size_t len; (len = fread(line, 1, sizeof line, in)) > 0;) {
        size_t start = 0;
        for (size_t i = 0; i < len; i++) {
            if (line[i] == '\n' && (i ? line[i - 1] : last) != '\r') {
                gw_digest_add(digest, line + start, i - start);
                gw_digest_add(digest, "\r", 1);
                start = i;
            }
        }
        gw_digest_add(digest, line + start, len - start);
        last = line[len - 1];
    }
    int problem = ferror(in) ? errno : 0;
    fclose(in);
    if (problem)
        return gw_err_errno(err, problem, "cannot read %s", file->up.path);
    unsigned char hash[GW_DIGEST_MAX];
    size_t len = gw_digest_finish(digest, hash);
    *out = gw_hex(arena, hash, len);
    return true;
}

/* `verdict` by the forms of the file, cheapest first. */
static bool compare(gw_arena *arena, const gw_migration *file, const char *stored,
                    const char **verdict, gw_err *err)
{
    const char *raw = NULL, *lf = NULL, *crlf = NULL;
    *verdict = "match";
    if (!gw_foreign_checksum(arena, file, false, &raw, err))
        return false;
    if (raw && strcmp(raw, stored) == 0)
        return true;
    *verdict = "line-endings";
    if (!gw_foreign_checksum(arena, file, true, &lf, err))
        return false;
    if (lf && strcmp(lf, stored) == 0)
        return true;
    if (!digest_crlf(arena, file, &crlf, err))
        return false;
    if (!crlf || strcmp(crlf, stored) != 0)
        *verdict = "mismatch";
    return true;
}

bool gw_adopt_checksum(gw_adoption *a, const gw_foreign_row *row, const char **verdict,
                       gw_err *err)
{
    gw_migration file = *row->file;
    file.format = a->adopter->format; /* pairs are read as Godwit's own too */
    gw_arena *scratch = gw_arena_new(); /* a buffer a file: there may be thousands */
    bool ok = compare(scratch, &file, row->checksum, verdict, err);
    gw_arena_free(scratch);
    return ok;
}

static const char *without(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(text, prefix, len) == 0 ? text + len : text;
}

bool gw_adopt_checksum_known(const gw_foreign_row *row, const char *known, const char *prefix,
                             const char **verdict)
{
    bool same = known && strcmp(without(known, prefix), without(row->checksum, prefix)) == 0;
    *verdict = same ? "match" : "mismatch";
    return true;
}
