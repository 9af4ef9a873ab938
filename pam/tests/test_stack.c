/* The module in a real libpam stack, with a scripted daemon on a real socket and a person who answers by a script.
 *
 *   test_stack MODULE      as root; everything it makes lies in one folder that it removes
 *
 * Each case forks its daemon, so that the daemon's end is seen as the kernel shows it. Every wait has a limit: the alarm. */
#include "../wire.h"
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <security/pam_appl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PATIENCE = 60, /* seconds that the whole program may take */
    NOBODY = 65534,
};

static struct check_counts counts;
static char folder[64] = "/tmp/duet-test-XXXXXX";
static char module[PATH_MAX];
static char laid[128];  /* the socket that the module is told */
static int told[2]; /* the daemon tells a person who waits for it that it has sent all */

/* ---- frames of the daemon, by hand ---- */

struct frame {
    uint8_t bytes[2048];
    size_t size;
};

static struct frame frame_of(uint8_t type)
{
    return (struct frame){.bytes = {0x44, 0x55, 1, type}, .size = WIRE_HEADER_SIZE};
}

static void frame_put(struct frame *frame, uint16_t tag, const void *value, size_t size)
{
    const uint8_t header[4] = {0, (uint8_t)tag, (uint8_t)(size >> 8), (uint8_t)size};

    memcpy(frame->bytes + frame->size, header, sizeof header);
    memcpy(frame->bytes + frame->size + sizeof header, value, size);
    frame->size += sizeof header + size;
    frame->bytes[6] = (uint8_t)((frame->size - WIRE_HEADER_SIZE) >> 8);
    frame->bytes[7] = (uint8_t)(frame->size - WIRE_HEADER_SIZE);
}

static void frame_put_u32(struct frame *frame, uint16_t tag, uint32_t value)
{
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};

    frame_put(frame, tag, bytes, sizeof bytes);
}

static struct frame verdict_of(const uint8_t *nonce, uint32_t result)
{
    struct frame frame = frame_of(WIRE_VERDICT);

    frame_put(&frame, 1, nonce, WIRE_NONCE_SIZE);
    frame_put_u32(&frame, 2, result);
    frame_put(&frame, 3, "test", 4);
    frame_put(&frame, 4, "0123456789abcdef", 16);
    return frame;
}

static struct frame show_of(uint8_t style, const char *text)
{
    struct frame frame = frame_of(WIRE_SHOW);

    frame_put(&frame, 1, &style, 1);
    frame_put(&frame, 2, text, strlen(text));
    return frame;
}

static struct frame prompt_of(uint32_t number)
{
    struct frame frame = frame_of(WIRE_PROMPT);

    frame_put_u32(&frame, 1, number);
    frame_put(&frame, 2, "\1", 1);
    frame_put(&frame, 3, "Passcode: ", 10);
    return frame;
}

/* In one write, so that they arrive together. */
static void frame_append(struct frame *frames, struct frame next)
{
    memcpy(frames->bytes + frames->size, next.bytes, next.size);
    frames->size += next.size;
}

/* ---- the scripted daemon ---- */

enum script {
    NEVER_LISTENS,
    DEAD_SOCKET,
    SAYS_ALLOW,
    SAYS_IGNORE,
    SAYS_RETRY,
    SAYS_DENY,
    SAYS_UNKNOWN,
    SAYS_ZERO,
    SAYS_ONE,
    WRONG_NONCE,
    BYTE_BY_BYTE,
    HANGS_UP_AT_ONCE,
    HANGS_UP_AFTER_BEGIN,
    HANGS_UP_WITHIN_VERDICT,
    IS_SILENT,
    IS_GARBAGE,
    IS_NOBODY,
    SHOWS_AND_ALLOWS,
    ASKS_AND_CHECKS,
    ASKS_AND_WAITS,
    ASKS_TWICE_AT_ONCE,
    ASKS_OUT_OF_ORDER,
    VERDICT_WHILE_ASKING,
    SPEAKS_BEFORE_BEGIN,
};

static void send_all(int peer, const struct frame *frame)
{
    if (send(peer, frame->bytes, frame->size, MSG_NOSIGNAL) != (ssize_t)frame->size)
        _exit(1);
}

static void finish(int peer, const uint8_t *nonce, uint32_t result)
{
    struct frame frame = verdict_of(nonce, result);

    send_all(peer, &frame);
    close(peer);
    _exit(0);
}

/* The daemon has asked: allow if the answer is the expected frame, deny if it is another. */
static void check_answer(int peer, const uint8_t *nonce)
{
    uint8_t expected[WIRE_ANSWER_ROOM];
    uint8_t buffer[WIRE_ANSWER_ROOM];
    size_t size = wire_encode_answer(1, "123456", expected, sizeof expected);
    ssize_t count = recv(peer, buffer, size, MSG_WAITALL);

    finish(peer, nonce, count == (ssize_t)size && memcmp(buffer, expected, size) == 0 ? WIRE_ALLOW : WIRE_DENY);
}

static void converse(int peer, enum script script)
{
    uint8_t begin[WIRE_BEGIN_ROOM];
    struct frame frame = frame_of(WIRE_HEARTBEAT);
    uint8_t *nonce = begin + WIRE_HEADER_SIZE + 4;

    if (script == HANGS_UP_AT_ONCE)
        _exit(0);
    if (script == SPEAKS_BEFORE_BEGIN) {
        static const uint8_t zero[WIRE_NONCE_SIZE];

        finish(peer, zero, WIRE_ALLOW);
    }
    if (recv(peer, begin, sizeof begin, 0) <= WIRE_HEADER_SIZE + 4 + WIRE_NONCE_SIZE)
        _exit(1);
    switch (script) {
    case SAYS_ALLOW: finish(peer, nonce, WIRE_ALLOW); break;
    case SAYS_IGNORE: finish(peer, nonce, WIRE_IGNORE); break;
    case SAYS_RETRY: finish(peer, nonce, WIRE_RETRY); break;
    case SAYS_DENY: finish(peer, nonce, WIRE_DENY); break;
    case SAYS_UNKNOWN: finish(peer, nonce, WIRE_UNKNOWN); break;
    case SAYS_ZERO: finish(peer, nonce, 0); break;
    case SAYS_ONE: finish(peer, nonce, 1); break;
    case IS_NOBODY: finish(peer, nonce, WIRE_ALLOW); break;
    case WRONG_NONCE:
        nonce[3] ^= 1;
        finish(peer, nonce, WIRE_ALLOW);
        break;
    case BYTE_BY_BYTE:
        send_all(peer, &frame);
        frame = verdict_of(nonce, WIRE_ALLOW);
        for (size_t i = 0; i < frame.size; i++) {
            send(peer, frame.bytes + i, 1, MSG_NOSIGNAL);
            usleep(500);
        }
        break;
    case HANGS_UP_WITHIN_VERDICT:
        frame = verdict_of(nonce, WIRE_ALLOW);
        frame.size--;
        send_all(peer, &frame);
        break;
    case IS_GARBAGE:
        memset(frame.bytes, 'A', frame.size);
        send_all(peer, &frame);
        break;
    case SHOWS_AND_ALLOWS:
        frame = show_of(WIRE_INFORMATION, "information");
        send_all(peer, &frame);
        frame = show_of(WIRE_ERROR, "error");
        send_all(peer, &frame);
        finish(peer, nonce, WIRE_ALLOW);
        break;
    case ASKS_AND_CHECKS:
        frame = prompt_of(1);
        send_all(peer, &frame);
        check_answer(peer, nonce);
        break;
    case ASKS_AND_WAITS:
        frame = prompt_of(1);
        send_all(peer, &frame);
        /* An answer that must not come, or the end of the connection. */
        _exit(recv(peer, begin, sizeof begin, 0) == 0 ? 0 : 3);
    case ASKS_TWICE_AT_ONCE:
        frame = prompt_of(1);
        frame_append(&frame, prompt_of(2));
        frame_append(&frame, verdict_of(nonce, WIRE_ALLOW));
        send_all(peer, &frame);
        break;
    case ASKS_OUT_OF_ORDER:
        frame = prompt_of(2);
        send_all(peer, &frame);
        finish(peer, nonce, WIRE_ALLOW);
        break;
    case VERDICT_WHILE_ASKING:
        frame = prompt_of(1);
        send_all(peer, &frame);
        frame = verdict_of(nonce, WIRE_ALLOW);
        send_all(peer, &frame);
        if (write(told[1], "", 1) != 1)
            _exit(1);
        /* The person's answer comes too late to be sent. */
        _exit(recv(peer, begin, sizeof begin, 0) == 0 ? 0 : 3);
    case IS_SILENT:
        recv(peer, begin, sizeof begin, 0);
        break;
    case NEVER_LISTENS:
    case DEAD_SOCKET:
    case HANGS_UP_AT_ONCE:
    case HANGS_UP_AFTER_BEGIN:
    case SPEAKS_BEFORE_BEGIN:
        break;
    }
    _exit(0);
}

/* Listens, as root or as nobody, then serves one connection in a child; 0 when there is none to wait for. */
static pid_t daemon_start(enum script script)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener;
    int ready[2];
    char byte;
    pid_t child;

    snprintf(address.sun_path, sizeof address.sun_path, "%s/login.sock", folder);
    unlink(address.sun_path);
    if (script == NEVER_LISTENS)
        return 0;
    listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || pipe(ready) != 0)
        abort();
    if (script == DEAD_SOCKET) {
        close(listener);
        close(ready[0]);
        close(ready[1]);
        return 0;
    }
    child = fork();
    if (child == 0) {
        /* What listen() sees is what SO_PEERCRED tells. */
        if (script == IS_NOBODY && setuid(NOBODY) != 0)
            _exit(1);
        if (listen(listener, 4) != 0 || write(ready[1], "", 1) != 1)
            _exit(1);
        alarm(PATIENCE);
        converse(accept(listener, NULL, NULL), script);
    }
    close(ready[1]);
    if (child < 0 || read(ready[0], &byte, 1) != 1)
        abort();
    close(ready[0]);
    close(listener);
    return child;
}

/* Lets a daemon that nobody asked end: it still waits for its one connection. */
static void daemon_release(pid_t child, int *status)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s/login.sock", folder);
    /* Refused, when the daemon has had its connection and is gone. */
    (void)connect(connection, (struct sockaddr *)&address, sizeof address);
    close(connection);
    waitpid(child, status, 0);
}

/* ---- the person ---- */

struct person {
    const char *answer; /* NULL: the conversation fails */
    bool no_response;   /* success without a response */
    bool is_slow;       /* answers when the daemon has sent everything */
    unsigned prompts;
    unsigned information;
    unsigned errors;
};

static int conversation(int count, const struct pam_message **messages, struct pam_response **responses, void *data)
{
    struct person *person = data;
    char byte;

    if (count != 1)
        return PAM_CONV_ERR;
    *responses = calloc(1, sizeof **responses);
    switch (messages[0]->msg_style) {
    case PAM_TEXT_INFO: person->information++; break;
    case PAM_ERROR_MSG: person->errors++; break;
    default:
        person->prompts++;
        if (person->answer == NULL || (person->is_slow && read(told[0], &byte, 1) != 1))
            return PAM_CONV_ERR;
        if (!person->no_response)
            (*responses)->resp = strdup(person->answer);
    }
    return PAM_SUCCESS;
}

/* ---- a login ---- */

struct login {
    enum script script;
    const char *options;
    const char *ssh_connection;
    const char *before; /* lines before the module's */
    int flags;
    struct person person;
    int daemon_status; /* out */
};

static void service_write(const char *before, const char *options)
{
    char path[PATH_MAX];
    FILE *stream;

    snprintf(path, sizeof path, "%s/duet-test", folder);
    stream = fopen(path, "w");
    if (stream == NULL)
        abort();
    fprintf(stream, "%sauth required %s socket=%s %s\naccount required pam_permit.so\n", before, module, laid, options);
    fclose(stream);
}

static int descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 256; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

static int login(struct login *login)
{
    struct pam_conv talk = {conversation, &login->person};
    pid_t child = daemon_start(login->script);
    pam_handle_t *handle = NULL;
    char variable[128];
    int before;
    int result;

    service_write(login->before == NULL ? "" : login->before, login->options == NULL ? "" : login->options);
    if (pam_start_confdir("duet-test", "root", &talk, folder, &handle) != PAM_SUCCESS)
        abort();
    if (login->ssh_connection != NULL) {
        snprintf(variable, sizeof variable, "SSH_CONNECTION=%s", login->ssh_connection);
        pam_putenv(handle, variable);
    }
    before = descriptors();
    result = pam_authenticate(handle, login->flags);
    check_that(&counts, descriptors() == before, "no descriptor is left open", login->options);
    pam_end(handle, result);
    login->daemon_status = 0;
    if (child > 0)
        daemon_release(child, &login->daemon_status);
    return result;
}

static bool returns(enum script script, const char *options, int expected)
{
    struct login attempt = {.script = script, .options = options, .person = {.answer = "123456"}};
    int result = login(&attempt);

    if (result != expected)
        printf("script %d with %s: %d, not %d\n", (int)script, options, result, expected);
    return result == expected;
}

/* ---- the rules ---- */

static void check_verdicts(void)
{
    struct login over_ssh = {.script = SAYS_DENY, .ssh_connection = "192.0.2.7 50222 198.51.100.2 22"};
    static const struct {
        enum script script;
        int result;
    } rows[] = {
        {SAYS_ALLOW, PAM_SUCCESS}, {SAYS_RETRY, PAM_AUTH_ERR}, {SAYS_DENY, PAM_ABORT}, {SAYS_UNKNOWN, PAM_USER_UNKNOWN},
        /* libpam: a stack in which every module ignored is denied. */
        {SAYS_IGNORE, PAM_PERM_DENIED}, {BYTE_BY_BYTE, PAM_SUCCESS},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_that(&counts, returns(rows[i].script, "fail=closed", rows[i].result), "each verdict and its return value", "closed");
        check_that(&counts, returns(rows[i].script, "fail=open", rows[i].result), "each verdict and its return value", "open");
    }
    check_that(&counts, login(&over_ssh) == PAM_MAXTRIES, "a denial under sshd is PAM_MAXTRIES", "SSH_CONNECTION");
}

static void check_trouble(void)
{
    static const enum script scripts[] = {
        SAYS_ZERO, SAYS_ONE, WRONG_NONCE, HANGS_UP_AT_ONCE, HANGS_UP_AFTER_BEGIN, HANGS_UP_WITHIN_VERDICT, IS_GARBAGE,
        IS_NOBODY, ASKS_TWICE_AT_ONCE, ASKS_OUT_OF_ORDER, SPEAKS_BEFORE_BEGIN,
    };

    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        const char *rule = scripts[i] == WRONG_NONCE || scripts[i] == SPEAKS_BEFORE_BEGIN
                               ? "only the nonce of this login allows"
                               : "trouble with the daemon is PAM_SYSTEM_ERR";

        check_that(&counts, returns(scripts[i], "fail=closed", PAM_SYSTEM_ERR), rule, "closed");
        check_that(&counts, returns(scripts[i], "fail=open", PAM_SYSTEM_ERR), rule, "open");
    }
    check_that(&counts, returns(IS_SILENT, "timeout=1 fail=open", PAM_ABORT), "a deadline that passes is a denial", "open");
}

static void check_unreachable(void)
{
    static const char rule[] = "fail=open passes when nobody listens, and then alone";

    check_that(&counts, returns(NEVER_LISTENS, "", PAM_AUTHINFO_UNAVAIL), rule, "default");
    check_that(&counts, returns(NEVER_LISTENS, "fail=closed", PAM_AUTHINFO_UNAVAIL), rule, "closed");
    check_that(&counts, returns(NEVER_LISTENS, "fail=open", PAM_SUCCESS), rule, "open");
    check_that(&counts, returns(DEAD_SOCKET, "fail=closed", PAM_AUTHINFO_UNAVAIL), rule, "dead, closed");
    check_that(&counts, returns(DEAD_SOCKET, "fail=open", PAM_SUCCESS), rule, "dead, open");
    check_that(&counts, returns(NEVER_LISTENS, "fail=open fial=1", PAM_SERVICE_ERR),
               "a bad option is PAM_SERVICE_ERR", "fial");
}

static void check_path(void)
{
    static const char rule[] = "a path that somebody else could have laid is PAM_SYSTEM_ERR";
    static const char *const modes[] = {"fail=closed", "fail=open"};
    char link[80];

    for (size_t i = 0; i < 2; i++) {
        if (chmod(folder, 0770) != 0)
            abort();
        check_that(&counts, returns(SAYS_ALLOW, modes[i], PAM_SYSTEM_ERR), rule, "group may write");
        if (chmod(folder, 0755) != 0 || chown(folder, NOBODY, 0) != 0)
            abort();
        check_that(&counts, returns(SAYS_ALLOW, modes[i], PAM_SYSTEM_ERR), rule, "foreign owner");
        if (chown(folder, 0, 0) != 0)
            abort();
    }
    snprintf(link, sizeof link, "%s-link", folder);
    snprintf(laid, sizeof laid, "%s/login.sock", link);
    if (symlink(folder, link) != 0)
        abort();
    for (size_t i = 0; i < 2; i++)
        check_that(&counts, returns(SAYS_ALLOW, modes[i], PAM_SYSTEM_ERR), rule, "symbolic link");
    snprintf(laid, sizeof laid, "%s/login.sock", folder);
    unlink(link);
}

static void check_conversation(void)
{
    struct login asked = {.script = ASKS_AND_CHECKS, .person = {.answer = "123456"}};
    struct login wrong = {.script = ASKS_AND_CHECKS, .person = {.answer = "654321"}};
    /* pam_unix asks for the password, which is wrong, and leaves it as PAM_AUTHTOK. */
    struct login password = {.script = ASKS_AND_WAITS, .before = "auth optional pam_unix.so nodelay\n", .person = {.answer = "hunter2"}};
    struct login gone = {.script = ASKS_AND_WAITS};
    struct login empty = {.script = ASKS_AND_WAITS, .person = {.answer = "x", .no_response = true}};
    struct login control = {.script = ASKS_AND_WAITS, .person = {.answer = "1\x1b[2J"}};
    struct login late = {.script = VERDICT_WHILE_ASKING, .person = {.answer = "123456", .is_slow = true}};
    struct login shown = {.script = SHOWS_AND_ALLOWS};
    struct login silent = {.script = SHOWS_AND_ALLOWS, .flags = PAM_SILENT};

    check_that(&counts, login(&asked) == PAM_SUCCESS && asked.person.prompts == 1, "an answer is sent as it is", "right");
    check_that(&counts, login(&wrong) == PAM_ABORT, "an answer is sent as it is", "wrong");
    check_that(&counts, login(&password) == PAM_CONV_ERR && password.person.prompts == 2 && password.daemon_status == 0,
               "an answer that is the login password is not sent", "PAM_AUTHTOK");
    check_that(&counts, login(&gone) == PAM_CONV_ERR && gone.daemon_status == 0, "no answer is PAM_CONV_ERR", "error");
    check_that(&counts, login(&empty) == PAM_CONV_ERR && empty.daemon_status == 0, "no answer is PAM_CONV_ERR", "NULL");
    check_that(&counts, login(&control) == PAM_CONV_ERR && control.daemon_status == 0,
               "an answer with control characters is not sent", "ESC");
    check_that(&counts, login(&late) == PAM_SUCCESS && late.daemon_status == 0,
               "a verdict that came while the person typed goes before the answer", "late");
    check_that(&counts, login(&shown) == PAM_SUCCESS && shown.person.information == 1 && shown.person.errors == 1,
               "messages are shown", "0");
    check_that(&counts, login(&silent) == PAM_SUCCESS && silent.person.information == 0 && silent.person.errors == 1,
               "PAM_SILENT keeps information back, not errors", "PAM_SILENT");
}

/* sudo blocks SIGINT while PAM runs: Ctrl-C is seen because it is pending. */
static void check_interrupt(void)
{
    struct login interrupted = {.script = IS_SILENT, .options = "fail=open"};
    struct timespec none = {0};
    sigset_t signals;
    sigset_t old;
    int result;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, &old);
    raise(SIGINT);
    result = login(&interrupted);
    check_that(&counts, result == PAM_ABORT, "Ctrl-C that the host has blocked ends the wait", "SIGINT");
    check_that(&counts, sigtimedwait(&signals, NULL, &none) == SIGINT, "the signal is left for the host", "SIGINT");
    sigprocmask(SIG_SETMASK, &old, NULL);
}

/* In a child each: `ulimit -n 5; su` is the model case. The daemon would allow; nobody listening is not the point. */
static void check_limits(void)
{
    for (rlim_t limit = 0; limit <= 16; limit++)
        for (int open = 0; open <= 1; open++) {
            struct login attempt = {.script = HANGS_UP_AFTER_BEGIN, .options = open ? "fail=open" : "fail=closed"};
            struct pam_conv talk = {conversation, &attempt.person};
            struct rlimit few = {limit, limit};
            pid_t daemon = daemon_start(attempt.script);
            pid_t child;
            int status = 0;

            service_write("", attempt.options);
            child = fork();
            if (child == 0) {
                pam_handle_t *handle = NULL;
                int result = PAM_SYSTEM_ERR;

                alarm(PATIENCE);
                /* The module is loaded while there still are descriptors, as in a host that was started with few. */
                if (pam_start_confdir("duet-test", "root", &talk, folder, &handle) == PAM_SUCCESS &&
                    setrlimit(RLIMIT_NOFILE, &few) == 0)
                    result = pam_authenticate(handle, 0);
                _exit(result == PAM_SUCCESS ? 1 : 0);
            }
            waitpid(child, &status, 0);
            check_that(&counts, WIFEXITED(status) && WEXITSTATUS(status) == 0, "no number of descriptors opens the door",
                       attempt.options);
            daemon_release(daemon, &status);
        }
}

int main(int argc, char **argv)
{
    char path[PATH_MAX];

    if (argc != 2 || realpath(argv[1], module) == NULL || getuid() != 0 || mkdtemp(folder) == NULL ||
        chmod(folder, 0755) != 0 || pipe(told) != 0) {
        fprintf(stderr, "test_stack: as root, with the path of the module: %s\n", strerror(errno));
        return 2;
    }
    snprintf(laid, sizeof laid, "%s/login.sock", folder);
    alarm(PATIENCE);
    setvbuf(stdout, NULL, _IOLBF, 0);
    check_verdicts();
    check_trouble();
    check_unreachable();
    check_path();
    check_conversation();
    check_interrupt();
    check_limits();
    snprintf(path, sizeof path, "%s/login.sock", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/duet-test", folder);
    unlink(path);
    rmdir(folder);
    return check_close(&counts);
}
