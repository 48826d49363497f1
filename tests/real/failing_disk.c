/* A disk that fails, for one process: the n-th write or sync of a file below a folder gives an error, or all
 * of them do while a switch file is there. Loaded with LD_PRELOAD; see failing_disk.py. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static char folder[PATH_MAX], switched_by[PATH_MAX];
static const char *failing = "";
static int error = EIO;
static long at = -1;
static atomic_long counted;

/* Let the n-th call from now on fail; `what` is "write" or "sync". */
void failing_disk_arm(const char *below, const char *what, long n, int number)
{
    snprintf(folder, sizeof folder, "%s", below);
    failing = strcmp(what, "sync") ? "write" : "sync";
    error = number;
    atomic_store(&counted, 0);
    at = n;
}

long failing_disk_counted(void)
{
    return atomic_load(&counted);
}

__attribute__((constructor)) static void begin(void)
{
    const char *below = getenv("FAILING_DISK_BELOW"), *what = getenv("FAILING_DISK_CALL");
    const char *n = getenv("FAILING_DISK_AT"), *number = getenv("FAILING_DISK_ERRNO");
    const char *by = getenv("FAILING_DISK_WHILE");
    if (by)
        snprintf(switched_by, sizeof switched_by, "%s", by);
    if (below)
        failing_disk_arm(below, what ? what : "write", n ? atol(n) : -1, number ? atoi(number) : EIO);
}

static int is_below(const char *path)
{
    size_t length = strlen(folder);
    return length && !strncmp(path, folder, length) && path[length] == '/';
}

static int is_of_the_disk(int file)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0)
        return 0;
    path[length] = 0;
    return is_below(path);
}

/* The switch makes everything fail that would change the disk. */
static int is_switched_off(void)
{
    return switched_by[0] && !faccessat(AT_FDCWD, switched_by, F_OK, 0);
}

static int fails(const char *what, int file)
{
    int before = errno;
    if (!folder[0] || !is_of_the_disk(file)) {
        errno = before;
        return 0;
    }
    int is_counted = at >= 0 && !strcmp(what, failing) && atomic_fetch_add(&counted, 1) + 1 == at;
    if (is_counted || is_switched_off()) {
        errno = error;
        return 1;
    }
    errno = before;
    return 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset)
{
    return fails("write", file) ? -1 : REAL(pwrite)(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t offset)
{
    return fails("write", file) ? -1 : REAL(pwrite64)(file, bytes, size, offset);
}

ssize_t write(int file, const void *bytes, size_t size)
{
    return fails("write", file) ? -1 : REAL(write)(file, bytes, size);
}

int ftruncate(int file, off_t size)
{
    return fails("write", file) ? -1 : REAL(ftruncate)(file, size);
}

int ftruncate64(int file, off64_t size)
{
    return fails("write", file) ? -1 : REAL(ftruncate64)(file, size);
}

int fsync(int file)
{
    return fails("sync", file) ? -1 : REAL(fsync)(file);
}

int fdatasync(int file)
{
    return fails("sync", file) ? -1 : REAL(fdatasync)(file);
}

/* On a read-only file system no file is opened for writing either. */
static int refuses(const char *path, int flags)
{
    return (flags & (O_WRONLY | O_RDWR | O_CREAT)) && is_below(path) && is_switched_off();
}

#define OPENING(name)                                       \
    int name(const char *path, int flags, ...)              \
    {                                                       \
        va_list rest;                                       \
        va_start(rest, flags);                              \
        mode_t mode = va_arg(rest, mode_t);                 \
        va_end(rest);                                       \
        if (refuses(path, flags)) {                         \
            errno = error;                                  \
            return -1;                                      \
        }                                                   \
        return REAL(name)(path, flags, mode);               \
    }

OPENING(open)
OPENING(open64)
