/* The facts about the session: of real processes and terminals, and of a /proc that is made up. */
#include "../session.h"
#include "harness.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a made-up /proc: the linker puts these in the place of the calls (--wrap) ---- */

static const char *made_up;
static bool of_another_type;
static bool set_user_id;

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __real_fstatfs(int fd, struct statfs *system);
int __wrap_fstatfs(int fd, struct statfs *system);
unsigned long __wrap_getauxval(unsigned long type);

int __wrap_open(const char *path, int flags, ...)
{
    return __real_open(made_up != NULL && strcmp(path, "/proc") == 0 ? made_up : path, flags, 0);
}

int __wrap_fstatfs(int fd, struct statfs *system)
{
    int result = __real_fstatfs(fd, system);

    if (made_up != NULL && !of_another_type)
        system->f_type = PROC_SUPER_MAGIC;
    return result;
}

unsigned long __wrap_getauxval(unsigned long type)
{
    return type == AT_SECURE && set_user_id;
}

/* As a login does it. */
static void gather(struct wire_session *session)
{
    int terminal = session_terminal();

    session_gather(session, terminal);
    if (terminal >= 0)
        close(terminal);
}

/* ---- real processes ---- */

static unsigned count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;

    while (folder != NULL && readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

/* Run `body` in a child; a fault there is its exit status. */
static void in_child(void (*body)(void))
{
    int status = 1;
    pid_t child = fork();

    if (child == 0) {
        body();
        _exit(0);
    }
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child: %x", (unsigned)status);
}

#define CHECK_CHILD(condition, ...)                                                                                    \
    do {                                                                                                               \
        bool holds = (condition);                                                                                      \
        harness_check(holds, __FILE__, __LINE__, #condition, __VA_ARGS__);                                             \
        if (!holds)                                                                                                    \
            _exit(1);                                                                                                  \
    } while (0)

static uint64_t start_of(pid_t pid)
{
    char path[64];
    char text[1024] = "";
    unsigned long long start = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    file = fopen(path, "re");
    if (file != NULL && fread(text, 1, sizeof text - 1, file) > 0 && strrchr(text, ')') != NULL)
        sscanf(strrchr(text, ')') + 2, "%*c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu", &start);
    if (file != NULL)
        fclose(file);
    return start;
}

static void test_own(const void *argument)
{
    struct wire_session session;
    unsigned before = count_descriptors();

    (void)argument;
    gather(&session);
    CHECK(count_descriptors() == before, "descriptors");
    CHECK(session.id == (uint32_t)getsid(0), "session %u", session.id);
    CHECK(session.ancestor_count >= 2, "%zu ancestors", session.ancestor_count);
    CHECK(session.ancestors[0].pid == (uint32_t)getpid() && session.ancestors[0].start == start_of(getpid()), "the host");
    CHECK(session.ancestors[1].pid == (uint32_t)getppid() && session.ancestors[1].start == start_of(getppid()), "its parent");
    CHECK(session.parent.pid == (uint32_t)getppid() && session.parent.start == start_of(getppid()), "parent");
    CHECK(session.parent_session == (uint32_t)getsid(getppid()) && session.parent_user == getuid(), "of the parent");
    for (size_t i = 0; i < session.ancestor_count; i++) {
        CHECK(session.ancestors[i].pid > 1, "pid 1 is in the chain");
        CHECK(i == 0 || session.ancestors[i].start <= session.ancestors[i - 1].start, "a parent that is younger");
    }
}

static void *gather_in_thread(void *session)
{
    gather(session);
    return NULL;
}

static void test_thread(const void *argument)
{
    struct wire_session session;
    pthread_t thread;

    (void)argument;
    CHECK(pthread_create(&thread, NULL, gather_in_thread, &session) == 0, "thread");
    pthread_join(thread, NULL);
    CHECK(session.ancestors[0].pid == (uint32_t)getpid(), "%u", session.ancestors[0].pid);
}

/* The command is what its owner likes. */
static void body_of_named_child(void)
{
    struct wire_session session;

    prctl(PR_SET_NAME, "y) Z 1 1 1 1 1");
    gather(&session);
    CHECK_CHILD(session.ancestors[0].pid == (uint32_t)getpid() && session.ancestors[1].pid == (uint32_t)getppid(), "chain");
    CHECK_CHILD(session.ancestors[1].start == start_of(getppid()), "start");
    CHECK_CHILD(session.parent_user == getuid(), "user %u", session.parent_user);
}

static void test_named(const void *argument)
{
    (void)argument;
    prctl(PR_SET_NAME, "x) Z 1\nUid:\t9\t");
    in_child(body_of_named_child);
}

static void body_of_strangers_child(void)
{
    struct wire_session session;

    gather(&session);
    CHECK_CHILD(session.parent_user == 65534, "user %u", session.parent_user);
}

static void test_user(const void *argument)
{
    (void)argument;
    if (setresuid(65534, 0, 0) != 0)
        abort();
    in_child(body_of_strangers_child);
}

/* sudo's place: real user the caller's, effective root. */
static void body_of_other_session(void)
{
    struct wire_session session;

    setsid();
    gather(&session);
    CHECK_CHILD(session.id == (uint32_t)getpid(), "own session");
    CHECK_CHILD(session.parent.pid == 0 && session.parent_session == 0 && session.parent_user == 0, "the parent is of another");
    CHECK_CHILD(session.ancestor_count >= 2 && session.ancestors[1].pid == (uint32_t)getppid(), "the chain has it");
    CHECK_CHILD(session.terminal == 0 && session.leader.pid == 0, "no terminal");
}

static void test_session(const void *argument)
{
    (void)argument;
    in_child(body_of_other_session);
}

static void test_deep(const void *argument)
{
    struct wire_session session;
    int status = 1;
    pid_t child = 0;

    (void)argument;
    for (int depth = 0; depth < 40 && child == 0; depth++)
        child = fork();
    if (child == 0) {
        gather(&session);
        _exit(session.ancestor_count == WIRE_ANCESTORS_MAX ? 0 : 1);
    }
    waitpid(child, &status, 0);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "%x", (unsigned)status);
}

/* An orphan's parent is who adopted it: /proc does not show more. */
static void test_orphan(const void *argument)
{
    struct wire_session session;
    struct wire_process parents[2] = {{0, 0}, {0, 0}};
    pid_t child;
    int ends[2];

    (void)argument;
    if (prctl(PR_SET_CHILD_SUBREAPER, 1) != 0 || pipe2(ends, O_CLOEXEC) != 0)
        abort();
    child = fork();
    if (child == 0) {
        pid_t middle = getpid();

        if (fork() == 0) {
            gather(&session);
            parents[0] = session.parent;
            if (write(ends[1], &parents[0], sizeof parents[0]) < 0)
                _exit(1);
            while (getppid() == middle)
                usleep(1000);
            gather(&session);
            if (write(ends[1], &session.parent, sizeof session.parent) < 0)
                _exit(1);
            _exit(0);
        }
        usleep(100 * 1000);
        _exit(0);
    }
    waitpid(child, NULL, 0);
    for (int i = 0; i < 2; i++)
        CHECK(read(ends[0], &parents[i], sizeof parents[i]) == sizeof parents[i], "parent %d", i);
    CHECK(parents[0].pid == (uint32_t)child, "%u", parents[0].pid);
    CHECK(parents[1].pid == (uint32_t)getpid(), "%u", parents[1].pid);
}

/* ---- terminals ---- */

static void become_leader_of(int terminal)
{
    setsid();
    if (ioctl(terminal, TIOCSCTTY, 0) != 0)
        abort();
}

static void open_pair(int *master, int *terminal, unsigned short columns)
{
    struct winsize size = {.ws_row = 24, .ws_col = columns};

    if (openpty(master, terminal, NULL, NULL, &size) != 0)
        abort();
}

static uint32_t number_of(int terminal)
{
    struct stat status;

    if (fstat(terminal, &status) != 0)
        abort();
    return (minor(status.st_rdev) & 0xFF) | (major(status.st_rdev) << 8) | ((minor(status.st_rdev) & ~0xFFU) << 12);
}

static void body_of_terminal(void)
{
    struct wire_session session;
    struct pollfd fd = {0};
    int master;
    int terminal;

    open_pair(&master, &terminal, 132);
    become_leader_of(terminal);
    gather(&session);
    CHECK_CHILD(session.terminal == number_of(terminal), "%u, not %u", session.terminal, number_of(terminal));
    CHECK_CHILD(session.leader.pid == (uint32_t)getpid() && session.leader.start == start_of(getpid()), "leader");
    CHECK_CHILD(session.columns == 132, "%u columns", session.columns);
    signal(SIGHUP, SIG_IGN);
    fd.fd = session_terminal();
    CHECK_CHILD(fd.fd > 2 && fcntl(fd.fd, F_GETFD) == FD_CLOEXEC, "fd %d", fd.fd);
    CHECK_CHILD(poll(&fd, 1, 0) == 0, "it has not hung up");
    CHECK_CHILD(write(master, "x\n", 2) == 2 && poll(&fd, 1, 0) == 0, "what is typed is no hang-up");
    close(master);
    CHECK_CHILD(poll(&fd, 1, 1000) == 1 && (fd.revents & POLLHUP) != 0, "it has hung up");
}

static void test_terminal(const void *argument)
{
    (void)argument;
    in_child(body_of_terminal);
}

/* When the leader dies, the kernel takes the terminal from the others. */
static void body_of_leader_that_dies(void)
{
    struct wire_session session;
    int master;
    int terminal;
    int ends[2];
    pid_t leader;
    char byte;

    open_pair(&master, &terminal, 80);
    if (pipe2(ends, O_CLOEXEC) != 0)
        abort();
    leader = fork();
    if (leader == 0) {
        become_leader_of(terminal);
        signal(SIGHUP, SIG_IGN);
        if (fork() == 0) {
            pid_t own = getppid();

            gather(&session);
            if (session.terminal == 0 || session.leader.pid != (uint32_t)own)
                _exit(1);
            close(0);
            while (getppid() == own)
                usleep(1000);
            gather(&session);
            if (session.terminal != 0 || session.leader.pid != 0 || session.id != (uint32_t)own || session.columns != 0)
                _exit(1);
            if (write(ends[1], "x", 1) != 1)
                _exit(1);
            _exit(0);
        }
        usleep(100 * 1000);
        _exit(0);
    }
    waitpid(leader, NULL, 0);
    close(ends[1]);
    CHECK_CHILD(read(ends[0], &byte, 1) == 1, "the facts without a leader");
}

static void test_dead_leader(const void *argument)
{
    (void)argument;
    in_child(body_of_leader_that_dies);
}

static void body_of_standard_input(void)
{
    struct wire_session session;
    int master;
    int terminal;

    setsid();
    open_pair(&master, &terminal, 65535);
    dup2(terminal, 0);
    gather(&session);
    CHECK_CHILD(session.columns == 65535 && session.terminal == 0, "%u columns", session.columns);
    CHECK_CHILD(session_terminal() == -1, "no controlling terminal");
    open_pair(&master, &terminal, 0);
    dup2(terminal, 0);
    gather(&session);
    CHECK_CHILD(session.columns == 0, "%u columns", session.columns);
    dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
    gather(&session);
    CHECK_CHILD(session.columns == 0, "%u columns", session.columns);
}

static void test_standard_input(const void *argument)
{
    (void)argument;
    in_child(body_of_standard_input);
}

static void test_descriptors(const void *argument)
{
    struct rlimit limit;
    struct wire_session session;

    (void)argument;
    getrlimit(RLIMIT_NOFILE, &limit);
    for (rlim_t most = 0; most <= 12; most++) {
        struct rlimit few = {most, limit.rlim_max};
        unsigned before = count_descriptors();

        setrlimit(RLIMIT_NOFILE, &few);
        gather(&session);
        setrlimit(RLIMIT_NOFILE, &limit);
        CHECK(most > 3 || (session.id == 0 && session.ancestor_count == 0 && session.parent.pid == 0), "%d", (int)most);
        CHECK(count_descriptors() == before, "descriptors");
    }
}

static void test_closed_stdio(const void *argument)
{
    struct wire_session session;

    (void)argument;
    close(0);
    close(1);
    close(2);
    gather(&session);
    CHECK(session.ancestors[0].pid == (uint32_t)getpid(), "the host");
    for (int fd = 0; fd <= 2; fd++)
        CHECK(fcntl(fd, F_GETFD) == -1, "fd %d", fd);
}

/* ---- a made-up /proc ---- */

struct made_up_file {
    const char *path;
    const char *text;
};

struct made_up_case {
    const char *rule;
    struct made_up_file files[8];
    struct wire_session session;
    bool of_another_type;
};

/* PID, command, state, parent, session, terminal, start. */
#define STAT(pid, command, state, parent, session, terminal, start)                                                    \
    #pid " (" command ") " #state " " #parent " 9 " #session " " #terminal " -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 " #start " 1 2\n"
#define UID(user) "Name:\tx\nUmask:\t0022\nUid:\t" #user "\t0\t0\t0\nGid:\t7\t7\t7\t7\n"
#define OWN {"self/stat", STAT(50, "sudo", S, 40, 30, 0, 500)}

static const struct made_up_case made_up_cases[] = {
    {"the whole chain is read",
     {{"self/stat", STAT(50, "sudo", S, 40, 30, 34816, 500)}, {"40/stat", STAT(40, "sh", S, 30, 30, 34816, 400)},
      {"40/status", UID(1001)}, {"30/stat", STAT(30, "bash", S, 20, 30, 34816, 300)}, {"20/stat", STAT(20, "sshd", S, 1, 20, 0, 200)}},
     {.id = 30, .terminal = 34816, .leader = {30, 300}, .parent = {40, 400}, .parent_session = 30, .parent_user = 1001,
      .ancestor_count = 4, .ancestors = {{50, 500}, {40, 400}, {30, 300}, {20, 200}}},
     false},
    {"another file system is not /proc", {OWN, {"40/stat", STAT(40, "sh", S, 1, 30, 0, 400)}, {"40/status", UID(1)}}, {0}, true},
    {"an empty /proc says nothing", {{NULL, NULL}}, {0}, false},
    {"the fields are counted from the last parenthesis",
     {{"self/stat", STAT(50, "a) S 1 1 (b)) R 2 2", S, 40, 30, 0, 500)}, {"40/stat", STAT(40, "((", S, 1, 30, 0, 400)}, {"40/status", UID(7)}},
     {.id = 30, .parent = {40, 400}, .parent_session = 30, .parent_user = 7, .ancestor_count = 2, .ancestors = {{50, 500}, {40, 400}}},
     false},
    {"a parent that is younger than its child is another process",
     {OWN, {"40/stat", STAT(40, "sh", S, 1, 30, 0, 501)}, {"40/status", UID(7)}},
     {.id = 30, .ancestor_count = 1, .ancestors = {{50, 500}}},
     false},
    {"a parent as old as its child may be one",
     {OWN, {"40/stat", STAT(40, "sh", S, 1, 30, 0, 500)}, {"40/status", UID(7)}},
     {.id = 30, .parent = {40, 500}, .parent_session = 30, .parent_user = 7, .ancestor_count = 2, .ancestors = {{50, 500}, {40, 500}}},
     false},
    {"a parent of another session is left out, not of the chain",
     {OWN, {"40/stat", STAT(40, "sh", S, 1, 29, 0, 400)}, {"40/status", UID(7)}},
     {.id = 30, .ancestor_count = 2, .ancestors = {{50, 500}, {40, 400}}},
     false},
    {"of a parent of another session the user is not read",
     {OWN, {"40/stat", STAT(40, "sshd", S, 20, 29, 0, 400)}, {"20/stat", STAT(20, "sshd", S, 1, 20, 0, 200)}},
     {.id = 30, .ancestor_count = 3, .ancestors = {{50, 500}, {40, 400}, {20, 200}}},
     false},
    {"a parent without a session is left out",
     {{"self/stat", STAT(50, "sudo", S, 40, 0, 0, 500)}, {"40/stat", STAT(40, "sh", S, 1, 0, 0, 400)}, {"40/status", UID(7)}},
     {.ancestor_count = 2, .ancestors = {{50, 500}, {40, 400}}},
     false},
    {"a leader is found outside of the chain",
     {{"self/stat", STAT(50, "sudo", S, 40, 30, 34816, 500)}, {"40/stat", STAT(40, "sh", S, 1, 30, 34816, 400)},
      {"40/status", UID(1001)}, {"30/stat", STAT(30, "bash", S, 1, 30, 34816, 300)}},
     {.id = 30, .terminal = 34816, .leader = {30, 300}, .parent = {40, 400}, .parent_session = 30, .parent_user = 1001,
      .ancestor_count = 2, .ancestors = {{50, 500}, {40, 400}}},
     false},
    {"a host may lead its own session",
     {{"self/stat", STAT(50, "sshd", S, 40, 50, 34816, 500)}, {"40/stat", STAT(40, "sshd", S, 1, 40, 0, 400)}},
     {.id = 50, .terminal = 34816, .leader = {50, 500}, .ancestor_count = 2, .ancestors = {{50, 500}, {40, 400}}},
     false},
    {"a leader that is younger is none",
     {{"self/stat", STAT(50, "sudo", S, 1, 30, 34816, 500)}, {"30/stat", STAT(30, "bash", S, 1, 30, 34816, 501)}},
     {.id = 30, .ancestor_count = 1, .ancestors = {{50, 500}}},
     false},
    {"a leader of another session is none",
     {{"self/stat", STAT(50, "sudo", S, 1, 30, 34816, 500)}, {"30/stat", STAT(30, "bash", S, 1, 29, 34816, 300)}},
     {.id = 30, .ancestor_count = 1, .ancestors = {{50, 500}}},
     false},
    {"a zombie leads nothing",
     {{"self/stat", STAT(50, "sudo", S, 1, 30, 34816, 500)}, {"30/stat", STAT(30, "bash", Z, 1, 30, 34816, 300)}},
     {.id = 30, .ancestor_count = 1, .ancestors = {{50, 500}}},
     false},
    {"a leader may be pid 1, as in a container",
     {{"self/stat", STAT(50, "sudo", S, 1, 1, 34816, 500)}, {"1/stat", STAT(1, "bash", S, 0, 1, 34816, 0)}},
     {.id = 1, .terminal = 34816, .leader = {1, 0}, .ancestor_count = 1, .ancestors = {{50, 500}}},
     false},
    {"pid 1 is no parent",
     {{"self/stat", STAT(50, "sudo", S, 1, 30, 0, 500)}, {"1/stat", STAT(1, "init", S, 0, 1, 0, 0)}, {"1/status", UID(0)}},
     {.id = 30, .ancestor_count = 1, .ancestors = {{50, 500}}},
     false},
    {"pid 1 has no ancestors", {{"self/stat", STAT(1, "sudo", S, 0, 1, 0, 0)}}, {.id = 1}, false},
    {"a parent of another namespace is none",
     {{"self/stat", STAT(50, "sudo", S, 0, 0, 34816, 500)}, {"0/stat", STAT(0, "x", S, 0, 0, 0, 0)}, {"0/status", UID(0)}},
     {.ancestor_count = 1, .ancestors = {{50, 500}}},
     false},
    {"a parent without a readable user is left out",
     {OWN, {"40/stat", STAT(40, "sh", S, 30, 30, 0, 400)}, {"40/status", "Name:\tx\nGid:\t7\t7\t7\t7\n"}},
     {.id = 30, .ancestor_count = 1, .ancestors = {{50, 500}}},
     false},
    {"a user must be a number",
     {OWN, {"40/stat", STAT(40, "sh", S, 30, 30, 0, 400)}, {"40/status", UID(-1)}},
     {.id = 30, .ancestor_count = 1, .ancestors = {{50, 500}}},
     false},
    {"a file about another process is not believed",
     {OWN, {"40/stat", STAT(41, "sh", S, 30, 30, 0, 400)}, {"40/status", UID(7)}},
     {.id = 30, .ancestor_count = 1, .ancestors = {{50, 500}}},
     false},
    {"a line that is cut says nothing", {{"self/stat", "50 (sudo) S 40 9 30 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 500"}}, {0}, false},
    {"a line without a command says nothing", {{"self/stat", "50 sudo S 40 9 30 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 500 1\n"}}, {0}, false},
    {"an empty line says nothing", {{"self/stat", ""}}, {0}, false},
    {"a line that ends in the command says nothing", {{"self/stat", "50 (sudo)"}}, {0}, false},
    {"a number that is too big says nothing", {{"self/stat", STAT(50, "sudo", S, 4294967296, 30, 0, 500)}}, {0}, false},
    {"a start that is too big says nothing", {{"self/stat", STAT(50, "sudo", S, 40, 30, 0, 18446744073709551616)}}, {0}, false},
    {"the biggest numbers are read",
     {{"self/stat", STAT(4294967295, "sudo", S, 1, 4294967295, 0, 18446744073709551615)}},
     {.id = 4294967295, .ancestor_count = 1, .ancestors = {{4294967295, 18446744073709551615U}}},
     false},
    {"pid 0 is nobody", {{"self/stat", STAT(0, "sudo", S, 40, 30, 0, 500)}}, {0}, false},
};

static void write_file(const char *folder, const struct made_up_file *file)
{
    char path[512];
    char *slash;
    FILE *stream;

    snprintf(path, sizeof path, "%s/%s", folder, file->path);
    slash = strrchr(path, '/');
    *slash = '\0';
    mkdir(path, 0755);
    *slash = '/';
    stream = fopen(path, "we");
    if (stream == NULL || fputs(file->text, stream) < 0)
        abort();
    fclose(stream);
}

static void check_same(const struct wire_session *is, const struct wire_session *should)
{
    CHECK(is->id == should->id, "session %u", is->id);
    CHECK(is->terminal == should->terminal, "terminal %u", is->terminal);
    CHECK(is->leader.pid == should->leader.pid && is->leader.start == should->leader.start, "leader %u", is->leader.pid);
    CHECK(is->parent.pid == should->parent.pid && is->parent.start == should->parent.start, "parent %u", is->parent.pid);
    CHECK(is->parent_session == should->parent_session, "its session %u", is->parent_session);
    CHECK(is->parent_user == should->parent_user, "its user %u", is->parent_user);
    CHECK(is->ancestor_count == should->ancestor_count, "%zu ancestors", is->ancestor_count);
    for (size_t i = 0; i < is->ancestor_count; i++)
        CHECK(is->ancestors[i].pid == should->ancestors[i].pid && is->ancestors[i].start == should->ancestors[i].start,
              "ancestor %zu: %u", i, is->ancestors[i].pid);
}

static void test_made_up(const void *argument)
{
    const struct made_up_case *row = argument;
    struct wire_session session;
    unsigned before = count_descriptors();
    uint8_t frame[WIRE_BEGIN_ROOM];
    struct wire_begin begin = {.user = "u", .service = "s", .timeout = 1};

    made_up = harness_folder();
    of_another_type = row->of_another_type;
    for (const struct made_up_file *file = row->files; file->path != NULL; file++)
        write_file(made_up, file);
    gather(&session);
    check_same(&session, &row->session);
    CHECK(count_descriptors() == before, "descriptors");
    begin.session = session;
    CHECK(wire_encode_begin(&begin, frame, sizeof frame) > 0, "what was read can be sent");
}

/* ---- the command ---- */

struct command_case {
    const char *rule;
    const char *bytes; /* of /proc/self/cmdline; NULL: it cannot be read */
    size_t size;
    const char *command;
    bool of_anybody; /* the host has no set-user-ID bit */
};

#define BYTES(text) text, sizeof(text) - 1
#define REPEAT_10(text) text text text text text text text text text text
#define REPEAT_1000(text) REPEAT_10(REPEAT_10(REPEAT_10(text)))

static const struct command_case command_cases[] = {
    {"the command of a host with a set-user-ID bit is its arguments", BYTES("sudo\0-u\0bob\0ls\0"), "sudo -u bob ls", false},
    {"the command of another host is left out", BYTES("login\0-p\0"), "", true},
    {"a command that cannot be read is left out", NULL, 0, "", false},
    {"a command without arguments is left out", BYTES(""), "", false},
    {"empty arguments at the end of a command do not show", BYTES("su\0\0\0"), "su", false},
    {"control characters in a command are shown as ?", BYTES("su\0-c\0a\nb\033[2J\x7F\0"), "su -c a?b?[2J?", false},
    {"a command may be any plain text", BYTES("sudo\0caf\xC3\xA9\0"), "sudo caf\xC3\xA9", false},
    {"of a command that is not UTF-8 the ASCII is shown", BYTES("sudo\0\xFF\xC3\xA9 x\0"), "sudo ??? x", false},
    {"a control character of two bytes is none of a command", BYTES("sudo\0\xC2\x9B" "31m\0"), "sudo ??31m", false},
    {"a command of 1,023 bytes is whole", BYTES(REPEAT_1000("a") REPEAT_10("b") REPEAT_10("c") "de\0"),
     REPEAT_1000("a") REPEAT_10("b") REPEAT_10("c") "de", false},
    {"a command of more bytes shows that it was cut", BYTES(REPEAT_1000("a") REPEAT_10("b") REPEAT_1000("c")),
     REPEAT_1000("a") REPEAT_10("b") REPEAT_10("c") " ...", false},
    {"a command that is cut within a character is still text", BYTES(REPEAT_1000("a") REPEAT_10("b") "cccccccccd\xC3\xA9" REPEAT_10("e")),
     REPEAT_1000("a") REPEAT_10("b") "cccccccccd ...", false},
    {"a command that is cut in a character is still text", BYTES(REPEAT_1000("a") REPEAT_10("b") "ccccccccc\xC3\xA9" REPEAT_10("e")),
     REPEAT_1000("a") REPEAT_10("b") "ccccccccc? ...", false},
};

static void test_command(const void *argument)
{
    const struct command_case *row = argument;
    struct wire_session session;
    char path[128];
    FILE *stream;

    made_up = harness_folder();
    snprintf(path, sizeof path, "%s/self", made_up);
    mkdir(path, 0755);
    snprintf(path, sizeof path, "%s/self/cmdline", made_up);
    if (row->bytes == NULL)
        mkdir(path, 0755); /* opens, and cannot be read */
    else {
        stream = fopen(path, "we");
        if (stream == NULL || fwrite(row->bytes, 1, row->size, stream) != row->size)
            abort();
        fclose(stream);
    }
    set_user_id = !row->of_anybody;
    gather(&session);
    CHECK(strcmp(session.command, row->command) == 0, "'%s'", session.command);
}

int main(void)
{
    harness_run("the facts are those of the host process", test_own, NULL);
    harness_run("a thread's facts are its process's", test_thread, NULL);
    harness_run("a command that looks like other fields changes nothing", test_named, NULL);
    harness_run("the parent's user is its real one", test_user, NULL);
    harness_run("a session without a terminal has none", test_session, NULL);
    harness_run("the chain has 32 processes at most", test_deep, NULL);
    harness_run("an orphan's parent is who adopted it", test_orphan, NULL);
    harness_run("a controlling terminal has its number, its leader, its width, and is seen to hang up", test_terminal, NULL);
    harness_run("a terminal whose leader is dead is none", test_dead_leader, NULL);
    harness_run("without a controlling terminal the width is standard input's", test_standard_input, NULL);
    harness_run("without descriptors facts are missing, and nothing leaks", test_descriptors, NULL);
    harness_run("nothing is left at 0 to 2", test_closed_stdio, NULL);
    for (size_t i = 0; i < sizeof made_up_cases / sizeof made_up_cases[0]; i++)
        harness_run(made_up_cases[i].rule, test_made_up, &made_up_cases[i]);
    for (size_t i = 0; i < sizeof command_cases / sizeof command_cases[0]; i++)
        harness_run(command_cases[i].rule, test_command, &command_cases[i]);
    return harness_finish();
}
