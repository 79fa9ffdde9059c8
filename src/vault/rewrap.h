/*
 * A backup's key wrapped for another recipient: a new head in front of the same chunks. Nothing of the
 * data is encrypted anew.
 */
#ifndef GW_VAULT_REWRAP_H
#define GW_VAULT_REWRAP_H

#include "vault/slot.h"

/*
 * The slots of the keys in `away` go, and one for `to` comes, where it has none yet. *changed is false
 * where the backup has no slot of those keys. The file is replaced as a whole: killed anywhere, it is
 * the one from before or the one from after. `unlock` opens it.
 */
bool gw_backup_rewrap(gw_arena *arena, const char *path, const gw_unlock *unlock,
                      const unsigned char (*away)[GW_KEY_ID_BYTES], size_t away_count,
                      const gw_recipient *to, bool *changed, gw_err *err);

#endif
