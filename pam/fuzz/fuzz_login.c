/* pam_sm_authenticate whole, in a made-up world: each system call and each function of libpam is answered here (--wrap),
 * from the input, and fails now and then by chance. The time is made up too, so no input takes long.
 *
 * The rules:
 * - PAM_SUCCESS only when a peer that may be trusted has sent an allow with the nonce of this login as its first
 *   verdict; or connect() has said ENOENT or ECONNREFUSED, nothing was sent, and fail=open was given.
 * - PAM_IGNORE only when such a peer has sent an ignore; or with prefetch, which returns nothing else, and neither
 *   converses, nor waits, nor reads.
 * - Nothing is sent to another peer; BEGIN is sent first and once; the login password is never sent.
 * - Every descriptor is closed, every answer is wiped and freed, the host's descriptors are neither read nor closed. */
#include "fuzz.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <netinet/in.h>
#include <poll.h>
#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <time.h>

/* ---- the input ---- */

enum {
    WITH_FAULTS = 1U << 0,
    FAIL_OPEN = 1U << 1,
    DEBUG = 1U << 2,
    BAD_OPTION = 1U << 3,
    SILENT = 1U << 4,
    OVER_SSH = 1U << 5,
    ITEMS = 1U << 6,
    HANGS_UP = 1U << 7, /* the daemon, when it has said everything */
};

struct plan {
    uint32_t seed;
    uint8_t flags;
    uint8_t peer;     /* 0 root, 1 duet, 2 a stranger, else nobody knows */
    uint8_t connects; /* 0 yes, else an index of faults */
    uint8_t path;     /* 0 good, 1 absent, 2 a link, 3 writable, 4 another's, 5 a file: modulo 6; from PREFETCHES on with prefetch */
    uint8_t piece;    /* bytes that a recv gives at most; 0: all */
    uint8_t user;     /* 0 alice, 1 changed later, 2 none, 3 of control characters, 4 very long, 5 empty */
    uint8_t answer;   /* 0 plain, 1 none, 2 fails, 3 would block, 4 no memory, 5 the password, 6 long, 7 with control characters */
    uint8_t interrupted; /* after so many polls; 0: never */
    uint8_t client_goes;
    uint8_t terminal_goes;
    uint8_t pace;  /* milliseconds that each poll takes */
    uint8_t facts; /* bytes of the rest that are what /proc says; 0: it says something good */
};

enum {
    PLAN_SIZE = 16,
    DESCRIPTORS = 256,
    FIRST = 100,
    PREFETCHES = 250, /* a path from here on: the option prefetch is given */
    CLIENT = 7,
    DUET = 990,
    USER_ROOM = 400,
};

static const char password[] = "hunter2\x01";
static const int faults[] = {EINTR, EAGAIN, ENOMEM, EMFILE, ENFILE, EACCES, EPERM, EIO, EINVAL, ENOENT, ECONNREFUSED, EPIPE, ECONNRESET, EBADF, ENOTSOCK, ETIMEDOUT};

enum kind {
    CLOSED,
    FILE_OF_PROC,
    TERMINAL,
    SOCKET,
    SIGNALS,
    PASSWD,
};

static struct {
    struct plan plan;
    const uint8_t *facts;
    const uint8_t *bytes; /* of the daemon */
    size_t size;
    size_t delivered;
    uint64_t chance;
    int64_t now;
    unsigned polls;
    bool connected;
    bool unreachable;
    bool trusted;
    bool finished;   /* everything of the daemon was read */
    uint8_t nonce[16];
    uint8_t sent[65536];
    size_t sent_size;
    enum kind kinds[DESCRIPTORS];
    FILE *passwd;
    int passwd_fd;
    char *answer;
    size_t answer_size;
    unsigned answers;
    bool prefetch;
    char user[USER_ROOM];
} world;

static const char passwd_text[] = "root:x:0:0:root:/root:/bin/sh\nduet:x:990:990::/:/bin/false\n";

/* One call in 400 fails. */
static bool fault(void)
{
    bool failing = false;

    if ((world.plan.flags & WITH_FAULTS) != 0) {
        world.chance ^= world.chance << 13;
        world.chance ^= world.chance >> 7;
        world.chance ^= world.chance << 17;
        failing = world.chance % 400 == 0;
        if (failing)
            errno = faults[(world.chance >> 32) % (sizeof faults / sizeof faults[0])];
    }
    return failing;
}

static int descriptor(enum kind kind)
{
    int fd = FIRST;

    while (fd < DESCRIPTORS && world.kinds[fd] != CLOSED)
        fd++;
    RULE(fd < DESCRIPTORS);
    world.kinds[fd] = kind;
    return fd;
}

/* ---- files ---- */

int __wrap_open(const char *path, int flags, ...);
int __wrap_openat(int folder, const char *path, int flags, ...);
ssize_t __wrap_read(int fd, void *bytes, size_t size);
int __wrap_close(int fd);
int __wrap_fcntl(int fd, int command, ...);
int __wrap_ioctl(int fd, unsigned long request, void *argument);
int __wrap_fstatfs(int fd, struct statfs *system);
int __wrap_lstat(const char *path, struct stat *status);
FILE *__wrap_fdopen(int fd, const char *mode);
int __wrap_fclose(FILE *file);

int __wrap_open(const char *path, int flags, ...)
{
    int fd = -1;

    RULE((flags & O_CLOEXEC) != 0);
    if (fault())
        fd = -1;
    else if (strcmp(path, "/dev/tty") == 0)
        fd = descriptor(TERMINAL);
    else if (strcmp(path, "/etc/passwd") == 0)
        fd = descriptor(PASSWD);
    else if (strcmp(path, "/proc") == 0)
        fd = descriptor(FILE_OF_PROC);
    else {
        fprintf(stderr, "nobody needs %s\n", path);
        abort();
    }
    return fd;
}

int __wrap_openat(int folder, const char *path, int flags, ...)
{
    RULE((flags & O_CLOEXEC) != 0 && world.kinds[folder] == FILE_OF_PROC && path[0] != '/');
    return fault() ? -1 : descriptor(FILE_OF_PROC);
}

ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
    static const char good[] = "50 (sudo) S 50 9 50 34816 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 500 1 2\nX:\nUid:\t1001\t0\t0\t0\n";
    const void *from = world.plan.facts > 0 ? (const void *)world.facts : good;
    size_t count = world.plan.facts > 0 ? world.plan.facts : sizeof good - 1;

    RULE(world.kinds[fd] == FILE_OF_PROC);
    if (fault())
        return -1;
    if (count > size)
        count = size;
    memcpy(bytes, from, count);
    return (ssize_t)count;
}

int __wrap_close(int fd)
{
    RULE(fd >= FIRST && fd < DESCRIPTORS && world.kinds[fd] != CLOSED);
    world.kinds[fd] = CLOSED;
    return fault() ? -1 : 0;
}

int __wrap_fcntl(int fd, int command, ...)
{
    RULE(command == F_DUPFD_CLOEXEC);
    return fault() ? -1 : descriptor(world.kinds[fd]);
}

int __wrap_ioctl(int fd, unsigned long request, void *argument)
{
    struct winsize size = {.ws_col = 80};

    RULE(request == TIOCGWINSZ && (fd == 0 || world.kinds[fd] == TERMINAL));
    memcpy(argument, &size, sizeof size);
    return fault() ? -1 : 0;
}

int __wrap_fstatfs(int fd, struct statfs *system)
{
    RULE(world.kinds[fd] == FILE_OF_PROC);
    memset(system, 0, sizeof *system);
    system->f_type = PROC_SUPER_MAGIC;
    return fault() ? -1 : 0;
}

int __wrap_lstat(const char *path, struct stat *status)
{
    bool last = strstr(path, ".sock") != NULL;

    memset(status, 0, sizeof *status);
    status->st_mode = last ? S_IFSOCK | 0600 : S_IFDIR | 0755;
    if (world.plan.path == 2)
        status->st_mode = S_IFLNK | 0777;
    else if (world.plan.path == 3 && !last)
        status->st_mode |= 0022;
    else if (world.plan.path == 4)
        status->st_uid = 1000;
    else if (world.plan.path == 5 && last)
        status->st_mode = S_IFREG | 0600;
    if (world.plan.path == 1 && last)
        errno = ENOENT;
    return fault() || (world.plan.path == 1 && last) ? -1 : 0;
}

FILE *__wrap_fdopen(int fd, const char *mode)
{
    RULE(world.kinds[fd] == PASSWD && world.passwd == NULL);
    if (!fault()) {
        world.passwd = fmemopen((void *)(uintptr_t)passwd_text, sizeof passwd_text - 1, mode);
        world.passwd_fd = fd;
    }
    return world.passwd;
}

int __wrap_fclose(FILE *file)
{
    RULE(file != NULL && file == world.passwd);
    world.passwd = NULL;
    __wrap_close(world.passwd_fd);
    return fclose(file);
}

/* ---- the daemon ---- */

int __wrap_socket(int family, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length);
int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *length);
int __wrap_getpeername(int fd, struct sockaddr *address, socklen_t *length);
ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags);
int __wrap_signalfd(int fd, const sigset_t *set, int flags);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);
ssize_t __wrap_getrandom(void *bytes, size_t size, unsigned flags);

int __wrap_socket(int family, int type, int protocol)
{
    RULE(family == AF_UNIX && (type & SOCK_CLOEXEC) != 0 && (type & SOCK_NONBLOCK) != 0 && protocol == 0);
    return fault() ? -1 : descriptor(SOCKET);
}

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t length)
{
    bool failed = fault();

    RULE(world.kinds[fd] == SOCKET && address->sa_family == AF_UNIX && length == sizeof(struct sockaddr_un));
    if (!failed && world.plan.connects != 0) {
        errno = faults[world.plan.connects % (sizeof faults / sizeof faults[0])];
        failed = true;
    }
    world.connected = !failed;
    world.unreachable = failed && (errno == ENOENT || errno == ECONNREFUSED);
    return failed ? -1 : 0;
}

int __wrap_getsockopt(int fd, int level, int option, void *value, socklen_t *length)
{
    struct ucred peer = {.pid = 1, .uid = world.plan.peer == 0 ? 0 : world.plan.peer == 1 ? DUET : 1000};
    bool known = world.plan.peer <= 2 && !fault();

    RULE(world.kinds[fd] == SOCKET && level == SOL_SOCKET && option == SO_PEERCRED && *length == sizeof peer);
    if (known)
        memcpy(value, &peer, sizeof peer);
    world.trusted = known && world.plan.peer <= 1;
    return known ? 0 : -1;
}

int __wrap_getpeername(int fd, struct sockaddr *address, socklen_t *length)
{
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(50222), .sin_addr.s_addr = htonl(0xC0000207)};
    bool known = fd == CLIENT && !fault();

    if (known && *length >= sizeof peer)
        memcpy(address, &peer, sizeof peer);
    return known ? 0 : -1;
}

ssize_t __wrap_send(int fd, const void *bytes, size_t size, int flags)
{
    RULE(world.kinds[fd] == SOCKET && world.connected && world.trusted && (flags & MSG_NOSIGNAL) != 0);
    RULE(world.sent_size + size <= sizeof world.sent);
    if (fault())
        return -1;
    if (world.plan.piece > 0 && size > world.plan.piece)
        size = world.plan.piece;
    memcpy(world.sent + world.sent_size, bytes, size);
    world.sent_size += size;
    return (ssize_t)size;
}

ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags)
{
    size_t count = world.size - world.delivered;

    RULE(world.kinds[fd] == SOCKET && world.connected && world.trusted && (flags & MSG_DONTWAIT) != 0 && size > 0);
    RULE(!world.prefetch);
    if (fault())
        return -1;
    if (count == 0) {
        world.finished = true;
        errno = EAGAIN;
        return (world.plan.flags & HANGS_UP) != 0 ? 0 : -1;
    }
    if (world.plan.piece > 0 && count > world.plan.piece)
        count = world.plan.piece;
    if (count > size)
        count = size;
    memcpy(bytes, world.bytes + world.delivered, count);
    world.delivered += count;
    return (ssize_t)count;
}

int __wrap_signalfd(int fd, const sigset_t *set, int flags)
{
    RULE(fd == -1 && sigismember(set, SIGINT) && sigismember(set, SIGQUIT) && (flags & SFD_CLOEXEC) != 0);
    return fault() ? -1 : descriptor(SIGNALS);
}

static bool is_time(uint8_t after)
{
    return after != 0 && world.polls >= after;
}

static short events_of(const struct pollfd *fd)
{
    short events = 0;

    if (fd->fd == CLIENT)
        events = is_time(world.plan.client_goes) ? POLLRDHUP : 0;
    else if (world.kinds[fd->fd] == SIGNALS)
        events = is_time(world.plan.interrupted) ? POLLIN : 0;
    else if (world.kinds[fd->fd] == TERMINAL)
        events = is_time(world.plan.terminal_goes) ? POLLHUP : 0;
    else {
        bool ready = world.delivered < world.size || (world.plan.flags & HANGS_UP) != 0;

        RULE(world.kinds[fd->fd] == SOCKET);
        events = (short)((fd->events & POLLOUT) | (ready ? fd->events & POLLIN : 0));
    }
    return events;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
    int ready = 0;

    RULE(timeout >= 0 && world.polls < 1000000);
    world.polls++;
    for (nfds_t i = 0; i < count; i++)
        fds[i].revents = 0;
    if (fault())
        return -1;
    for (nfds_t i = 0; i < count; i++)
        if (fds[i].fd >= 0) {
            fds[i].revents = events_of(&fds[i]);
            ready += fds[i].revents != 0;
        }
    world.now += ready > 0 ? world.plan.pace : timeout;
    return ready;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
    RULE(clock == CLOCK_MONOTONIC);
    *time = (struct timespec){world.now / 1000, world.now % 1000 * 1000000};
    return 0;
}

ssize_t __wrap_getrandom(void *bytes, size_t size, unsigned flags)
{
    (void)flags;
    RULE(size == sizeof world.nonce);
    memset(world.nonce, (world.plan.seed & 1) != 0 ? 'n' : 'o', sizeof world.nonce);
    memcpy(bytes, world.nonce, sizeof world.nonce);
    return fault() ? -1 : (ssize_t)size;
}

/* ---- libpam and its host ---- */

void __wrap_free(void *bytes);

int pam_get_item(const pam_handle_t *pamh, int item, const void **value)
{
    static const char *const rhost = "192.0.2.7";
    const char *text = NULL;

    (void)pamh;
    if (item == PAM_SERVICE)
        text = "sshd";
    else if (item == PAM_AUTHTOK)
        text = password;
    else if (item == PAM_USER)
        text = world.plan.user == 1 && world.answers > 0 ? "mallory" : world.user;
    else if ((world.plan.flags & ITEMS) != 0)
        text = rhost;
    *value = text;
    return fault() ? PAM_SYSTEM_ERR : PAM_SUCCESS;
}

int pam_get_user(pam_handle_t *pamh, const char **user, const char *prompt)
{
    int status = fault() ? PAM_BUF_ERR : PAM_SUCCESS;

    RULE(!world.prefetch);
    (void)pamh;
    (void)prompt;
    if (status == PAM_SUCCESS)
        *user = world.plan.user == 2 ? NULL : world.user;
    return status;
}

const char *pam_getenv(pam_handle_t *pamh, const char *name)
{
    bool there = (world.plan.flags & OVER_SSH) != 0 && !fault();

    (void)pamh;
    if (strcmp(name, "SSH_CONNECTION") == 0)
        return there ? "192.0.2.7 50222 198.51.100.2 22" : NULL;
    return there ? "publickey ssh-ed25519 AAAA\n" : NULL;
}

const char *pam_strerror(pam_handle_t *pamh, int number)
{
    (void)pamh;
    (void)number;
    return "?";
}

static const char *answer_text(void)
{
    static char longest[600];
    const char *text = "1";

    if (world.plan.answer == 5)
        text = password;
    else if (world.plan.answer == 6) {
        memset(longest, 'x', sizeof longest - 1);
        text = longest;
    } else if (world.plan.answer == 7)
        text = "\x1b[A\xC2\x01\x9B" "1\r";
    return text;
}

int pam_prompt(pam_handle_t *pamh, int style, char **response, const char *format, ...)
{
    int status = PAM_SUCCESS;

    (void)pamh;
    RULE(!world.prefetch && strcmp(format, "%s") == 0);
    RULE((response != NULL) == (style == PAM_PROMPT_ECHO_ON || style == PAM_PROMPT_ECHO_OFF));
    RULE(style != PAM_TEXT_INFO || (world.plan.flags & SILENT) == 0);
    world.now += world.plan.pace;
    if (fault() || world.plan.answer == 2)
        status = PAM_CONV_ERR;
    else if (world.plan.answer == 3)
        status = PAM_CONV_AGAIN;
    else if (world.plan.answer == 4)
        status = PAM_BUF_ERR;
    if (response != NULL) {
        world.answers++;
        *response = NULL;
        if (status == PAM_SUCCESS && world.plan.answer != 1) {
            RULE(world.answer == NULL);
            world.answer_size = strlen(answer_text());
            *response = world.answer = strdup(answer_text());
        }
    }
    return status;
}

void pam_vsyslog(const pam_handle_t *pamh, int priority, const char *format, va_list arguments)
{
    char line[8192];

    (void)pamh;
    (void)priority;
    vsnprintf(line, sizeof line, format, arguments);
    RULE(strpbrk(line, "\x1b\r\x01") == NULL);
}

void pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    pam_vsyslog(pamh, priority, format, arguments);
    va_end(arguments);
}

void __wrap_free(void *bytes)
{
    if (bytes != NULL && bytes == world.answer) {
        for (size_t i = 0; i < world.answer_size; i++)
            RULE(world.answer[i] == '\0');
        world.answer = NULL;
    }
    free(bytes);
}

/* ---- the rules ---- */

static size_t number(const uint8_t *at, size_t size)
{
    size_t value = 0;

    for (size_t i = 0; i < size; i++)
        value = value << 8 | at[i];
    return value;
}

/* The value behind `tag` in the body of a frame. */
static const uint8_t *field(const uint8_t *body, size_t size, size_t tag, size_t length)
{
    const uint8_t *found = NULL;

    for (size_t at = 0; found == NULL && at + 4 <= size; at += 4 + number(body + at + 2, 2))
        if (number(body + at, 2) == tag && number(body + at + 2, 2) == length && at + 4 + length <= size)
            found = body + at + 4;
    return found;
}

/* Whether the first verdict that has been delivered is this one, for this login. */
static bool verdict_is(const char *result)
{
    const uint8_t *verdict = NULL;
    size_t at = 0;

    while (verdict == NULL && at + 8 <= world.delivered) {
        size_t size = number(world.bytes + at + 4, 4);

        if (at + 8 + size > world.delivered)
            break;
        if (world.bytes[at + 3] == 0x83) {
            const uint8_t *nonce = field(world.bytes + at + 8, size, 1, 16);

            verdict = field(world.bytes + at + 8, size, 2, 4);
            if (verdict == NULL || nonce == NULL || memcmp(nonce, world.nonce, 16) != 0)
                break;
            return memcmp(verdict, result, 4) == 0;
        }
        at += 8 + size;
    }
    return false;
}

/* BEGIN first, then answers; the last one may be cut when the login ended while it was sent. */
static void check_sent(void)
{
    for (size_t at = 0; at + 8 <= world.sent_size; at += 8 + number(world.sent + at + 4, 4))
        RULE(world.sent[at] == 'D' && world.sent[at + 1] == 'U' && world.sent[at + 3] == (at > 0 ? 0x02 : world.prefetch ? 0x03 : 0x01));
    RULE(!world.prefetch || world.sent_size <= 8 || world.sent_size <= 8 + number(world.sent + 4, 4));
    RULE(memmem(world.sent, world.sent_size, "hunter2", 7) == NULL);
}

static void check_result(int result)
{
    bool met = world.connected && world.trusted;

    if (result == PAM_SUCCESS)
        RULE((met && verdict_is("ALLW") && world.plan.user <= 1) ||
             (world.unreachable && world.sent_size == 0 && (world.plan.flags & FAIL_OPEN) != 0));
    if (result == PAM_IGNORE)
        RULE(world.prefetch || (met && verdict_is("IGNR")));
    if (world.prefetch)
        RULE(result == ((world.plan.flags & (FAIL_OPEN | BAD_OPTION)) != 0 ? PAM_SERVICE_ERR : PAM_IGNORE));
    RULE((world.plan.flags & BAD_OPTION) == 0 || result == PAM_SERVICE_ERR);
    RULE(world.plan.user != 1 || world.answers == 0 || result != PAM_SUCCESS || world.unreachable);
    for (int fd = 0; fd < DESCRIPTORS; fd++)
        RULE(world.kinds[fd] == CLOSED);
    RULE(world.passwd == NULL && world.answer == NULL);
    check_sent();
}

static void choose_user(void)
{
    memset(&world.user, 0, sizeof world.user);
    if (world.plan.user == 4)
        memset(world.user, 'u', sizeof world.user - 1);
    else if (world.plan.user != 5)
        strcpy(world.user, world.plan.user == 3 ? "al\x1b[2Jice" : "alice");
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t size)
{
    const char *arguments[4];
    int count = 0;

    if (size < PLAN_SIZE)
        return 0;
    memset(&world, 0, sizeof world);
    memcpy(&world.plan.seed, input, 4);
    memcpy(&world.plan.flags, input + 4, PLAN_SIZE - 4);
    world.plan.peer %= 4;
    world.prefetch = world.plan.path >= PREFETCHES;
    world.plan.path %= 6;
    world.plan.user %= 6;
    world.plan.answer %= 8;
    if (world.plan.facts > size - PLAN_SIZE)
        world.plan.facts = (uint8_t)(size - PLAN_SIZE);
    world.facts = input + PLAN_SIZE;
    world.bytes = world.facts + world.plan.facts;
    world.size = size - PLAN_SIZE - world.plan.facts;
    world.chance = 0x9E3779B97F4A7C15U ^ world.plan.seed;
    world.now = 1000000;
    choose_user();
    if ((world.plan.flags & FAIL_OPEN) != 0)
        arguments[count++] = "fail=open";
    if ((world.plan.flags & DEBUG) != 0)
        arguments[count++] = "debug";
    if ((world.plan.flags & BAD_OPTION) != 0)
        arguments[count++] = "failopen";
    if (world.prefetch)
        arguments[count++] = "prefetch";
    check_result(pam_sm_authenticate((pam_handle_t *)&world, (world.plan.flags & SILENT) != 0 ? (int)PAM_SILENT : 0, count, arguments));
    return 0;
}
