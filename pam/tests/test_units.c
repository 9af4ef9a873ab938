/* Options, the path to the daemon, its peer and the ssh client's socket: each on its own. */
#include "../client.h"
#include "../options.h"
#include "../socket.h"
#include "capture.h"
#include "harness.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    STRANGER = 65534,
    DUET = 64999, /* as in tests/passwd */
};

/* ---- faults: the linker puts these in the place of the calls (--wrap) ---- */

static int fault_of_connect;
static int fault_of_lstat;
static int fault_of_socket;
static int fault_of_getsockopt;

int __real_connect(int fd, const struct sockaddr *address, socklen_t length);
int __real_lstat(const char *path, struct stat *status);
int __real_socket(int family, int type, int protocol);
int __real_getsockopt(int fd, int level, int option, void *value, socklen_t *length);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_lstat(const char *path, struct stat *status);
int __wrap_socket(int family, int type, int protocol);
int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *length);

static bool is_fault(int fault)
{
    if (fault != 0)
        errno = fault;
    return fault != 0;
}

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length)
{
    return is_fault(fault_of_connect) ? -1 : __real_connect(fd, address, length);
}

int __wrap_lstat(const char *path, struct stat *status)
{
    return is_fault(fault_of_lstat) ? -1 : __real_lstat(path, status);
}

int __wrap_socket(int family, int type, int protocol)
{
    return is_fault(fault_of_socket) ? -1 : __real_socket(family, type, protocol);
}

int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *length)
{
    return is_fault(fault_of_getsockopt) ? -1 : __real_getsockopt(fd, level, option, value, length);
}

/* ---- options ---- */

static void test_options(const void *argument)
{
    static const struct {
        const char *arguments[4];
        enum options_status status;
        const char *culprit;
    } rows[] = {
        {{NULL}, OPTIONS_DONE, NULL},
        {{"fail=open", "timeout=1", "debug", "socket=/x"}, OPTIONS_DONE, NULL},
        {{"timeout=600"}, OPTIONS_DONE, NULL},
        {{"timeout=601"}, OPTIONS_MALFORMED, "timeout=601"},
        {{"timeout=0"}, OPTIONS_MALFORMED, "timeout=0"},
        {{"timeout=01"}, OPTIONS_MALFORMED, "timeout=01"},
        {{"timeout="}, OPTIONS_MALFORMED, "timeout="},
        {{"timeout=-1"}, OPTIONS_MALFORMED, "timeout=-1"},
        {{"timeout=+1"}, OPTIONS_MALFORMED, "timeout=+1"},
        {{"timeout= 1"}, OPTIONS_MALFORMED, "timeout= 1"},
        {{"timeout=1s"}, OPTIONS_MALFORMED, "timeout=1s"},
        {{"timeout=4294967297"}, OPTIONS_MALFORMED, "timeout=4294967297"},
        {{"timeout=99999999999999999999999999"}, OPTIONS_MALFORMED, "timeout=99999999999999999999999999"},
        {{"timeout"}, OPTIONS_UNKNOWN, "timeout"},
        {{"fail="}, OPTIONS_MALFORMED, "fail="},
        {{"fail=opened"}, OPTIONS_MALFORMED, "fail=opened"},
        {{"fail=OPEN"}, OPTIONS_MALFORMED, "fail=OPEN"},
        {{"fail"}, OPTIONS_UNKNOWN, "fail"},
        {{"failmode=open"}, OPTIONS_UNKNOWN, "failmode=open"},
        {{"fail=closed", "fail=open"}, OPTIONS_REPEATED, "fail=open"},
        {{"fail=open", "fail=open"}, OPTIONS_REPEATED, "fail=open"},
        {{"timeout=1", "timeout=2"}, OPTIONS_REPEATED, "timeout=2"},
        {{"socket=/a", "socket=/b"}, OPTIONS_REPEATED, "socket=/b"},
        {{"debug", "debug"}, OPTIONS_REPEATED, "debug"},
        {{"debug=1"}, OPTIONS_UNKNOWN, "debug=1"},
        {{"Debug"}, OPTIONS_UNKNOWN, "Debug"},
        {{""}, OPTIONS_UNKNOWN, ""},
        {{"socket="}, OPTIONS_MALFORMED, "socket="},
        {{"prefetch"}, OPTIONS_DONE, NULL},
        {{"prefetch", "socket=/x", "debug"}, OPTIONS_DONE, NULL},
        {{"prefetch=1"}, OPTIONS_UNKNOWN, "prefetch=1"},
        {{"prefetch", "prefetch"}, OPTIONS_REPEATED, "prefetch"},
        {{"prefetch", "fail=closed"}, OPTIONS_CONFLICT, "prefetch"},
        {{"timeout=9", "prefetch"}, OPTIONS_CONFLICT, "prefetch"},
        {{"socket"}, OPTIONS_UNKNOWN, "socket"},
        {{"use_first_pass"}, OPTIONS_UNKNOWN, "use_first_pass"},
    };

    (void)argument;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *arguments[4];
        struct options options;
        const char *culprit = "unset";
        int count = 0;

        for (; count < 4 && rows[i].arguments[count] != NULL; count++)
            arguments[count] = rows[i].arguments[count];
        CHECK(options_parse(count, arguments, &options, &culprit) == rows[i].status, "row %zu", i);
        CHECK((culprit == NULL) == (rows[i].culprit == NULL), "row %zu", i);
        if (culprit != NULL && rows[i].culprit != NULL)
            CHECK(strcmp(culprit, rows[i].culprit) == 0, "row %zu: %s", i, culprit);
    }
}

static void test_options_are_set(const void *argument)
{
    const char *all[] = {"fail=open", "timeout=7", "debug", "socket=/x"};
    const char *closed[] = {"fail=closed"};
    const char *prefetch[] = {"prefetch"};
    struct options options;
    const char *culprit;

    (void)argument;
    options_parse(0, NULL, &options, &culprit);
    CHECK(strcmp(options.socket, "/run/duet/login.sock") == 0, "%s", options.socket);
    CHECK(options.timeout == 110 && !options.fail_open && !options.debug, "defaults");
    options_parse(4, all, &options, &culprit);
    CHECK(strcmp(options.socket, "/x") == 0, "%s", options.socket);
    CHECK(options.timeout == 7 && options.fail_open && options.debug, "each is set");
    options_parse(1, closed, &options, &culprit);
    CHECK(!options.fail_open && !options.prefetch, "closed");
    options_parse(1, prefetch, &options, &culprit);
    CHECK(options.prefetch && !options.fail_open, "prefetch");
}

/* ---- the path ---- */

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || listen(fd, 4) != 0)
        abort();
    return fd;
}

static enum socket_status connect_to(const char *path)
{
    static char any; /* the captured log looks at no handle */
    pam_handle_t *handle = (pam_handle_t *)(void *)&any;
    int fd = -2;
    enum socket_status status = socket_connect(handle, path, &fd);

    CHECK((status == SOCKET_CONNECTED) == (fd >= 0), "fd %d", fd);
    if (fd >= 0) {
        CHECK(fd > 2, "fd %d", fd);
        CHECK((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0, "flags");
        close(fd);
    }
    return status;
}

/* A listening socket below two folders, which `change` spoils; the log must name what it spoilt. */
struct path_case {
    const char *rule;
    void (*change)(const char *folder, const char *inner, const char *path);
    const char *logged;
    enum socket_status status;
};

static void change_nothing(const char *folder, const char *inner, const char *path)
{
    (void)folder;
    (void)inner;
    (void)path;
}

static void change_group(const char *folder, const char *inner, const char *path)
{
    (void)inner;
    (void)path;
    chmod(folder, 0770);
}

static void change_other(const char *folder, const char *inner, const char *path)
{
    (void)folder;
    (void)path;
    chmod(inner, 0702);
}

static void change_sticky(const char *folder, const char *inner, const char *path)
{
    (void)inner;
    (void)path;
    chmod(folder, 01777);
}

static void change_sticky_owner(const char *folder, const char *inner, const char *path)
{
    (void)inner;
    (void)path;
    chmod(folder, 01777);
    if (chown(folder, STRANGER, 0) != 0)
        abort();
}

static void change_owner(const char *folder, const char *inner, const char *path)
{
    (void)inner;
    (void)path;
    if (chown(folder, STRANGER, 0) != 0)
        abort();
}

static void change_socket_owner(const char *folder, const char *inner, const char *path)
{
    (void)folder;
    (void)inner;
    if (chown(path, STRANGER, 0) != 0)
        abort();
}

static void change_group_owner(const char *folder, const char *inner, const char *path)
{
    (void)path;
    if (chown(folder, 0, STRANGER) != 0 || chown(inner, 0, STRANGER) != 0 || chmod(inner, 0750) != 0)
        abort();
}

static void change_link_folder(const char *folder, const char *inner, const char *path)
{
    char real[256];

    (void)folder;
    (void)path;
    snprintf(real, sizeof real, "%s-real", inner);
    if (rename(inner, real) != 0 || symlink(real, inner) != 0)
        abort();
}

static void change_link_socket(const char *folder, const char *inner, const char *path)
{
    char real[256];

    (void)folder;
    (void)inner;
    snprintf(real, sizeof real, "%s-real", path);
    if (rename(path, real) != 0 || symlink(real, path) != 0)
        abort();
}

static void change_link_nowhere(const char *folder, const char *inner, const char *path)
{
    (void)folder;
    (void)inner;
    if (unlink(path) != 0 || symlink("/nonexistent/duet", path) != 0)
        abort();
}

static void change_file(const char *folder, const char *inner, const char *path)
{
    (void)folder;
    (void)inner;
    unlink(path);
    close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

static void change_folder_file(const char *folder, const char *inner, const char *path)
{
    (void)folder;
    unlink(path);
    rmdir(inner);
    close(open(inner, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

static void change_gone(const char *folder, const char *inner, const char *path)
{
    (void)folder;
    (void)inner;
    unlink(path);
}

static void change_gone_folder(const char *folder, const char *inner, const char *path)
{
    (void)folder;
    unlink(path);
    rmdir(inner);
}

static void change_gone_in_open_folder(const char *folder, const char *inner, const char *path)
{
    unlink(path);
    rmdir(inner);
    chmod(folder, 0777);
}

static const struct path_case path_cases[] = {
    {"a path of root's is connected", change_nothing, NULL, SOCKET_CONNECTED},
    {"a group may own a folder that it cannot write", change_group_owner, NULL, SOCKET_CONNECTED},
    {"a folder above that the group may write is refused", change_group, "may be written", SOCKET_FAILED},
    {"a folder that others may write is refused", change_other, "may be written", SOCKET_FAILED},
    {"a sticky folder of root's is accepted", change_sticky, NULL, SOCKET_CONNECTED},
    {"a sticky folder of another's is refused", change_sticky_owner, "is not owned by root", SOCKET_FAILED},
    {"a folder of another's is refused", change_owner, "is not owned by root", SOCKET_FAILED},
    {"a socket of another's is refused", change_socket_owner, "is not owned by root", SOCKET_FAILED},
    {"a symbolic link to a folder is refused", change_link_folder, "is a symbolic link", SOCKET_FAILED},
    {"a symbolic link to a socket is refused", change_link_socket, "is a symbolic link", SOCKET_FAILED},
    {"a symbolic link to nothing is refused", change_link_nowhere, "is a symbolic link", SOCKET_FAILED},
    {"a file for a socket is refused", change_file, "is not a socket", SOCKET_FAILED},
    {"a file for a folder is refused", change_folder_file, "is not a directory", SOCKET_FAILED},
    {"a socket that is not there is unreachable", change_gone, "unreachable", SOCKET_UNREACHABLE},
    {"a folder that is not there is unreachable", change_gone_folder, "unreachable", SOCKET_UNREACHABLE},
    {"a bad folder is refused though nothing is in it", change_gone_in_open_folder, "may be written", SOCKET_FAILED},
};

static void test_path(const void *argument)
{
    const struct path_case *row = argument;
    char folder[128];
    char inner[160];
    char path[192];
    int listener;

    snprintf(folder, sizeof folder, "%s", harness_folder());
    snprintf(inner, sizeof inner, "%s/inner", folder);
    snprintf(path, sizeof path, "%s/s", inner);
    mkdir(inner, 0700);
    listener = listen_at(path);
    row->change(folder, inner, path);
    CHECK(connect_to(path) == row->status, "%s", capture_log());
    CHECK(row->logged == NULL || strstr(capture_log(), row->logged) != NULL, "%s", capture_log());
    CHECK(row->status != SOCKET_FAILED || strstr(capture_log(), "<1> ") != NULL, "LOG_ALERT: %s", capture_log());
    CHECK(row->logged != NULL || capture_log()[0] == '\0', "%s", capture_log());
    chown(folder, 0, 0);
    close(listener);
}

static void test_plain(const void *argument)
{
    static const char *const paths[] = {
        "", "/", "s", "./s", "tmp/s", "//tmp/s", "/tmp//s", "/tmp/./s", "/tmp/../tmp/s", "/tmp/s/", "/..", "/.", "/nonexistent/../s",
        "/nonexistent/./s", "/nonexistent//s",
        "/nonexistent-nonexistent-nonexistent-nonexistent-nonexistent-nonexistent-nonexistent-nonexistent-nonexistent",
    };
    char longest[109] = "/nonexistent/";

    (void)argument;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        capture_clear();
        CHECK(connect_to(paths[i]) == SOCKET_FAILED, "%s", paths[i]);
        CHECK(strstr(capture_log(), "<1> ") != NULL, "%s", paths[i]);
    }
    memset(longest + 13, 'x', 107 - 13);
    CHECK(connect_to(longest) == SOCKET_UNREACHABLE, "107 bytes fit");
    CHECK(connect_to("/nonexistent/.x/..y/s") == SOCKET_UNREACHABLE, "names may begin with a dot");
    longest[107] = 'x';
    CHECK(connect_to(longest) == SOCKET_FAILED, "108 bytes do not");
}

static void test_dead(const void *argument)
{
    char path[192];

    (void)argument;
    snprintf(path, sizeof path, "%s/s", harness_folder());
    close(listen_at(path));
    CHECK(connect_to(path) == SOCKET_UNREACHABLE, "%s", capture_log());
}

static void test_faults(const void *argument)
{
    char path[192];
    int listener;

    (void)argument;
    snprintf(path, sizeof path, "%s/s", harness_folder());
    listener = listen_at(path);
    for (int fault = 1; fault < 134; fault++) {
        enum socket_status expected = SOCKET_FAILED;

        if (fault == ENOENT || fault == ECONNREFUSED)
            expected = SOCKET_UNREACHABLE;
        else if (fault == EAGAIN || fault == EINTR)
            expected = SOCKET_BUSY;
        fault_of_connect = fault;
        CHECK(connect_to(path) == expected, "connect: %s", strerror(fault));
        fault_of_connect = 0;
        fault_of_socket = fault;
        CHECK(connect_to(path) == SOCKET_FAILED, "socket: %s", strerror(fault));
        fault_of_socket = 0;
        fault_of_getsockopt = fault;
        CHECK(connect_to(path) == SOCKET_FAILED, "getsockopt: %s", strerror(fault));
        fault_of_getsockopt = 0;
        if (fault != ENOENT) {
            fault_of_lstat = fault;
            CHECK(connect_to(path) == SOCKET_FAILED, "lstat: %s", strerror(fault));
            fault_of_lstat = 0;
        }
        CHECK(connect_to(path) == SOCKET_CONNECTED, "without a fault: %s", capture_log());
        close(accept4(listener, NULL, NULL, SOCK_CLOEXEC)); /* what met getsockopt's fault */
        close(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
        capture_clear();
    }
    close(listener);
}

static void test_appeared(const void *argument)
{
    char path[192];
    int listener;
    int fd = -2;

    (void)argument;
    snprintf(path, sizeof path, "%s/s", harness_folder());
    listener = listen_at(path);
    fault_of_lstat = ENOENT;
    CHECK(socket_connect(NULL, path, &fd) == SOCKET_FAILED && fd == -1 && capture_log()[0] == '\0',
          "without a handle nothing is logged: %s", capture_log());
    fault_of_lstat = ENOENT;
    CHECK(connect_to(path) == SOCKET_FAILED, "%s", capture_log());
    CHECK(strstr(capture_log(), "<1> ") != NULL && strstr(capture_log(), "appeared") != NULL, "%s", capture_log());
    close(listener);
}

/* ---- the peer ---- */

struct peer_case {
    const char *rule;
    uid_t uid;
    enum socket_status status;
};

static const struct peer_case peer_cases[] = {
    {"root behind the socket is trusted", 0, SOCKET_CONNECTED},
    {"the user duet of the local passwd file is trusted", DUET, SOCKET_CONNECTED},
    {"another user behind the socket is refused", STRANGER, SOCKET_FAILED},
    {"a user whose name only begins with duet is refused", 64998, SOCKET_FAILED},
    {"a uid that nobody has is refused", 64990, SOCKET_FAILED},
};

/* The kernel reports who called listen(). */
static void test_peer(const void *argument)
{
    const struct peer_case *row = argument;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int ready[2];
    pid_t child;
    char byte;

    snprintf(address.sun_path, sizeof address.sun_path, "%s/s", harness_folder());
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || pipe2(ready, O_CLOEXEC) != 0)
        abort();
    child = fork();
    if (child == 0) {
        if (setresuid(row->uid, row->uid, row->uid) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || listen(fd, 4) != 0 ||
            write(ready[1], "", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    CHECK(read(ready[0], &byte, 1) == 1, "listening");
    CHECK(connect_to(address.sun_path) == row->status, "%s", capture_log());
    CHECK(row->status == SOCKET_CONNECTED || strstr(capture_log(), "<1> ") != NULL, "%s", capture_log());
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
}

static void test_above_stdio(const void *argument)
{
    int fd;

    (void)argument;
    close(0);
    fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    CHECK(fd == 0, "fd %d", fd);
    fd = socket_above_stdio(fd);
    CHECK(fd > 2 && fcntl(0, F_GETFD) == -1 && (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0, "fd %d", fd);
    CHECK(socket_above_stdio(fd) == fd && socket_above_stdio(-1) == -1, "others stay");
}

/* ---- the client ---- */

struct client_case {
    const char *rule;
    int family;
    bool to_v4; /* an IPv4 client at an IPv6 socket */
    const char *format; /* of SSH_CONNECTION, with the client's port */
    int more;           /* added to the port */
    bool found;
};

static const struct client_case client_cases[] = {
    {"an IPv4 client is found", AF_INET, false, "127.0.0.1 %d 127.0.0.1 22", 0, true},
    {"an IPv4 client is found by its v4-mapped name", AF_INET, false, "::ffff:127.0.0.1 %d ::ffff:127.0.0.1 22", 0, true},
    {"an IPv6 client is found", AF_INET6, false, "::1 %d ::1 22", 0, true},
    {"an IPv6 client with a zone is found", AF_INET6, false, "::1%%lo %d ::1 22", 0, true},
    {"an IPv4 client of an IPv6 socket is found", AF_INET6, true, "127.0.0.1 %d 127.0.0.1 22", 0, true},
    {"another port is not the client", AF_INET, false, "127.0.0.1 %d 127.0.0.1 22", 1, false},
    {"another address is not the client", AF_INET, false, "127.0.0.2 %d 127.0.0.1 22", 0, false},
    {"a name is no address", AF_INET, false, "localhost %d localhost 22", 0, false},
    {"a port that is too big is none", AF_INET, false, "127.0.0.1 %d00000000000000000000", 0, false},
    {"a port must end", AF_INET, false, "127.0.0.1 %dx", 0, false},
    {"an address alone is none", AF_INET, false, "127.0.0.1", 0, false},
    {"a long address is none", AF_INET, false, "00000000000000000000000000000000000000000000000000127.0.0.1 %d", 0, false},
};

static void test_client(const void *argument)
{
    const struct client_case *row = argument;
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct sockaddr_storage own;
    socklen_t length = sizeof own;
    char connection[256];
    int listener = socket(row->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int client = socket(row->to_v4 ? AF_INET : row->family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int accepted;
    int port;

    if (row->to_v4)
        v6.sin6_addr = in6addr_any;
    if (row->family == AF_INET)
        CHECK(bind(listener, (struct sockaddr *)&v4, sizeof v4) == 0, "%s", strerror(errno));
    else
        CHECK(bind(listener, (struct sockaddr *)&v6, sizeof v6) == 0, "%s", strerror(errno));
    listen(listener, 1);
    getsockname(listener, (struct sockaddr *)&own, &length);
    v4.sin_port = v6.sin6_port = ((struct sockaddr_in *)&own)->sin_port; /* the same place in both */
    if (row->family == AF_INET || row->to_v4)
        CHECK(connect(client, (struct sockaddr *)&v4, sizeof v4) == 0, "%s", strerror(errno));
    else
        CHECK(connect(client, (struct sockaddr *)&v6, sizeof v6) == 0, "%s", strerror(errno));
    accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    length = sizeof own;
    getsockname(client, (struct sockaddr *)&own, &length);
    port = ntohs(((struct sockaddr_in *)&own)->sin_port);
    snprintf(connection, sizeof connection, "%s", "");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(connection, sizeof connection, row->format, port + row->more);
#pragma GCC diagnostic pop
    CHECK(client_find(connection) == (row->found ? accepted : -1), "%s: %d", connection, client_find(connection));
}

static void test_client_nothing(const void *argument)
{
    static const char *const texts[] = {"", " ", "%", "127.0.0.1 0 x", "127.0.0.1  1", "127.0.0.1 -1", "::1 65536"};

    (void)argument;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CHECK(client_find(texts[i]) == -1, "'%s'", texts[i]);
}

int main(void)
{
    harness_run("options are known, given once and well-formed, or refused", test_options, NULL);
    harness_run("each option is set, and has its default", test_options_are_set, NULL);
    for (size_t i = 0; i < sizeof path_cases / sizeof path_cases[0]; i++)
        harness_run(path_cases[i].rule, test_path, &path_cases[i]);
    harness_run("a path is absolute, plain and short, or refused", test_plain, NULL);
    harness_run("a socket file that nobody listens at is unreachable", test_dead, NULL);
    harness_run("only ENOENT and ECONNREFUSED of connect() are unreachable", test_faults, NULL);
    harness_run("a socket that appears while its path is checked is refused", test_appeared, NULL);
    for (size_t i = 0; i < sizeof peer_cases / sizeof peer_cases[0]; i++)
        harness_run(peer_cases[i].rule, test_peer, &peer_cases[i]);
    harness_run("a descriptor is moved behind stderr", test_above_stdio, NULL);
    for (size_t i = 0; i < sizeof client_cases / sizeof client_cases[0]; i++)
        harness_run(client_cases[i].rule, test_client, &client_cases[i]);
    harness_run("a text that names no client finds none", test_client_nothing, NULL);
    return harness_finish();
}
