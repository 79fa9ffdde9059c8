/* From argv to an exit code: parse, open the project, enforce the flags, run, report. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/place.h"
#include "base/build.h"
#include "cmd/commands.h"
#include "cmd/logsink.h"
#include "cmd/otlp.h"
#include "cmd/report.h"
#include "cmd/signals.h"
#include "pg/session.h"

/* The parts of one run that the commands need not know. */
typedef struct gw_main {
    gw_arena *arena;
    gw_cancel cancel;
    gw_invocation invocation;
    gw_json json;
    gw_stderr_log stderr_log;
    gw_log *telemetry; /* reaches the collector only; NULL without one */
    gw_otlp *otlp;
    gw_span span;
    bool traced;     /* the span was started */
    int write_errno; /* why stdout could not be written, where that is known */
    bool stdout_closed; /* whoever started us has closed it */
} gw_main;

/*
 * Anything in argv that may hold a password is copied, and what ps shows is overwritten, before
 * anything else is done: even a wrong word may be a connection string.
 */
static void hide_passwords(gw_arena *arena, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (!strstr(argv[i], "://") && !strstr(argv[i], "password"))
            continue;
        char *shown = argv[i];
        argv[i] = gw_strdup(arena, shown);
        char *value = strncmp(shown, "--url=", 6) == 0 ? shown + 6 : shown;
        gw_conninfo_wipe(value);
    }
}

static void warn(void *self, const char *text)
{
    gw_main *m = self;
    if (m->invocation.quiet)
        return;
    gw_buf line = GW_BUF(m->arena);
    gw_style_add(&line, gw_term_color(m->invocation.term), GW_STYLE_YELLOW, "warning:");
    gw_buf_addf(&line, " %s\n", text);
    gw_term_write(m->invocation.term, gw_buf_str(&line));
}

/* ---- before the command ---------------------------------------------------------------- */

static bool wants_json_log(const gw_main *m)
{
    const char *format = gw_option_text(&m->invocation, "log-format");
    return format && strcmp(format, "json") == 0;
}

static void start_logs(gw_main *m)
{
    gw_invocation *invocation = &m->invocation;
    bool verbose = gw_flag(invocation, "verbose");
    m->stderr_log =
        (gw_stderr_log){.term = invocation->term, .json = wants_json_log(m), .times = verbose};
    gw_log_level least = GW_LOG_WARNING;
    if (invocation->quiet)
        least = GW_LOG_ERROR;
    else if (verbose)
        least = GW_LOG_DEBUG;
    else if (m->stderr_log.json)
        least = GW_LOG_INFO;
    gw_log *log = gw_log_new(m->arena);
    gw_log_add_sink(log, gw_stderr_sink(&m->stderr_log, least));
    m->otlp = gw_otlp_new(m->arena, warn, m);
    if (m->otlp) {
        gw_log_sink sink = gw_otlp_sink(m->otlp, verbose ? GW_LOG_DEBUG : GW_LOG_INFO);
        gw_log_add_sink(log, sink);
        m->telemetry = gw_log_new(m->arena);
        gw_log_add_sink(m->telemetry, sink);
    }
    invocation->log = log;
    m->span = gw_span_start(NULL, gw_printf(m->arena, "godwit %s", invocation->name));
    m->traced = true;
    invocation->span = &m->span;
}

/* How the log is written may stand in godwit.yaml: known only now. */
static void log_as_configured(gw_main *m)
{
    gw_invocation *invocation = &m->invocation;
    if (!gw_option_text(invocation, "log-format"))
        m->stderr_log.json = gw_app_config(invocation->app)->log_json;
    if (m->stderr_log.json)
        gw_progress_view_as_log(invocation->progress, invocation->log);
}

static bool open_project(gw_main *m, gw_err *err)
{
    gw_invocation *invocation = &m->invocation;
    start_logs(m);
    invocation->progress = gw_progress_view_new(
        m->arena, &(gw_progress_options){.term = invocation->term,
                                         .log = m->telemetry,
                                         .span = invocation->span,
                                         .quiet = invocation->quiet,
                                         .json = invocation->json ? invocation->out : NULL});
    gw_app_options options = {
        .config = {.dir = gw_option_text(invocation, "chdir"),
                   .file = gw_option_text(invocation, "config"),
                   .env = gw_option_text(invocation, "env"),
                   .url = gw_option_text(invocation, "url"),
                   .cancel = &m->cancel},
        .command = invocation->name,
        .tenant = gw_option_text(invocation, "tenant"),
        .protected_name = gw_option_text(invocation, "protected"),
        .cancel = &m->cancel,
        .log = invocation->log,
        .observer = gw_progress_view_observer(invocation->progress),
        .span = invocation->span,
    };
    if (!gw_app_open(m->arena, &options, &invocation->app, err))
        return false;
    log_as_configured(m);
    return true;
}

bool gw_confirm(gw_invocation *invocation, const char *does, const char *would,
                const char *untouched, gw_err *err)
{
    if (gw_flag(invocation, "yes"))
        return true;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        gw_err_set(err, GW_ERR_REFUSED, "this would %s, and nobody is there to ask", would);
        return gw_err_hint(err, "--yes says that it is meant");
    }
    gw_term_write(invocation->term,
                  gw_printf(invocation->arena, "This %s.\nType yes to go on: ", does));
    char answer[16];
    bool given = fgets(answer, sizeof answer, stdin) != NULL;
    if (gw_cancel_level(invocation->cancel) > 0)
        return gw_err_set(err, GW_ERR_INTERRUPTED, "interrupted: %s", untouched);
    if (given && (strcmp(answer, "yes\n") == 0 || strcmp(answer, "yes") == 0))
        return true;
    return gw_err_set(err, GW_ERR_REFUSED, "not confirmed: %s", untouched);
}

static bool ask(gw_main *m, gw_err *err)
{
    const char *what = m->invocation.words.command->destroys;
    return gw_confirm(&m->invocation, gw_printf(m->arena, "destroys %s", what),
                      gw_printf(m->arena, "destroy %s", what), "nothing was destroyed", err);
}

#define NOBODY_WANTS "leave >&- away; > /dev/null is for when nobody wants the result"

/* Done and not said, it would look as if it had failed. */
static bool may_answer(const gw_main *m, gw_err *err)
{
    if (!m->stdout_closed || !(m->invocation.words.command->flags & GW_COMMAND_WRITES))
        return true;
    gw_err_set(err, GW_ERR_IO, "standard output is closed: the result could not be written");
    gw_err_detail(err, "nothing was done");
    return gw_err_hint(err, NOBODY_WANTS);
}

static bool run_command(gw_main *m, gw_err *err)
{
    gw_invocation *invocation = &m->invocation;
    const gw_command *command = invocation->words.command;
    if (!may_answer(m, err))
        return false;
    if ((command->flags & GW_COMMAND_PROJECT) && !open_project(m, err))
        return false;
    if ((command->flags & GW_COMMAND_WRITES) && !gw_flag(invocation, "dry-run") &&
        !gw_app_may_write(invocation->app, err))
        return false;
    if ((command->flags & GW_COMMAND_DESTRUCTIVE) && !ask(m, err))
        return false;
    bool ok = command->run(invocation, err);
    if (!ok && invocation->app)
        gw_app_place_database(invocation->app, err);
    return ok;
}

/* ---- after the command ----------------------------------------------------------------- */

static char *where(gw_arena *arena, const gw_err *err)
{
    if (!err->file)
        return NULL;
    return gw_printf(arena, err->line ? "%s:%u:%u" : "%s", err->file, err->line, err->col);
}

static void log_error(gw_main *m, gw_log *log, const gw_err *err)
{
    gw_log_write(log, GW_LOG_ERROR, m->invocation.span, err->message,
                 GW_FIELDS(GW_TEXT("kind", gw_err_kind_name(err->kind)),
                           GW_TEXT("detail", err->detail), GW_TEXT("hint", err->hint),
                           GW_TEXT("sqlstate", err->sqlstate[0] ? err->sqlstate : NULL),
                           GW_TEXT("where", where(m->arena, err))));
}

static void report(gw_main *m, const gw_err *err)
{
    gw_invocation *invocation = &m->invocation;
    if (invocation->json)
        gw_report_json(&m->json, "error", err);
    if (m->stderr_log.json) {
        log_error(m, invocation->log, err);
        return;
    }
    log_error(m, m->telemetry, err);
    if (invocation->json)
        return;
    gw_buf text = GW_BUF(m->arena);
    const char *dir = invocation->app ? gw_app_config(invocation->app)->project_dir
                                      : gw_option_text(invocation, "chdir");
    gw_report_text(&text, err, dir, gw_term_color(invocation->term));
    gw_term_write(invocation->term, gw_buf_str(&text));
}

static void flush_stdout(gw_main *m)
{
    if (fflush(stdout) != 0 && !m->write_errno)
        m->write_errno = errno;
}

static bool reader_went_away(const gw_main *m)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return m->write_errno == EPIPE || (poll(&out, 1, 0) > 0 && (out.revents & (POLLERR | POLLHUP)));
}

/* What is left of the result; a reader that went away (head) is no failure. */
static int finish_output(gw_main *m, int code)
{
    gw_invocation *invocation = &m->invocation;
    if (invocation->json && (m->json.comma || m->json.depth > 1)) {
        gw_json_close(&m->json, '}');
        gw_buf_addc(&m->json.buf, '\n');
        gw_json_flush(&m->json);
    }
    flush_stdout(m);
    if (!ferror(stdout) || reader_went_away(m))
        return code;
    gw_err err = {0};
    if (m->stdout_closed) {
        gw_err_set(&err, GW_ERR_IO, "the result could not be written");
        gw_err_detail(&err, "standard output is closed");
        gw_err_hint(&err, NOBODY_WANTS);
    } else {
        gw_err_errno(&err, m->write_errno ? m->write_errno : EIO,
                     "the result could not be written");
    }
    gw_buf text = GW_BUF(m->arena);
    gw_report_text(&text, &err, NULL, gw_term_color(invocation->term));
    gw_term_write(invocation->term, gw_buf_str(&text));
    gw_err_clear(&err);
    return code == GW_EXIT_OK ? GW_EXIT_FAILED : code;
}

static int end(gw_main *m, bool ok, gw_err *err)
{
    gw_invocation *invocation = &m->invocation;
    int code = ok ? invocation->exit_code : gw_exit_code(err->kind);
    if (invocation->progress)
        gw_progress_view_stop(invocation->progress);
    flush_stdout(m); /* what was done stands before why it ended */
    if (!ok && err->kind == GW_ERR_USAGE && !err->hint && invocation->words.command) {
        const gw_words *words = &invocation->words;
        gw_err_hint(err, "godwit %s%s%s --help explains it", words->parent ? words->parent->name : "",
                    words->parent ? " " : "", words->command->name);
    }
    if (!ok)
        report(m, err);
    gw_err_clear(err);
    code = finish_output(m, code);
    if (m->traced)
        gw_span_end(invocation->log, &m->span, !ok,
                    GW_FIELDS(GW_INT("exit_code", code), GW_TEXT("command", invocation->name)));
    gw_otlp_finish(m->otlp);
    return code;
}

/* ---- the whole ------------------------------------------------------------------------- */

/* --help, --version, nothing at all: done without a command. */
static bool answered(gw_main *m, int *code)
{
    gw_invocation *invocation = &m->invocation;
    const gw_words *words = &invocation->words;
    gw_buf text = GW_BUF(m->arena);
    if (gw_words_find(words, "help")) {
        if (words->command)
            gw_help_command(&text, words->parent, words->command);
        else
            gw_help_overview(&text);
    } else if (gw_words_find(words, "version")) {
        if (invocation->json) {
            gw_err never = {0};
            gw_json_open(&m->json, NULL, '{');
            gw_command_version.run(invocation, &never);
        } else {
            gw_buf_add(&text, "godwit " GW_VERSION "\n");
        }
    } else {
        return false;
    }
    fputs(gw_buf_str(&text), stdout);
    *code = finish_output(m, GW_EXIT_OK);
    return true;
}

static bool no_command(gw_main *m, gw_err *err)
{
    if (!m->invocation.json) {
        gw_buf text = GW_BUF(m->arena);
        gw_help_overview(&text);
        gw_term_write(m->invocation.term, gw_buf_str(&text));
        gw_term_write(m->invocation.term, "\n");
    }
    gw_err_set(err, GW_ERR_USAGE, "no command was given");
    return gw_err_hint(err, "godwit COMMAND --help explains one of them");
}

static int main_in(gw_main *m, int argc, char **argv)
{
    gw_invocation *invocation = &m->invocation;
    gw_err err = {0};
    hide_passwords(m->arena, argc, argv);
    bool parsed = gw_words_parse(m->arena, argc, argv, &invocation->words, &err);
    const gw_words *words = &invocation->words;
    invocation->arena = m->arena;
    invocation->cancel = &m->cancel;
    invocation->json = words->json;
    invocation->quiet = gw_flag(invocation, "quiet");
    invocation->term = gw_term_new(m->arena, gw_flag(invocation, "no-color"));
    invocation->color = gw_term_stdout_color(invocation->term);
    m->json = gw_json_start(m->arena, stdout);
    invocation->out = &m->json;
    int code;
    if (parsed && answered(m, &code))
        return code;
    if (invocation->json)
        gw_json_open(&m->json, NULL, '{');
    if (!parsed)
        return end(m, false, &err);
    if (!words->command)
        return end(m, no_command(m, &err), &err);
    invocation->name = words->parent
                           ? gw_printf(m->arena, "%s %s", words->parent->name, words->command->name)
                           : words->command->name;
    bool ok = run_command(m, &err);
    return end(m, ok, &err);
}

/*
 * A descriptor that is closed here would be given to the next file or socket that is opened, and
 * what is printed would go there. Writing to the one for stdout fails: a lost result is an error.
 */
static void hold_standard_streams(gw_main *m)
{
    m->stdout_closed = fcntl(STDOUT_FILENO, F_GETFD) < 0;
    int fd;
    do
        fd = open("/dev/null", O_RDONLY);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int gw_cmd_main(int argc, char **argv)
{
    gw_main m = {.arena = gw_arena_new()};
    hold_standard_streams(&m);
    gw_cancel_init(&m.cancel);
    gw_signals_install(&m.cancel);
    int code = main_in(&m, argc, argv);
    gw_arena_free(m.arena);
    gw_signals_restore();
    gw_cancel_close(&m.cancel);
    return code;
}
