/* Where a failure to connect is to be mended. */
#ifndef GW_APP_PLACE_H
#define GW_APP_PLACE_H

#include "app/app.h"

/* There is no database of that name, and godwit.yaml names it: err gets that place, where it has none. */
void gw_app_place_database(gw_app *app, gw_err *err);

#endif
