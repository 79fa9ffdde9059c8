/* A build that found no libmicrohttpd: serving says so. */
#include "http/server.h"

bool gw_httpd_start(const gw_httpd_options *options, gw_httpd **out, gw_err *err)
{
    (void)options;
    *out = NULL;
    gw_err_set(err, GW_ERR_UNSUPPORTED, "this Godwit was built without its HTTP server");
    gw_err_detail(err, "libmicrohttpd was not there when it was configured");
    return gw_err_hint(err, "install libmicrohttpd-dev and build it again with -Dserve=enabled");
}

unsigned gw_httpd_connections(gw_httpd *httpd)
{
    (void)httpd;
    return 0;
}

void gw_httpd_stop(gw_httpd *httpd, int64_t grace_ms)
{
    (void)httpd;
    (void)grace_ms;
}
