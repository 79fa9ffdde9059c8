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

void gw_cancel_request(gw_cancel *cancel)
{
    /* A signal handler must leave errno as it was. */
    int saved = errno;
    int level = atomic_load(&cancel->level);
    while (level < 2 && !atomic_compare_exchange_weak(&cancel->level, &level, level + 1)) {
    }
    if (cancel->wake_fd >= 0) {
        uint64_t one = 1;
        ssize_t written = write(cancel->wake_fd, &one, sizeof one);
        (void)written; /* fails only where it is readable already */
    }
    errno = saved;
}

int gw_cancel_level(const gw_cancel *cancel)
{
    return cancel ? atomic_load(&cancel->level) : 0;
}
