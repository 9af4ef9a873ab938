/* What the module does to its host: nothing. And what the host's limits do to the module: no limit lets anybody in.
 * Built without sanitizers, which have an address space, descriptors and signal handlers of their own. */
#include "capture.h"
#include "harness.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <locale.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum {
    STRANGER = 65534,
    CONNECTIONS = 128,
    FRAME = 16384,
    THREADS = 64,
    MANY = 10000, /* descriptors */
    LOGINS = 2000,
};

static char module[PATH_MAX];
static long logins = LOGINS;

/* ---- memory that runs out ---- */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *bytes, size_t size);

/* Allocations that succeed before one fails; -1: all succeed. */
static long allocations_left = -1;
static bool memory_comes_back; /* after one has failed */

static bool memory_is_out(void)
{
    bool out = allocations_left == 0;

    if (allocations_left > 0)
        allocations_left--;
    else if (out && memory_comes_back)
        allocations_left = -1;
    if (out)
        errno = ENOMEM;
    return out;
}

void *malloc(size_t size)
{
    return memory_is_out() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return memory_is_out() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *bytes, size_t size)
{
    return memory_is_out() ? NULL : __libc_realloc(bytes, size);
}

/* ---- a daemon for many at once: whoever is called allow... is allowed, and is asked first when called ...ask ---- */

struct connection {
    int fd; /* 0: none */
    size_t count;
    bool asked;
    uint8_t bytes[FRAME];
};

static struct connection connections[CONNECTIONS];

static size_t frame_size(const struct connection *connection)
{
    return connection->count < 8 ? SIZE_MAX : 8 + (size_t)(connection->bytes[6] << 8 | connection->bytes[7]);
}

static void send_verdict(struct connection *connection, const uint8_t *nonce, bool allow)
{
    uint8_t frame[] = "DU\1\x83\0\0\0\x27\0\1\0\20................\0\2\0\4....\0\3\0\1x\0\4\0\2id";

    memcpy(frame + 12, nonce, 16);
    memcpy(frame + 32, allow ? "ALLW" : "DENY", 4);
    frame[7] = sizeof frame - 1 - 8;
    (void)send(connection->fd, frame, sizeof frame - 1, MSG_NOSIGNAL);
}

/* Nonce and user are the first fields of BEGIN, which stays in the buffer while the answer is waited for. */
static void serve_frame(struct connection *connection)
{
    static const char prompt[] = "DU\1\x82\0\0\0\x13\0\1\0\4\0\0\0\1\0\2\0\1\1\0\3\0\2? ";
    size_t length = (size_t)(connection->bytes[30] << 8 | connection->bytes[31]);
    const char *user = (const char *)connection->bytes + 32;
    bool asks = length > 3 && memcmp(user + length - 3, "ask", 3) == 0;

    if (asks && !connection->asked) {
        connection->asked = true;
        (void)send(connection->fd, prompt, sizeof prompt - 1, MSG_NOSIGNAL);
    } else
        send_verdict(connection, connection->bytes + 12, length >= 5 && memcmp(user, "allow", 5) == 0);
}

static void serve_connection(struct connection *connection)
{
    uint8_t answer[1024];
    ssize_t got = connection->asked ? recv(connection->fd, answer, sizeof answer, 0)
                                    : recv(connection->fd, connection->bytes + connection->count,
                                           sizeof connection->bytes - connection->count, 0);

    if (got <= 0) {
        close(connection->fd);
        connection->fd = 0;
    } else {
        if (!connection->asked)
            connection->count += (size_t)got;
        if (connection->count >= frame_size(connection))
            serve_frame(connection);
    }
}

static void serve(int listener)
{
    for (;;) {
        struct pollfd fds[CONNECTIONS + 1];

        for (int i = 0; i < CONNECTIONS; i++)
            fds[i] = (struct pollfd){.fd = connections[i].fd > 0 ? connections[i].fd : -1, .events = POLLIN};
        fds[CONNECTIONS] = (struct pollfd){.fd = listener, .events = POLLIN};
        poll(fds, CONNECTIONS + 1, -1);
        for (int i = 0; i < CONNECTIONS; i++)
            if (fds[i].fd > 0 && fds[i].revents != 0)
                serve_connection(&connections[i]);
        for (int i = 0; i < CONNECTIONS && fds[CONNECTIONS].revents != 0; i++)
            if (connections[i].fd == 0) {
                connections[i] = (struct connection){.fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)};
                break;
            }
    }
}

enum listening {
    SERVES,
    QUEUE_FULL,
    NOBODY,
};

static void start_daemon(const char *folder, enum listening listening)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int ends[2];
    pid_t child;
    char byte;

    snprintf(address.sun_path, sizeof address.sun_path, "%.100s/s", folder);
    if (listening != NOBODY && bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        abort();
    if (listening == QUEUE_FULL) {
        fcntl(fd, F_DUPFD_CLOEXEC, 900); /* stays open */
        if (listen(fd, 0) != 0 || connect(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&address, sizeof address) != 0)
            abort();
    } else if (listening == SERVES) {
        if (pipe2(ends, O_CLOEXEC) != 0)
            abort();
        child = fork();
        if (child == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            signal(SIGHUP, SIG_IGN);
            if (listen(fd, CONNECTIONS) != 0 || write(ends[1], "x", 1) != 1)
                _exit(1);
            serve(fd);
        }
        close(ends[1]);
        if (read(ends[0], &byte, 1) != 1)
            abort();
        close(ends[0]);
    }
    close(fd);
}

/* ---- the host ---- */

static void (*in_conversation)(void);

static int converse(int count, const struct pam_message **messages, struct pam_response **responses, void *data)
{
    (void)count;
    (void)messages;
    (void)data;
    if (in_conversation != NULL)
        in_conversation();
    *responses = __libc_calloc(1, sizeof **responses);
    (*responses)->resp = __libc_calloc(1, 8);
    memcpy((*responses)->resp, "123456", 6);
    return PAM_SUCCESS;
}

static const struct pam_conv conversation = {converse, NULL};

/* A folder with the socket, and with the services "open" and "closed". */
static const char *make_services(void)
{
    const char *folder = harness_folder();

    for (int open = 0; open <= 1; open++) {
        char name[256];
        FILE *file;

        snprintf(name, sizeof name, "%s/%s", folder, open ? "open" : "closed");
        file = fopen(name, "we");
        if (file == NULL)
            abort();
        fprintf(file, "auth required %s socket=%s/s fail=%s timeout=5\n", module, folder, open ? "open" : "closed");
        fclose(file);
    }
    return folder;
}

static const char *make_daemon(enum listening listening)
{
    const char *folder = make_services();

    start_daemon(folder, listening);
    return folder;
}

static int login(const char *folder, const char *service, const char *user)
{
    pam_handle_t *pamh = NULL;
    int result = pam_start_confdir(service, user, &conversation, folder, &pamh);

    if (result == PAM_SUCCESS)
        result = pam_authenticate(pamh, 0);
    pam_end(pamh, result);
    return result;
}

/* ---- what a host finds as it was ---- */

static char *put_file(char *at, const char *end, const char *path, const char *const *beginnings)
{
    FILE *file = fopen(path, "re");
    char line[512];

    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        for (size_t i = 0; beginnings[i] != NULL; i++)
            if (strncmp(line, beginnings[i], strlen(beginnings[i])) == 0)
                at += snprintf(at, (size_t)(end - at), "%s", line);
    if (file != NULL)
        fclose(file);
    return at;
}

static char *put_descriptors(char *at, const char *end)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        char target[256] = "";
        int fd = atoi(entry->d_name);

        if (entry->d_name[0] != '.' && fd != dirfd(folder) &&
            readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1) > 0)
            at += snprintf(at, (size_t)(end - at), "fd %d %s %x %x %ld\n", fd, target, (unsigned)fcntl(fd, F_GETFD),
                           (unsigned)fcntl(fd, F_GETFL), (long)lseek(fd, 0, SEEK_CUR));
    }
    closedir(folder);
    return at;
}

/* Also what nobody would think of changing. */
static void snapshot(char *text, size_t room)
{
    /* Not SigQ: it counts the signals of all processes of the user. */
    static const char *const status[] = {"Name:",   "Umask:",  "Uid:",    "Gid:",    "Groups:", "Threads:",    "SigPnd:",  "ShdPnd:", "SigBlk:",
                                         "SigIgn:", "SigCgt:", "CapInh:", "CapEff:", "CapBnd:", "NoNewPrivs:", "Seccomp:", "FDSize:", NULL};
    static const char *const all[] = {"", NULL};
    const char *end = text + room;
    char *at = put_file(text, end, "/proc/self/status", status);
    char folder[PATH_MAX];
    struct itimerval timer;
    struct termios terminal;
    stack_t stack;

    at = put_file(at, end, "/proc/self/limits", all);
    at = put_file(at, end, "/proc/self/oom_score_adj", all);
    at = put_file(at, end, "/proc/self/coredump_filter", all);
    at = put_descriptors(at, end);
    for (int number = 1; number < NSIG; number++) {
        struct sigaction action = {0};

        if (sigaction(number, NULL, &action) == 0)
            at += snprintf(at, (size_t)(end - at), "signal %d %p %x\n", number, *(void **)&action.sa_handler,
                           (unsigned)action.sa_flags);
    }
    at += snprintf(at, (size_t)(end - at), "cwd %s\nlocale %s\n", getcwd(folder, sizeof folder), setlocale(LC_ALL, NULL));
    for (char **variable = environ; *variable != NULL; variable++)
        at += snprintf(at, (size_t)(end - at), "%p %s\n", (void *)*variable, *variable);
    for (int kind = ITIMER_REAL; kind <= ITIMER_PROF; kind++)
        at += snprintf(at, (size_t)(end - at), "timer %d\n", getitimer((enum __itimer_which)kind, &timer) == 0 && timer.it_value.tv_sec > 0);
    sigaltstack(NULL, &stack);
    at += snprintf(at, (size_t)(end - at), "stack %p\nsession %d group %d nice %d\n", stack.ss_sp, (int)getsid(0), (int)getpgrp(),
                   getpriority(PRIO_PROCESS, 0));
    for (int fd = 3; fd < 8; fd++)
        if (tcgetattr(fd, &terminal) == 0)
            at += snprintf(at, (size_t)(end - at), "terminal %x %x %x %x group %d\n", terminal.c_iflag, terminal.c_oflag,
                           terminal.c_cflag, terminal.c_lflag, (int)tcgetpgrp(fd));
    at += snprintf(at, (size_t)(end - at), "children %d\n", (int)waitpid(-1, NULL, WNOHANG | WNOWAIT));
}

static char before[1 << 21];
static char after[1 << 21];

/* What the module has opened meanwhile: behind stderr, and closed on exec. */
static void check_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    unsigned more = 0;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        char line[32];
        int fd = atoi(entry->d_name);

        snprintf(line, sizeof line, "fd %d ", fd);
        if (entry->d_name[0] != '.' && fd != dirfd(folder) && strstr(before, line) == NULL) {
            CHECK(fd > 2 && fcntl(fd, F_GETFD) == FD_CLOEXEC, "descriptor %d", fd);
            more++;
        }
    }
    CHECK(more >= 1 && more <= 3, "%u descriptors", more);
    closedir(folder);
}

enum circumstance {
    AS_IT_IS,
    STDIO_CLOSED,
    MANY_DESCRIPTORS,
    ON_A_TERMINAL,
    BLOCKED_SIGNALS,
};

struct neutral_case {
    const char *rule;
    enum circumstance circumstance;
    const char *user;
    enum listening listening;
    const char *service;
    int expected;
};

static const struct neutral_case neutral_cases[] = {
    {"a host is as it was after an allow", AS_IT_IS, "allow-ask", SERVES, "closed", PAM_SUCCESS},
    {"a host is as it was after a refusal", AS_IT_IS, "deny-ask", SERVES, "closed", PAM_ABORT},
    {"a host is as it was when nobody listens", AS_IT_IS, "allow", NOBODY, "closed", PAM_AUTHINFO_UNAVAIL},
    {"a host is as it was when nobody listens, fail=open", AS_IT_IS, "deny", NOBODY, "open", PAM_SUCCESS},
    {"a host is as it was when the queue is full", AS_IT_IS, "allow", QUEUE_FULL, "open", PAM_SYSTEM_ERR},
    {"a host with 0 to 2 closed is as it was", STDIO_CLOSED, "allow-ask", SERVES, "closed", PAM_SUCCESS},
    {"a host with 0 to 2 closed is as it was after a refusal", STDIO_CLOSED, "deny-ask", SERVES, "closed", PAM_ABORT},
    {"a host with 10,000 descriptors is as it was", MANY_DESCRIPTORS, "allow-ask", SERVES, "closed", PAM_SUCCESS},
    {"a host on a terminal is as it was", ON_A_TERMINAL, "allow-ask", SERVES, "closed", PAM_SUCCESS},
    {"a host that blocks signals is as it was", BLOCKED_SIGNALS, "allow-ask", SERVES, "closed", PAM_SUCCESS},
};

static void catch(int number)
{
    (void)number;
}

static void arrange(enum circumstance circumstance)
{
    const struct sigaction action = {.sa_handler = catch, .sa_flags = SA_RESTART};
    struct rlimit limit;
    sigset_t signals;
    int master;
    int terminal;

    setlocale(LC_ALL, "C.UTF-8");
    umask(0137);
    setenv("SSH_CONNECTION", "forged", 1);
    switch (circumstance) {
    case AS_IT_IS:
        break;
    case STDIO_CLOSED:
        fflush(NULL);
        close(0);
        close(1);
        close(2);
        break;
    case MANY_DESCRIPTORS:
        getrlimit(RLIMIT_NOFILE, &limit);
        limit.rlim_cur = MANY + 2000;
        if (limit.rlim_max < limit.rlim_cur)
            limit.rlim_max = limit.rlim_cur;
        CHECK(setrlimit(RLIMIT_NOFILE, &limit) == 0, "%s", strerror(errno));
        for (int i = 0; i < MANY; i++)
            if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
                abort();
        break;
    case ON_A_TERMINAL:
        sigaction(SIGHUP, &action, NULL);
        setsid();
        if (openpty(&master, &terminal, NULL, NULL, NULL) != 0 || ioctl(terminal, TIOCSCTTY, 0) != 0)
            abort();
        break;
    case BLOCKED_SIGNALS:
        sigaction(SIGPIPE, &action, NULL);
        sigfillset(&signals);
        sigprocmask(SIG_BLOCK, &signals, NULL);
        raise(SIGUSR1);
        break;
    }
}

static void test_neutral(const void *argument)
{
    const struct neutral_case *row = argument;
    const char *folder = make_daemon(row->listening);
    pam_handle_t *pamh = NULL;
    int result;

    arrange(row->circumstance);
    CHECK(pam_start_confdir(row->service, row->user, &conversation, folder, &pamh) == PAM_SUCCESS, "pam_start");
    result = pam_acct_mgmt(pamh, 0); /* the files that libpam opens once, and never again */
    snapshot(before, sizeof before);
    in_conversation = check_descriptors;
    result = pam_authenticate(pamh, 0);
    snapshot(after, sizeof after);
    CHECK(result == row->expected, "%d; log:\n%s", result, capture_log());
    for (char *is = after, *was = before; *is != '\0' || *was != '\0';) { /* line by line: a difference says where */
        size_t length = strcspn(is, "\n");

        if (length != strcspn(was, "\n") || memcmp(is, was, length) != 0) {
            CHECK(false, "it was: %.*s\nit is: %.*s", (int)strcspn(was, "\n"), was, (int)length, is);
            break;
        }
        is += length + 1;
        was += length + 1;
    }
    pam_end(pamh, result);
}

/* ---- limits ---- */

struct limit_case {
    const char *name;
    __rlimit_resource_t resource;
    rlim_t values[20];
    size_t count;
    bool above_use; /* the values are added to what the address space has now */
};

static const struct limit_case limit_cases[] = {
    {"descriptors", RLIMIT_NOFILE, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 17, false},
    {"processes", RLIMIT_NPROC, {0, 1, 2}, 3, false},
    {"address space", RLIMIT_AS, {0, 4096, 8192, 16384, 65536, 135168, 262144, 1048576}, 8, true},
    {"data", RLIMIT_DATA, {0, 4096, 65536, 1048576}, 4, false},
    {"stack", RLIMIT_STACK, {65536, 131072}, 2, false},
    {"file size", RLIMIT_FSIZE, {0, 1}, 2, false},
    {"locked memory", RLIMIT_MEMLOCK, {0}, 1, false},
    {"pending signals", RLIMIT_SIGPENDING, {0}, 1, false},
    {"message queues", RLIMIT_MSGQUEUE, {0}, 1, false},
};

static rlim_t address_space(void)
{
    char text[64] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t count = read(fd, text, sizeof text - 1);

    close(fd);
    return count > 0 ? (rlim_t)strtoull(text, NULL, 10) * 4096 : 0;
}

static bool could_open_socket(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

struct limit_test {
    const struct limit_case *row;
    enum listening listening;
};

/* A refusal stays one, whatever is short; and who cannot find out whether anybody listens does not let pass. */
static void test_limit(const void *argument)
{
    const struct limit_test *test = argument;
    const struct limit_case *row = test->row;
    const char *folder = make_daemon(test->listening);

    if (setresuid(STRANGER, 0, 0) != 0) /* as in sudo; RLIMIT_NPROC counts for the real user */
        abort();
    /* A full queue is waited for, so it gets the tightest limit alone. */
    for (size_t i = 0; i < (test->listening == QUEUE_FULL ? 1 : row->count); i++)
        for (int open = 0; open <= 1; open++) {
            struct rlimit was;
            struct rlimit few;
            pam_handle_t *pamh = NULL;
            bool could;
            int result;

            if (pam_start_confdir(open ? "open" : "closed", "deny-ask", &conversation, folder, &pamh) != PAM_SUCCESS)
                abort();
            pam_acct_mgmt(pamh, 0); /* loads the module: that it cannot be loaded is libpam's affair */
            getrlimit(row->resource, &was);
            few = (struct rlimit){row->values[i] + (row->above_use ? address_space() : 0), was.rlim_max};
            setrlimit(row->resource, &few);
            could = could_open_socket();
            result = pam_authenticate(pamh, 0);
            setrlimit(row->resource, &was);
            if (test->listening == NOBODY && open && could)
                CHECK(result == PAM_SUCCESS || result == PAM_SYSTEM_ERR || result == PAM_BUF_ERR, "%s %lu: %d", row->name, (unsigned long)row->values[i], result);
            else
                CHECK(result != PAM_SUCCESS && result != PAM_IGNORE, "%s %lu: %d", row->name, (unsigned long)row->values[i], result);
            pam_end(pamh, result);
        }
}

/* Each allocation fails, alone and with all behind it; libpam's and libc's included. */
static void test_memory(const void *argument)
{
    const enum listening *listening = argument;
    const char *folder = make_daemon(*listening);

    for (int again = 0; again <= 1; again++)
        for (int open = 0; open <= 1; open++)
            for (long left = 0; left < 60; left++) {
                pam_handle_t *pamh = NULL;
                int result;

                if (pam_start_confdir(open ? "open" : "closed", "deny-ask", &conversation, folder, &pamh) != PAM_SUCCESS)
                    abort();
                pam_acct_mgmt(pamh, 0);
                memory_comes_back = again == 1;
                allocations_left = left;
                result = pam_authenticate(pamh, 0);
                allocations_left = -1;
                if (*listening != NOBODY || !open)
                    CHECK(result != PAM_SUCCESS && result != PAM_IGNORE, "%ld: %d", left, result);
                pam_end(pamh, result);
            }
}

/* ---- many ---- */

struct one_of_many {
    const char *folder;
    char user[32];
    int expected;
    int wrong;
};

static void *log_in_often(void *argument)
{
    struct one_of_many *one = argument;

    for (int i = 0; i < 8; i++)
        one->wrong += login(one->folder, "closed", one->user) != one->expected;
    return NULL;
}

static void test_threads(const void *argument)
{
    static struct one_of_many many[THREADS];
    pthread_t threads[THREADS];
    const char *folder = make_daemon(SERVES);

    (void)argument;
    for (int i = 0; i < THREADS; i++) {
        bool allow = i % 2 == 0;

        many[i] = (struct one_of_many){.folder = folder, .expected = allow ? PAM_SUCCESS : PAM_ABORT};
        snprintf(many[i].user, sizeof many[i].user, "%s-%d%s", allow ? "allow" : "deny", i, i % 3 == 0 ? "ask" : "");
        if (pthread_create(&threads[i], NULL, log_in_often, &many[i]) != 0)
            abort();
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        CHECK(many[i].wrong == 0, "%s: %d logins went wrong; log:\n%s", many[i].user, many[i].wrong, capture_log());
    }
}

/* A change of the host's size or descriptors is compared once the first few hundred have filled every cache. */
static void test_growth(const void *argument)
{
    static const char *const users[] = {"allow", "deny", "allow-ask", "deny-ask"};
    const char *folder = make_daemon(SERVES);
    size_t used = 0;
    int lowest = -1;

    (void)argument;
    alarm((unsigned)(20 + logins / 200));
    for (long i = 0; i < logins; i++) {
        const char *user = users[i % 4];
        int result = login(folder, i % 8 < 4 ? "closed" : "open", user);

        CHECK(result == (user[0] == 'a' ? PAM_SUCCESS : PAM_ABORT), "%s: %d; log:\n%s", user, result, capture_log());
        capture_clear();
        if (i == logins / 4) {
            used = mallinfo2().uordblks;
            lowest = dup(0);
            close(lowest);
        }
    }
    CHECK(mallinfo2().uordblks <= used + 1024, "%zu bytes, and %zu were in use", mallinfo2().uordblks, used);
    CHECK(dup(0) == lowest, "descriptors");
}

static int by_size(const void *one, const void *other)
{
    long difference = *(const long *)one - *(const long *)other;

    return (difference > 0) - (difference < 0);
}

/* The median, so that a machine with other things to do does not count; pam_start and pam_end are in it. */
static void test_prefetch(const void *argument)
{
    const enum listening *listening = argument;
    const char *folder = make_daemon(*listening);
    long took[101];
    char name[256];
    FILE *file;

    snprintf(name, sizeof name, "%s/ahead", folder);
    file = fopen(name, "we");
    fprintf(file, "auth optional %s socket=%s/s prefetch\n", module, folder);
    fclose(file);
    for (size_t i = 0; i < sizeof took / sizeof took[0]; i++) {
        struct timespec start;
        struct timespec end;

        clock_gettime(CLOCK_MONOTONIC, &start);
        CHECK(login(folder, "ahead", "allow") == PAM_PERM_DENIED, "it decided something; log:\n%s", capture_log());
        clock_gettime(CLOCK_MONOTONIC, &end);
        took[i] = (end.tv_sec - start.tv_sec) * 1000000 + (end.tv_nsec - start.tv_nsec) / 1000;
    }
    CHECK(strstr(capture_log(), "daemon") == NULL && strstr(capture_log(), "connect") == NULL, "log:\n%s", capture_log());
    qsort(took, sizeof took / sizeof took[0], sizeof took[0], by_size);
    CHECK(took[50] < 2000, "%ld us", took[50]);
}

/* ---- main ---- */

static void run_limits(void)
{
    static const char *const names[] = {"the daemon refuses", "its queue is full", "nobody listens"};

    for (size_t i = 0; i < sizeof limit_cases / sizeof limit_cases[0]; i++)
        for (int listening = SERVES; listening <= NOBODY; listening++) {
            const struct limit_test test = {&limit_cases[i], (enum listening)listening};
            char rule[128];

            snprintf(rule, sizeof rule, "no limit of %s opens the door while %s", limit_cases[i].name, names[listening]);
            harness_run(rule, test_limit, &test);
        }
}

int main(int argc, char **argv)
{
    static const enum listening serves = SERVES;
    static const enum listening nobody = NOBODY;
    static const enum listening full = QUEUE_FULL;

    if (argc < 2 || realpath(argv[1], module) == NULL || geteuid() != 0) {
        fprintf(stderr, "as root: test_host MODULE [LOGINS]\n");
        return 1;
    }
    if (argc > 2)
        logins = strtol(argv[2], NULL, 10);
    dlopen(module, RTLD_NOW | RTLD_LOCAL); /* stays loaded, so that a limit meets the module and not the loader */
    for (size_t i = 0; i < sizeof neutral_cases / sizeof neutral_cases[0]; i++)
        harness_run(neutral_cases[i].rule, test_neutral, &neutral_cases[i]);
    run_limits();
    harness_run("memory that runs out lets nobody in while the daemon refuses", test_memory, &serves);
    harness_run("memory that runs out lets nobody in while nobody listens", test_memory, &nobody);
    harness_run("64 threads log in, each with its own verdict", test_threads, NULL);
    harness_run("prefetch takes less than 2 ms while the daemon listens", test_prefetch, &serves);
    harness_run("prefetch takes less than 2 ms while the queue is full", test_prefetch, &full);
    harness_run("prefetch takes less than 2 ms while nobody listens", test_prefetch, &nobody);
    harness_run("many logins leave nothing behind", test_growth, NULL);
    return harness_finish();
}
