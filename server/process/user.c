/* SPDX-License-Identifier: Apache-2.0 */
#include "process/user.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

enum { PASSWD_MAX = 16384 };

static tsec_rc
find(const char *name, uid_t *uid, gid_t *gid, struct tsec_err *err)
{
    char buffer[PASSWD_MAX];
    struct passwd entry;
    struct passwd *found = NULL;
    const int rc = getpwnam_r(name, &entry, buffer, sizeof(buffer), &found);

    if (rc != 0 || found == NULL) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "server.user: no user \"%.32s\"%s%s", name,
                         rc == 0 ? "" : ": ", rc == 0 ? "" : strerror(rc));
    }
    if (found->pw_uid == 0) {
        return TSEC_FAIL(err, TSEC_E_CONFIG, "server.user: \"%.32s\" is root", name);
    }
    *uid = found->pw_uid;
    *gid = found->pw_gid;
    return TSEC_OK;
}

/* Each of these must fail now. */
static bool
can_go_back(gid_t gid)
{
    return setuid(0) == 0 || seteuid(0) == 0 || (gid != 0 && setegid(0) == 0);
}

tsec_rc
process_become(const char *name, struct tsec_err *err)
{
    uid_t uid = 0;
    gid_t gid = 0;

    TSEC_TRY(find(name, &uid, &gid, err));
    if (geteuid() != 0) {
        return geteuid() == uid && getuid() == uid
                   ? TSEC_OK
                   : TSEC_FAIL(err, TSEC_E_CONFIG,
                               "server.user: only root can become \"%.32s\"; start as root or as "
                               "that user",
                               name);
    }
    if (initgroups(name, gid) != 0 || setresgid(gid, gid, gid) != 0
        || setresuid(uid, uid, uid) != 0) {
        return TSEC_FAIL(err, TSEC_E_UNAVAILABLE, "cannot become user \"%.32s\": %s", name,
                         strerror(errno));
    }
    if (can_go_back(gid)) {
        return TSEC_FAIL(err, TSEC_E_INTERNAL, "root was given up and came back");
    }
    return TSEC_OK;
}
