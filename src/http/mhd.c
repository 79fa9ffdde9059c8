#include "http/mhd.h"

#include <dlfcn.h>
#include <string.h>

bool gw_mhd_load(gw_mhd *out)
{
    bool ok = true;
    *out = (gw_mhd){.library = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL)};
    if (!out->library)
        return false;
#define TAKE(name)                                                                                 \
    do {                                                                                           \
        void *found = dlsym(out->library, "MHD_" #name);                                           \
        memcpy(&out->name, &found, sizeof found);                                                  \
        ok = ok && found;                                                                          \
    } while (0);
    GW_MHD_CALLS(TAKE)
#undef TAKE
    return ok;
}
