/* The way to the daemon: a path that only root could have laid, and a peer that is the daemon. */
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <security/pam_ext.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <unistd.h>

/* Other values are for the tests. */
#ifndef DUET_PASSWD
#define DUET_PASSWD "/etc/passwd"
#endif
#define DAEMON_USER "duet"

enum {
    PASSWD_LINE_MAX = 4096,
};

enum path_status {
    PATH_UNTRUSTED,
    PATH_ABSENT,
    PATH_TRUSTED,
};

/* Without a handle nothing is logged. */
__attribute__((format(printf, 3, 4))) static void socket_log(pam_handle_t *pamh, int priority, const char *format, ...)
{
    va_list arguments;

    if (pamh != NULL) {
        va_start(arguments, format);
        pam_vsyslog(pamh, priority, format, arguments);
        va_end(arguments);
    }
}

int socket_above_stdio(int fd)
{
    int above = fd;

    if (fd >= 0 && fd <= STDERR_FILENO) {
        int saved;

        above = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        saved = errno;
        close(fd);
        errno = saved;
    }
    return above;
}

/* ---- the path ---- */

/* Absolute, fits into a socket address, and no component is empty, "." or "..". */
static bool path_is_plain(const char *path)
{
    const struct sockaddr_un *address = NULL;
    bool plain = path[0] == '/' && strnlen(path, sizeof address->sun_path) < sizeof address->sun_path;

    for (const char *at = path; plain && *at != '\0';) {
        size_t length;

        at++; /* the slash */
        length = strcspn(at, "/");
        plain = length > 0 && !(length == 1 && at[0] == '.') && !(length == 2 && at[0] == '.' && at[1] == '.');
        at += length;
    }
    return plain;
}

/* Group and other write bits also show what an ACL grants: they are its mask then. */
static const char *directory_fault(const struct stat *status)
{
    const char *fault = NULL;

    if (!S_ISDIR(status->st_mode))
        fault = "is not a directory";
    else if (status->st_uid != 0)
        fault = "is not owned by root";
    else if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0 && (status->st_mode & S_ISVTX) == 0)
        fault = "may be written by others than root";
    return fault;
}

static const char *socket_fault(const struct stat *status)
{
    const char *fault = NULL;

    if (!S_ISSOCK(status->st_mode))
        fault = "is not a socket";
    else if (status->st_uid != 0)
        fault = "is not owned by root";
    return fault;
}

static enum path_status path_check_component(pam_handle_t *pamh, const char *component, bool last)
{
    enum path_status result = PATH_UNTRUSTED;
    const char *fault = NULL;
    struct stat status;

    if (lstat(component, &status) == 0) {
        if (S_ISLNK(status.st_mode))
            fault = "is a symbolic link";
        else
            fault = last ? socket_fault(&status) : directory_fault(&status);
        if (fault == NULL)
            result = PATH_TRUSTED;
        else
            socket_log(pamh, LOG_ALERT, "the path to the daemon is not safe: %s %s", component, fault);
    } else if (errno == ENOENT)
        result = PATH_ABSENT;
    else
        socket_log(pamh, LOG_ALERT, "the path to the daemon cannot be checked: %s: %m", component);
    return result;
}

/* Every component from the root down. Nobody but root can change what has been checked, because each folder on the
 * way is root's alone (in a sticky one, what is root's can be replaced by root alone): so it still holds at connect(). */
static enum path_status path_check(pam_handle_t *pamh, const char *path)
{
    char component[sizeof((struct sockaddr_un *)NULL)->sun_path] = "/";
    enum path_status result = PATH_UNTRUSTED;

    if (path_is_plain(path)) {
        result = path_check_component(pamh, component, false);
        for (size_t end = 1; result == PATH_TRUSTED && path[end - 1] != '\0'; end++)
            if (path[end] == '/' || path[end] == '\0') {
                memcpy(component, path, end);
                component[end] = '\0';
                result = path_check_component(pamh, component, path[end] == '\0');
            }
    } else
        socket_log(pamh, LOG_ALERT, "the path to the daemon is not absolute, plain and short: %s", path);
    return result;
}

/* ---- the peer ---- */

/* Whether `uid` is that of the daemon's user in the local file: a name service on the network must not decide. */
static bool peer_is_daemon_user(uid_t uid)
{
    char line[PASSWD_LINE_MAX];
    struct passwd entry;
    struct passwd *found = NULL;
    bool named = false;
    int fd = socket_above_stdio(open(DUET_PASSWD, O_RDONLY | O_CLOEXEC | O_NOCTTY));
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");

    if (file != NULL) {
        while (!named && fgetpwent_r(file, &entry, line, sizeof line, &found) == 0 && found != NULL)
            named = strcmp(found->pw_name, DAEMON_USER) == 0;
        (void)fclose(file);
    } else if (fd >= 0)
        close(fd);
    return named && entry.pw_uid == uid;
}

static bool peer_is_trusted(pam_handle_t *pamh, int fd)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    bool trusted = false;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || length != sizeof peer)
        socket_log(pamh, LOG_ERR, "the daemon's credentials cannot be read: %m");
    else if (peer.uid == 0 || peer_is_daemon_user(peer.uid))
        trusted = true;
    else
        socket_log(pamh, LOG_ALERT, "the process behind the socket has uid %u, which is neither root nor " DAEMON_USER,
                   (unsigned)peer.uid);
    return trusted;
}

/* ---- both ---- */

enum socket_status socket_connect(pam_handle_t *pamh, const char *path, int *fd)
{
    enum socket_status result = SOCKET_FAILED;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    enum path_status checked = path_check(pamh, path);
    int connection = -1;

    if (checked == PATH_UNTRUSTED)
        goto out;
    memcpy(address.sun_path, path, strlen(path) + 1);
    connection = socket_above_stdio(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (connection < 0)
        socket_log(pamh, LOG_CRIT, "no socket: %m");
    else if (connect(connection, (const struct sockaddr *)&address, sizeof address) == 0) {
        if (checked == PATH_ABSENT)
            socket_log(pamh, LOG_ALERT, "%s appeared while its path was checked", path);
        else if (peer_is_trusted(pamh, connection))
            result = SOCKET_CONNECTED;
    } else if (errno == ENOENT || errno == ECONNREFUSED) {
        socket_log(pamh, LOG_ERR, "the daemon is unreachable at %s: %m", path);
        result = SOCKET_UNREACHABLE;
    } else if (errno == EAGAIN || errno == EINTR)
        result = SOCKET_BUSY;
    else
        socket_log(pamh, LOG_ERR, "cannot connect to %s: %m", path);
out:
    if (result != SOCKET_CONNECTED && connection >= 0) {
        close(connection);
        connection = -1;
    }
    *fd = connection;
    return result;
}
