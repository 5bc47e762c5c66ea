/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/plugins/fault_vfs.h"

#include <errno.h>
#include <sqlite3.h>
#include <string.h>

/* Ours, followed in memory by that of the wrapped VFS. */
struct file {
    sqlite3_file base;
    sqlite3_file *real;
};

static sqlite3_vfs shim;
static sqlite3_vfs *wrapped;

static struct {
    enum fault_vfs_call call;
    unsigned countdown;
    int result;
    int after;
    int met;
} plan;

static int
fault(enum fault_vfs_call call)
{
    if (plan.countdown == 0 || plan.call != call) {
        return SQLITE_OK;
    }
    if (plan.countdown > 1) {
        plan.countdown--;
        return SQLITE_OK;
    }
    plan.countdown = plan.after ? 1 : 0;
    plan.met = 1;
    errno = EIO;
    return plan.result;
}

static sqlite3_file *
real(sqlite3_file *file)
{
    return ((struct file *)(void *)file)->real;
}

static int
f_close(sqlite3_file *f)
{
    return real(f)->pMethods->xClose(real(f));
}

static int
f_read(sqlite3_file *f, void *out, int n, sqlite3_int64 at)
{
    return real(f)->pMethods->xRead(real(f), out, n, at);
}

static int
f_write(sqlite3_file *f, const void *bytes, int n, sqlite3_int64 at)
{
    const int rc = fault(FAULT_VFS_WRITE);

    return rc != SQLITE_OK ? rc : real(f)->pMethods->xWrite(real(f), bytes, n, at);
}

static int
f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return real(f)->pMethods->xTruncate(real(f), size);
}

static int
f_sync(sqlite3_file *f, int flags)
{
    const int rc = fault(FAULT_VFS_SYNC);

    return rc != SQLITE_OK ? rc : real(f)->pMethods->xSync(real(f), flags);
}

static int
f_size(sqlite3_file *f, sqlite3_int64 *out)
{
    return real(f)->pMethods->xFileSize(real(f), out);
}

static int
f_lock(sqlite3_file *f, int level)
{
    return real(f)->pMethods->xLock(real(f), level);
}

static int
f_unlock(sqlite3_file *f, int level)
{
    return real(f)->pMethods->xUnlock(real(f), level);
}

static int
f_reserved(sqlite3_file *f, int *out)
{
    return real(f)->pMethods->xCheckReservedLock(real(f), out);
}

static int
f_control(sqlite3_file *f, int op, void *arg)
{
    return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int
f_sector(sqlite3_file *f)
{
    return real(f)->pMethods->xSectorSize(real(f));
}

static int
f_traits(sqlite3_file *f)
{
    return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int
f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}

static int
f_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void
f_shm_barrier(sqlite3_file *f)
{
    real(f)->pMethods->xShmBarrier(real(f));
}

static int
f_shm_unmap(sqlite3_file *f, int remove)
{
    return real(f)->pMethods->xShmUnmap(real(f), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = f_close,
    .xRead = f_read,
    .xWrite = f_write,
    .xTruncate = f_truncate,
    .xSync = f_sync,
    .xFileSize = f_size,
    .xLock = f_lock,
    .xUnlock = f_unlock,
    .xCheckReservedLock = f_reserved,
    .xFileControl = f_control,
    .xSectorSize = f_sector,
    .xDeviceCharacteristics = f_traits,
    .xShmMap = f_shm_map,
    .xShmLock = f_shm_lock,
    .xShmBarrier = f_shm_barrier,
    .xShmUnmap = f_shm_unmap,
};

static int
v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *out, int flags, int *out_flags)
{
    struct file *file = (struct file *)(void *)out;
    int rc;

    (void)vfs;
    memset(file, 0, sizeof(*file));
    file->real = (sqlite3_file *)(void *)(file + 1);
    rc = wrapped->xOpen(wrapped, name, file->real, flags, out_flags);
    file->base.pMethods = file->real->pMethods == NULL ? NULL : &methods;
    return rc;
}

int
fault_vfs_install(void)
{
    wrapped = sqlite3_vfs_find(NULL);
    if (wrapped == NULL) {
        return -1;
    }
    shim = *wrapped;
    shim.zName = "fault";
    shim.pNext = NULL;
    shim.szOsFile = wrapped->szOsFile + (int)sizeof(struct file);
    shim.xOpen = v_open;
    return sqlite3_vfs_register(&shim, 1);
}

void
fault_vfs_at(enum fault_vfs_call call, unsigned nth, int result, int after)
{
    plan.call = call;
    plan.countdown = nth;
    plan.result = result;
    plan.after = after;
    plan.met = 0;
}

int
fault_vfs_clear(void)
{
    plan.countdown = 0;
    return plan.met;
}
