#include "base/cancel.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

void gw_cancel_init(gw_cancel *cancel)
{
    atomic_init(&cancel->level, 0);
    cancel->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void gw_cancel_close(gw_cancel *cancel)
{
    if (cancel->wake_fd >= 0)
        close(cancel->wake_fd);
    cancel->wake_fd = -1;
}

static void wake(gw_cancel *cancel)
{
    uint64_t one = 1;
    ssize_t written = cancel->wake_fd >= 0 ? write(cancel->wake_fd, &one, sizeof one) : 0;
    (void)written; /* fails only where it is readable already */
}

void gw_cancel_request(gw_cancel *cancel)
{
    /* A signal handler must leave errno as it was. */
    int saved = errno;
    int level = atomic_load(&cancel->level);
    while (level < 2 && !atomic_compare_exchange_weak(&cancel->level, &level, level + 1)) {
    }
    wake(cancel);
    errno = saved;
}

void gw_cancel_cut(gw_cancel *cancel)
{
    atomic_store(&cancel->level, 3);
    wake(cancel);
}

int gw_cancel_level(const gw_cancel *cancel)
{
    return cancel ? atomic_load(&cancel->level) : 0;
}
