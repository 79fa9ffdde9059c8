#include "cmd/signals.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/* A handler takes no argument of ours: the one place where something global is needed. */
static gw_cancel *asked;
static bool on_terminal;

static const int stops[] = {SIGINT, SIGTERM, SIGHUP};

static void set(int number, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL); /* without SA_RESTART: a wait has to end */
}

static void on_signal(int number)
{
    static const char text[] = "\nstopping at the next safe point; once more stops at once\n";
    int level = gw_cancel_level(asked);
    if (level >= 2)
        set(number, SIG_DFL);
    gw_cancel_request(asked);
    if (level == 0 && on_terminal) {
        ssize_t written = write(STDERR_FILENO, text, sizeof text - 1);
        (void)written;
    }
}

void gw_signals_install(gw_cancel *cancel)
{
    asked = cancel;
    on_terminal = isatty(STDERR_FILENO);
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        struct sigaction before;
        /* nohup and a shell's background jobs ignore some: that stays. */
        if (sigaction(stops[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            set(stops[i], on_signal);
    }
    set(SIGPIPE, SIG_IGN);
}

void gw_signals_restore(void)
{
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        set(stops[i], SIG_DFL);
    set(SIGPIPE, SIG_DFL);
}
