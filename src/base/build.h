/* Facts that the build knows. */
#ifndef GW_BASE_BUILD_H
#define GW_BASE_BUILD_H

#ifndef GW_VERSION
#define GW_VERSION "0.1.0"
#endif

#endif
