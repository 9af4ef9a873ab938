/* Facts about the session of the host process, from /proc and its terminal: what a decision may be remembered by. */
#include "session.h"

#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

enum {
    /* One read: the fields that are wanted end before byte 600 of a stat, and before byte 300 of a status. */
    FILE_ROOM = 1024,
    NAME_ROOM = sizeof "4294967295/stat",
    INITIAL = 1, /* pid 1 */
};

/* Fields of /proc/PID/stat, as proc(5) counts them. */
enum {
    STAT_STATE = 3,
    STAT_PARENT = 4,
    STAT_SESSION = 6,
    STAT_TERMINAL = 7,
    STAT_START = 22,
};

struct stat_line {
    struct wire_process process;
    char state;
    uint32_t parent;
    uint32_t session;
    uint32_t terminal;
};

/* ---- text ---- */

/* The decimal number at `*text`, which `end` must follow; `*text` is left behind that. */
static bool parse_number(const char **text, char end, uint64_t most, uint64_t *number)
{
    const char *digit = *text;
    bool valid = *digit >= '0' && *digit <= '9';

    *number = 0;
    for (; valid && *digit >= '0' && *digit <= '9'; digit++) {
        uint64_t value = (uint64_t)(*digit - '0');

        valid = *number <= (most - value) / 10;
        *number = *number * 10 + value;
    }
    valid = valid && *digit == end;
    *text = digit + 1;
    return valid;
}

static bool parse_u32(const char *text, uint32_t *number)
{
    uint64_t wide = 0;
    bool valid = parse_number(&text, ' ', UINT32_MAX, &wide);

    *number = (uint32_t)wide;
    return valid;
}

/* "PID (COMMAND) STATE PPID ...": the command is what its owner likes, spaces and parentheses included, so the fields
 * are counted from the last parenthesis. */
static bool stat_parse(const char *text, struct stat_line *line)
{
    const char *at = strrchr(text, ')');
    const char *fields[STAT_START + 1] = {text};
    uint64_t number = 0;
    bool valid = at != NULL && at[1] == ' ';

    if (valid)
        at += 2;
    for (int field = STAT_STATE; valid && field <= STAT_START; field++) {
        fields[field] = at;
        at = strchr(at, ' ');
        valid = at != NULL;
        if (valid)
            at++;
    }
    valid = valid && parse_u32(text, &line->process.pid) && parse_u32(fields[STAT_PARENT], &line->parent) &&
            parse_u32(fields[STAT_SESSION], &line->session) && parse_u32(fields[STAT_TERMINAL], &line->terminal) &&
            parse_number(&fields[STAT_START], ' ', UINT64_MAX, &number) && line->process.pid != 0;
    if (valid) {
        line->process.start = number;
        line->state = *fields[STAT_STATE];
    }
    return valid;
}

/* The first number of the line "Uid:" is the real user id. The command, two lines above, has its newlines escaped. */
static bool status_parse(const char *text, uint32_t *user)
{
    const char *at = strstr(text, "\nUid:\t");
    uint64_t number = 0;
    bool valid = at != NULL;

    if (valid) {
        at += strlen("\nUid:\t");
        valid = parse_number(&at, '\t', UINT32_MAX, &number);
    }
    *user = (uint32_t)number;
    return valid;
}

/* ---- /proc ---- */

/* Open /proc itself, and nothing else that may lie there. */
static int proc_open(void)
{
    int proc = socket_above_stdio(open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC));
    struct statfs system;

    if (proc >= 0 && (fstatfs(proc, &system) != 0 || (unsigned long)system.f_type != PROC_SUPER_MAGIC)) {
        close(proc);
        proc = -1;
    }
    return proc;
}

/* "PID", and `file` behind it. */
static void proc_name(char name[NAME_ROOM], uint32_t pid, const char *file)
{
    char *at = name;
    uint32_t unit = 1;

    while (pid / unit >= 10)
        unit *= 10;
    for (; unit > 0; unit /= 10)
        *at++ = (char)('0' + pid / unit % 10);
    memcpy(at, file, strlen(file) + 1);
}

/* The beginning of a file, with a NUL behind it. */
static bool proc_read(int folder, const char *name, char text[FILE_ROOM])
{
    int fd = socket_above_stdio(openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOCTTY));
    ssize_t count = -1;

    if (fd >= 0) {
        do
            count = read(fd, text, FILE_ROOM - 1);
        while (count < 0 && errno == EINTR);
        close(fd);
    }
    text[count > 0 ? count : 0] = '\0';
    return count > 0;
}

/* Read the stat of a process that lives. */
static bool process_read(int folder, const char *name, uint32_t pid, struct stat_line *line)
{
    char text[FILE_ROOM];

    return proc_read(folder, name, text) && stat_parse(text, line) && line->process.pid == pid &&
           strchr("ZXx", line->state) == NULL;
}

static bool process_find(int proc, uint32_t pid, struct stat_line *line)
{
    char name[NAME_ROOM];

    proc_name(name, pid, "/stat");
    return process_read(proc, name, pid, line);
}

/* Read about the parent; about its user only if it is in the session of its child, for status is the dearest file of all.
 * Two files, so through its folder: that stays the parent's, whoever gets the pid later. */
static bool process_find_parent(int proc, const struct stat_line *child, struct stat_line *line, uint32_t *user)
{
    char name[NAME_ROOM];
    char text[FILE_ROOM];
    bool known = false;
    int folder;

    proc_name(name, child->parent, "");
    folder = socket_above_stdio(openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (folder >= 0) {
        known = process_read(folder, "stat", child->parent, line) &&
                (line->session != child->session || line->session == 0 ||
                 (proc_read(folder, "status", text) && status_parse(text, user)));
        close(folder);
    }
    return known;
}

/* ---- the facts ---- */

/* The terminal, if `line` is about the leader of the host's session, no younger than the host. */
static void session_take_leader(struct wire_session *session, const struct stat_line *own, const struct stat_line *line)
{
    if (own->terminal != 0 && own->session != 0 && line->process.pid == own->session && line->session == own->session &&
        line->process.start <= own->process.start) {
        session->terminal = own->terminal;
        session->leader = line->process;
    }
}

/* The chain upwards. A parent that is younger than its child has got a pid that was given again: not a parent. */
static void session_read_ancestors(struct wire_session *session, int proc, const struct stat_line *own)
{
    struct stat_line child = *own;
    bool known = own->process.pid > INITIAL;

    while (known && session->ancestor_count < WIRE_ANCESTORS_MAX) {
        struct stat_line parent;
        uint32_t user = 0;
        bool first = session->ancestor_count == 0;

        session->ancestors[session->ancestor_count++] = child.process;
        session_take_leader(session, own, &child);
        known = child.parent > INITIAL &&
                (first ? process_find_parent(proc, own, &parent, &user) : process_find(proc, child.parent, &parent)) &&
                parent.process.start <= child.process.start;
        if (known && first && parent.session != 0 && parent.session == own->session) {
            session->parent = parent.process;
            session->parent_session = parent.session;
            session->parent_user = user;
        }
        if (known)
            child = parent;
    }
}

/* The leader is in the chain, if it is not another's child by now. */
static void session_read_terminal(struct wire_session *session, int proc, const struct stat_line *own)
{
    struct stat_line leader;

    if (own->terminal != 0 && own->session != 0 && session->terminal == 0 && process_find(proc, own->session, &leader))
        session_take_leader(session, own, &leader);
}

/* Make a text for one line out of arguments with NULs between them. */
static void command_clean(char *text, size_t count)
{
    bool plain;

    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte == '\0')
            text[i] = ' ';
        else if (byte < 0x20 || byte == 0x7F)
            text[i] = '?';
    }
    while (count > 0 && text[count - 1] == ' ')
        count--;
    text[count] = '\0';
    plain = wire_is_text(text, count, false);
    for (size_t i = 0; !plain && i < count; i++) {
        if (((unsigned char)text[i] & 0x80) != 0)
            text[i] = '?';
    }
}

/* What the caller asked a set-user-ID host for: neither the arguments nor the host's memory is theirs to change now. Of
 * another host it would say nothing, or what its user likes. */
static void session_read_command(struct wire_session *session, int proc)
{
    static const char more[] = " ...";
    enum {
        LEAST = WIRE_COMMAND_MAX - sizeof more + 1,
    };
    int fd = getauxval(AT_SECURE) == 0 ? -1 : socket_above_stdio(openat(proc, "self/cmdline", O_RDONLY | O_CLOEXEC));
    size_t count = 0;
    ssize_t got = 1;

    if (fd >= 0) {
        while (got > 0 && count < sizeof session->command - 1) {
            got = read(fd, session->command + count, sizeof session->command - 1 - count);
            if (got < 0 && errno == EINTR)
                got = 1;
            else if (got > 0)
                count += (size_t)got;
        }
        close(fd);
        if (got < 0)
            count = 0;
        if (count == sizeof session->command - 1) { /* what was cut has to show */
            command_clean(session->command, LEAST);
            memcpy(session->command + strlen(session->command), more, sizeof more);
        } else
            command_clean(session->command, count);
    }
}

static bool columns_read(int fd, uint32_t *columns)
{
    struct winsize size = {0};
    bool known = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col != 0;

    if (known)
        *columns = size.ws_col;
    return known;
}

int session_terminal(void)
{
    return socket_above_stdio(open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC | O_NONBLOCK));
}

void session_gather(struct wire_session *session, int terminal)
{
    int proc = proc_open();
    char text[FILE_ROOM];
    struct stat_line own;

    memset(session, 0, sizeof *session);
    if (proc >= 0) {
        /* "self" is the process, never a thread, in the pid namespace of this /proc. */
        if (proc_read(proc, "self/stat", text) && stat_parse(text, &own)) {
            session->id = own.session;
            session_read_ancestors(session, proc, &own);
            session_read_terminal(session, proc, &own);
        }
        session_read_command(session, proc);
        close(proc);
    }
    if (terminal < 0 || !columns_read(terminal, &session->columns))
        columns_read(STDIN_FILENO, &session->columns);
}
