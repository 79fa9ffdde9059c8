/* The counters of an environment: opened, fed from a file. */
#include "app/track.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/internal.h"
#include "base/file.h"
#include "control/control.h"

bool gw_app_track_open(gw_app *app, gw_arena *arena, bool write, gw_session **out, gw_err *err)
{
    gw_connect connect;
    if ((write && !gw_app_may_write(app, err)) ||
        !gw_app_connect_options(app, write, &connect, err))
        return false;
    connect.pinned = true;
    return gw_session_open(arena, &connect, out, err) &&
           (!write || gw_control_ensure_part(*out, "tracker", app->actor.user, err));
}

static bool open_file(const char *file, int *fd, bool *seekable, gw_err *err)
{
    struct stat info;
    bool standard = strcmp(file, "-") == 0;
    *fd = standard ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (*fd < 0) {
        int code = errno;
        gw_err_errno(err, code, "cannot open %s", file);
        if (code == ENOENT)
            err->kind = GW_ERR_USAGE;
        return false;
    }
    if (fstat(*fd, &info) != 0)
        return gw_err_errno(err, errno, "cannot read %s", file);
    if (S_ISDIR(info.st_mode))
        return gw_err_set(err, GW_ERR_USAGE, "%s is a folder", file);
    /* Standard input from a file may have been read by somebody before: as a pipe. */
    *seekable = S_ISREG(info.st_mode) && !standard;
    return true;
}

bool gw_app_track_ingest(gw_app *app, gw_arena *arena, const char *file,
                         const gw_ingest_options *options, gw_ingest_counts *out, gw_err *err)
{
    gw_session *session;
    gw_ingest_options own = *options;
    int fd = -1;
    bool seekable = false;
    own.cancel = app->options.cancel;
    own.named = options->source != NULL;
    if (!options->source)
        own.source = strcmp(file, "-") == 0 ? "standard input" : gw_path_absolute(arena, file);
    if (!open_file(file, &fd, &seekable, err))
        return false;
    bool ok = gw_app_track_open(app, arena, true, &session, err) &&
              gw_ingest_stream(session, arena, &own, fd, seekable, out, err);
    if (fd != STDIN_FILENO)
        close(fd);
    return ok;
}
