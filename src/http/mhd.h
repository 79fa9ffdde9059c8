/* libmicrohttpd, loaded when it is first asked for: a program that serves nothing does not pay for it (and for
 * GnuTLS) at every start. Private to this folder. */
#ifndef GW_HTTP_MHD_H
#define GW_HTTP_MHD_H

#if __has_include(<microhttpd.h>) /* else the server is left out of the build */

#include <microhttpd.h>
#include <stdbool.h>

#define GW_MHD_CALLS(X)                                                                            \
    X(start_daemon)                                                                                \
    X(quiesce_daemon)                                                                              \
    X(stop_daemon)                                                                                 \
    X(get_connection_info)                                                                         \
    X(get_connection_values_n)                                                                     \
    X(suspend_connection)                                                                          \
    X(resume_connection)                                                                           \
    X(create_response_from_buffer)                                                                 \
    X(create_response_from_callback)                                                               \
    X(add_response_header)                                                                         \
    X(queue_response)                                                                              \
    X(destroy_response)

typedef struct gw_mhd {
    void *library;
#define GW_MHD_FIELD(name) __typeof__(MHD_##name) *name;
    GW_MHD_CALLS(GW_MHD_FIELD)
#undef GW_MHD_FIELD
} gw_mhd;

/* false: it is not installed here. It stays loaded. */
bool gw_mhd_load(gw_mhd *out);

#endif
#endif
