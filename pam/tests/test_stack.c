/* The module in a real libpam stack, between a scripted host and a scripted daemon: what it returns, and what it must
 * never do. */
#include "capture.h"
#include "daemon.h"
#include "harness.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <pty.h>
#include <security/pam_appl.h>
#include <security/pam_modules.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    SILENCE = 400, /* milliseconds: DUET_SILENCE of the module that is tested */
    STRANGER = 65534,
    DUET = 64999, /* as in tests/passwd */
};

static char module[PATH_MAX];
static char authtok_module[PATH_MAX];

/* ---- the host's conversation ---- */

/* A message that the host must get, and what it does then. */
struct line {
    int style; /* 0 ends the list */
    const char *text; /* NULL: any */
    const char *answer;
    int returns;
    bool nothing;   /* no response at all, not even an empty one */
    size_t size;    /* of the answer, when there is a NUL in it */
    unsigned pause; /* milliseconds */
    void (*also)(void);
};

struct host {
    const struct line *lines;
    size_t at;
};

static pam_handle_t *current;
static int current_client = -1;

/* Answers that were handed to the module, and whether they were wiped before they were freed. */
static struct {
    const char *text;
    bool wiped;
} answers[8];
static size_t answer_count;

/* In the place of libc's: the module must wipe with it. */
void explicit_bzero(void *bytes, size_t size);
void explicit_bzero(void *bytes, size_t size)
{
    volatile unsigned char *at = bytes;

    for (size_t i = 0; i < answer_count; i++)
        if (answers[i].text == bytes && strlen(bytes) == size)
            answers[i].wiped = true;
    while (size-- > 0)
        *at++ = 0;
}

static int converse(int count, const struct pam_message **messages, struct pam_response **responses, void *data)
{
    struct host *host = data;
    const struct line *line = &host->lines[host->at];

    CHECK(count == 1, "%d messages", count);
    if (line->style == 0) {
        CHECK(false, "a message too many: %s", messages[0]->msg);
        return PAM_CONV_ERR;
    }
    host->at++;
    CHECK(messages[0]->msg_style == line->style, "style %d of '%s'", messages[0]->msg_style, messages[0]->msg);
    CHECK(line->text == NULL || strcmp(messages[0]->msg, line->text) == 0, "'%s'", messages[0]->msg);
    if (line->pause > 0)
        usleep(line->pause * 1000);
    if (line->also != NULL)
        line->also();
    *responses = NULL;
    if (line->nothing)
        return line->returns;
    if (line->answer != NULL || line->returns == PAM_SUCCESS)
        *responses = calloc(1, sizeof **responses);
    if (line->answer != NULL) {
        (*responses)->resp = calloc(1, (line->size > 0 ? line->size : strlen(line->answer)) + 1);
        memcpy((*responses)->resp, line->answer, line->size > 0 ? line->size : strlen(line->answer));
        answers[answer_count++].text = (*responses)->resp;
    }
    return line->returns;
}

static void change_user(void)
{
    pam_set_item(current, PAM_USER, "mallory");
}

static void close_client(void)
{
    close(current_client);
}

static void stdio_is_closed(void)
{
    for (int fd = 0; fd <= 2; fd++)
        CHECK(fcntl(fd, F_GETFD) == -1, "descriptor %d is open while the host converses", fd);
}

/* ---- scenarios ---- */

enum listening {
    LISTENS,
    NO_SOCKET,
    DEAD_SOCKET,
    MUST_NOT_BE_CALLED,
    QUEUE_FULL,
};

struct scenario {
    const char *rule;
    struct step daemon[14];
    struct line conversation[6];
    int expected;
    bool open_passes; /* with fail=open it is PAM_SUCCESS */
    enum listening listening;
    bool bytewise;
    uid_t peer;
    mode_t folder_mode; /* 0: as it is */
    unsigned timeout;   /* seconds; 0: 5 */
    const char *options;
    const char *user; /* NULL: alice */
    bool no_user;
    int flags;
    const char *environment[3];
    int item;
    const char *item_value;
    const char *password; /* PAM_AUTHTOK */
    const char *stack;    /* lines behind */
    const char *control;  /* NULL: required */
    bool client;          /* with an ssh client */
    bool terminal;        /* with a controlling terminal */
    bool background;      /* of another process group than ours */
    bool answers_left;    /* an answer is not the module's to wipe */
    bool blocked;         /* SIGINT and SIGQUIT are blocked */
    bool pending;         /* and SIGINT is pending */
    bool stdio_closed;
    bool prefetch;        /* the line has neither fail= nor timeout= */
    unsigned least; /* milliseconds that it takes at least */
    unsigned most;  /* and at most; 0: 3000 */
    const char *logged;
};

#define ALLOW {STEP_VERDICT, 0, "ALLW"}
#define DENY {STEP_VERDICT, 0, "DENY"}
#define RAW(bytes) {STEP_RAW, sizeof(bytes) - 1, bytes}
#define HAS(tag, text) {STEP_HAS, tag, text}
#define SSH "SSH_CONNECTION=192.0.2.7 50222 198.51.100.2 22"

static char long_256[257];
static char long_257[258];
static char long_512[513];
static char long_513[514];
static char long_100000[100001];
static char auth_8192[8192 + 32];
static char auth_8193[8193 + 32];
static char own_uid[16];

static const struct scenario verdicts[] = {
    {.rule = "allow is PAM_SUCCESS",
     .daemon = {ALLOW},
     .expected = PAM_SUCCESS,
     .logged = "<6> login f00dcafe allowed: some_reason, user=alice"},
    {.rule = "deny is PAM_ABORT without SSH_CONNECTION",
     .daemon = {DENY},
     .expected = PAM_ABORT,
     .logged = "<5> login f00dcafe refused: some_reason, user=alice"},
    {.rule = "deny is PAM_MAXTRIES with SSH_CONNECTION",
     .daemon = {HAS(10, "192.0.2.7 50222 198.51.100.2 22"), DENY},
     .environment = {SSH},
     .expected = PAM_MAXTRIES},
    {.rule = "deny is PAM_ABORT with an empty SSH_CONNECTION",
     .daemon = {{STEP_HAS_NOT, 10, NULL}, DENY},
     .environment = {"SSH_CONNECTION="},
     .expected = PAM_ABORT},
    {.rule = "retry is PAM_AUTH_ERR", .daemon = {{STEP_VERDICT, 0, "RTRY"}}, .expected = PAM_AUTH_ERR},
    {.rule = "unknown is PAM_USER_UNKNOWN", .daemon = {{STEP_VERDICT, 0, "USER"}}, .expected = PAM_USER_UNKNOWN},
    {.rule = "ignore is PAM_IGNORE",
     .daemon = {{STEP_VERDICT, 0, "IGNR"}},
     .control = "[ignore=2 success=ok default=die]",
     .stack = "auth required pam_deny.so\nauth required pam_deny.so\nauth required pam_permit.so\n",
     .expected = PAM_SUCCESS,
     .logged = "<6> login f00dcafe not applicable: some_reason"},
    {.rule = "ignore alone lets nobody in", .daemon = {{STEP_VERDICT, 0, "IGNR"}}, .expected = PAM_PERM_DENIED},
    {.rule = "ignore never overrules a refusal",
     .daemon = {{STEP_VERDICT, 0, "IGNR"}},
     .stack = "auth required pam_deny.so\n",
     .expected = PAM_AUTH_ERR},
    {.rule = "nothing but an ignore verdict is PAM_IGNORE",
     .daemon = {{STEP_HANG_UP, 0, NULL}},
     .control = "[ignore=2 success=ok default=die]",
     .stack = "auth required pam_deny.so\nauth required pam_deny.so\nauth required pam_permit.so\n",
     .expected = PAM_SYSTEM_ERR},
    {.rule = "frames may come byte by byte",
     .daemon = {{STEP_SHOW, 1, "Hello"}, {STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, "123456"}, ALLOW},
     .conversation = {{.style = PAM_TEXT_INFO, .text = "Hello"},
                      {.style = PAM_PROMPT_ECHO_ON, .text = "Code: ", .answer = "123456"}},
     .bytewise = true,
     .expected = PAM_SUCCESS},
    {.rule = "a refusal byte by byte is one", .daemon = {DENY}, .bytewise = true, .expected = PAM_ABORT},
    {.rule = "what follows a verdict is not read: deny, then allow", .daemon = {DENY, ALLOW}, .expected = PAM_ABORT},
    {.rule = "what follows a verdict is not read: allow, then noise", .daemon = {ALLOW, RAW("x")}, .expected = PAM_SUCCESS},
};

static const struct scenario troubles[] = {
    {.rule = "nobody listening: no socket",
     .listening = NO_SOCKET,
     .expected = PAM_AUTHINFO_UNAVAIL,
     .open_passes = true,
     .logged = "unreachable"},
    {.rule = "nobody listening: no socket, over ssh",
     .listening = NO_SOCKET,
     .environment = {SSH},
     .expected = PAM_AUTHINFO_UNAVAIL,
     .open_passes = true},
    {.rule = "nobody listening: a dead socket",
     .listening = DEAD_SOCKET,
     .expected = PAM_AUTHINFO_UNAVAIL,
     .open_passes = true,
     .logged = "unreachable"},
    {.rule = "only the nonce of this login allows",
     .daemon = {{STEP_OTHER_VERDICT, 0, "ALLW"}},
     .expected = PAM_SYSTEM_ERR,
     .logged = "<1> login refused: the daemon sent the verdict of another one"},
    {.rule = "another nonce does not deny either", .daemon = {{STEP_OTHER_VERDICT, 0, "DENY"}}, .expected = PAM_SYSTEM_ERR},
    {.rule = "the daemon hangs up after BEGIN", .daemon = {{STEP_HANG_UP, 0, NULL}}, .expected = PAM_SYSTEM_ERR},
    {.rule = "the daemon hangs up between frames",
     .daemon = {{STEP_SHOW, 1, "Hello"}, {STEP_HANG_UP, 0, NULL}},
     .conversation = {{.style = PAM_TEXT_INFO, .text = "Hello"}},
     .expected = PAM_SYSTEM_ERR},
    {.rule = "the daemon hangs up within an allow",
     .daemon = {{STEP_CUT_VERDICT, 60, "ALLW"}, {STEP_HANG_UP, 0, NULL}},
     .expected = PAM_SYSTEM_ERR},
    {.rule = "the daemon hangs up while the person types",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_HANG_UP, 0, NULL}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "123456", .pause = 100}},
     .expected = PAM_SYSTEM_ERR},
    {.rule = "the daemon hangs up after the answer",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, "123456"}, {STEP_HANG_UP, 0, NULL}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "123456"}},
     .expected = PAM_SYSTEM_ERR},
    {.rule = "the daemon is silent", .expected = PAM_SYSTEM_ERR, .least = SILENCE, .most = 1500, .logged = "silent"},
    {.rule = "a part of a frame is silence too",
     .daemon = {{STEP_CUT_VERDICT, 60, "ALLW"}},
     .expected = PAM_SYSTEM_ERR,
     .least = SILENCE,
     .most = 1500,
     .logged = "silent"},
    {.rule = "a byte now and then is silence too",
     .daemon = {RAW("D"), {STEP_PAUSE, 200, NULL}, RAW("U"), {STEP_PAUSE, 150, NULL}, RAW("\1"), {STEP_PAUSE, 150, NULL}, RAW("\x84")},
     .expected = PAM_SYSTEM_ERR,
     .least = SILENCE,
     .most = 1500},
    {.rule = "heartbeats keep a login alive beyond the silence",
     .daemon = {{STEP_PAUSE, 200, NULL}, {STEP_HEARTBEAT, 0, NULL}, {STEP_PAUSE, 200, NULL}, {STEP_HEARTBEAT, 0, NULL},
                {STEP_PAUSE, 200, NULL}, {STEP_HEARTBEAT, 0, NULL}, {STEP_PAUSE, 200, NULL}, ALLOW},
     .least = 2 * SILENCE,
     .expected = PAM_SUCCESS},
    {.rule = "out of time is PAM_ABORT",
     .daemon = {{STEP_HAS_TIMEOUT, 1000, NULL}, {STEP_HEARTBEATS, 0, NULL}},
     .timeout = 1,
     .expected = PAM_ABORT,
     .least = 1000,
     .most = 1800,
     .logged = "<5> login refused: timeout, user=alice"},
    {.rule = "out of time is PAM_MAXTRIES with SSH_CONNECTION",
     .daemon = {{STEP_HEARTBEATS, 0, NULL}},
     .environment = {SSH},
     .timeout = 1,
     .expected = PAM_MAXTRIES,
     .least = 1000,
     .most = 1800},
    {.rule = "an allow that came after the time is not taken",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "123456", .pause = 1100}},
     .timeout = 1,
     .expected = PAM_ABORT},
    {.rule = "no flood outlasts the time",
     .daemon = {{STEP_HEARTBEATS, 0, NULL}},
     .bytewise = true,
     .timeout = 1,
     .expected = PAM_ABORT,
     .least = 1000,
     .most = 1800},
    {.rule = "malformed: noise", .daemon = {RAW("HTTP/1.1 200 OK\r\n")}, .expected = PAM_SYSTEM_ERR, .logged = "malformed"},
    {.rule = "malformed: another version", .daemon = {RAW("DU\2\x84\0\0\0\0")}, .expected = PAM_SYSTEM_ERR},
    {.rule = "malformed: a frame of the other direction", .daemon = {RAW("DU\1\1\0\0\0\0")}, .expected = PAM_SYSTEM_ERR},
    {.rule = "malformed: a type that nobody knows", .daemon = {RAW("DU\1\x85\0\0\0\0"), ALLOW}, .expected = PAM_SYSTEM_ERR},
    {.rule = "malformed: a length over the cap", .daemon = {RAW("DU\1\x81\0\0\x3F\xF9"), ALLOW}, .expected = PAM_SYSTEM_ERR},
    {.rule = "malformed: an empty verdict", .daemon = {RAW("DU\1\x83\0\0\0\0"), ALLOW}, .expected = PAM_SYSTEM_ERR},
    {.rule = "malformed: a result that does not exist", .daemon = {{STEP_VERDICT, 0, "allw"}}, .expected = PAM_SYSTEM_ERR},
    {.rule = "malformed: an escape sequence is not shown",
     .daemon = {{STEP_SHOW, 2, "\x1b]0;x\a"}, ALLOW},
     .expected = PAM_SYSTEM_ERR},
    {.rule = "out of order: a second prompt before the answer",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_PROMPT, 2, "Code again: "}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .text = "Code: ", .answer = "123456", .pause = 100}},
     .expected = PAM_SYSTEM_ERR,
     .logged = "out of order"},
    {.rule = "out of order: the first prompt is the second",
     .daemon = {{STEP_PROMPT, 2, "Code: "}, ALLOW},
     .expected = PAM_SYSTEM_ERR},
    {.rule = "out of order: a prompt's number comes again",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, "1"}, {STEP_PROMPT, 1, "Code: "}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "1"}},
     .expected = PAM_SYSTEM_ERR},
    {.rule = "another user behind the socket gets no BEGIN",
     .daemon = {{STEP_NO_BEGIN, 0, NULL}},
     .peer = STRANGER,
     .expected = PAM_SYSTEM_ERR,
     .logged = "<1> the process behind the socket has uid 65534"},
    {.rule = "the user duet behind the socket is the daemon", .daemon = {ALLOW}, .peer = DUET, .expected = PAM_SUCCESS},
    {.rule = "a folder that others may write is not walked",
     .folder_mode = 0722,
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_SYSTEM_ERR,
     .logged = "<1> the path to the daemon is not safe"},
    {.rule = "a full queue is not unreachable",
     .listening = QUEUE_FULL,
     .expected = PAM_SYSTEM_ERR,
     .least = SILENCE,
     .most = 1500},
    {.rule = "a queue that was full is tried again",
     .listening = QUEUE_FULL,
     .daemon = {{STEP_ACCEPT_LATER, 150, "1"}, ALLOW},
     .expected = PAM_SUCCESS},
};

static const struct scenario facts[] = {
    {.rule = "BEGIN has the items of the host",
     .daemon = {HAS(2, "alice"), HAS(3, "duet-test"), HAS(7, "192.0.2.7"), {STEP_HAS_NUMBER, 4, own_uid},
                {STEP_HAS_NUMBER, 5, "0"}, {STEP_HAS_NOT, 8, NULL}, {STEP_HAS_NOT, 9, NULL}, {STEP_HAS_NOT, 10, NULL},
                {STEP_HAS_NOT, 11, NULL}, {STEP_HAS_TIMEOUT, 5000, NULL}, ALLOW},
     .item = PAM_RHOST,
     .item_value = "192.0.2.7",
     .expected = PAM_SUCCESS},
    {.rule = "BEGIN has the terminal",
     .daemon = {HAS(8, "/dev/pts/3"), {STEP_HAS_NOT, 7, NULL}, ALLOW},
     .item = PAM_TTY,
     .item_value = "/dev/pts/3",
     .expected = PAM_SUCCESS},
    {.rule = "BEGIN has the calling user",
     .daemon = {HAS(9, "bob"), ALLOW},
     .item = PAM_RUSER,
     .item_value = "bob",
     .expected = PAM_SUCCESS},
    {.rule = "BEGIN has what sshd put into the PAM environment",
     .daemon = {HAS(10, "192.0.2.7 50222 198.51.100.2 22"), HAS(11, "publickey ssh-ed25519 AAAA\n"), ALLOW},
     .environment = {SSH, "SSH_AUTH_INFO_0=publickey ssh-ed25519 AAAA\n"},
     .expected = PAM_SUCCESS},
    {.rule = "BEGIN has the session of the host",
     .daemon = {{STEP_HAS_SESSION, 0, NULL}, ALLOW},
     .expected = PAM_SUCCESS},
    {.rule = "an empty item is left out",
     .daemon = {{STEP_HAS_NOT, 7, NULL}, {STEP_HAS_NOT, 11, NULL}, ALLOW},
     .item = PAM_RHOST,
     .item_value = "",
     .environment = {"SSH_AUTH_INFO_0="},
     .expected = PAM_SUCCESS},
    {.rule = "methods of 8192 bytes are sent",
     .daemon = {HAS(11, auth_8192 + 16), ALLOW},
     .environment = {auth_8192},
     .expected = PAM_SUCCESS},
    {.rule = "methods of 8193 bytes are left out",
     .daemon = {{STEP_HAS_NOT, 11, NULL}, ALLOW},
     .environment = {auth_8193},
     .expected = PAM_SUCCESS},
    {.rule = "methods that are not text are no login",
     .environment = {"SSH_AUTH_INFO_0=publickey \x1b[2J"},
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_SYSTEM_ERR},
    {.rule = "a client address that is not text is no login",
     .environment = {"SSH_CONNECTION=a\nb"},
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_SYSTEM_ERR},
    {.rule = "a host that is too long is no login",
     .item = PAM_RHOST,
     .item_value = long_256,
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_SYSTEM_ERR},
    {.rule = "a terminal that is too long is no login",
     .item = PAM_TTY,
     .item_value = long_256,
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_SYSTEM_ERR},
    {.rule = "a calling user that is not UTF-8 is no login",
     .item = PAM_RUSER,
     .item_value = "\xff",
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_SYSTEM_ERR},
    {.rule = "a user of 256 bytes is sent", .daemon = {HAS(2, long_256), ALLOW}, .user = long_256, .expected = PAM_SUCCESS},
    {.rule = "a user of 257 bytes is unknown",
     .user = long_257,
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_USER_UNKNOWN},
    {.rule = "a user with a control character is unknown",
     .user = "ali\nce",
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_USER_UNKNOWN},
    {.rule = "a user that is not UTF-8 is unknown",
     .user = "\xff",
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_USER_UNKNOWN},
    {.rule = "an empty user is unknown", .user = "", .listening = MUST_NOT_BE_CALLED, .expected = PAM_USER_UNKNOWN},
    {.rule = "the host is asked for the user",
     .daemon = {HAS(2, "bob"), ALLOW},
     .no_user = true,
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "bob"}},
     .expected = PAM_SUCCESS},
    {.rule = "a host that would block over the user is PAM_INCOMPLETE",
     .no_user = true,
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .returns = PAM_CONV_AGAIN}},
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_INCOMPLETE},
    {.rule = "a host that will not say the user is PAM_CONV_ERR",
     .no_user = true,
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .returns = PAM_CONV_ERR}},
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_CONV_ERR},
    {.rule = "a host without memory for the user is PAM_BUF_ERR",
     .no_user = true,
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .returns = PAM_BUF_ERR}},
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_BUF_ERR},
    {.rule = "a host that changes the user lets nobody in",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, "1"}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "1", .also = change_user}},
     .expected = PAM_SYSTEM_ERR,
     .logged = "changed the user"},
};

static const struct scenario talks[] = {
    {.rule = "messages are shown, prompts are asked, answers are sent",
     .daemon = {{STEP_SHOW, 1, "Hello %s%n"}, {STEP_SHOW, 2, "Two\nlines"}, {STEP_PROMPT, 1, "Code %n: "},
                {STEP_ANSWER, 1, "123456"}, {STEP_PROMPT_OFF, 2, "PIN: "}, {STEP_ANSWER, 2, ""}, ALLOW},
     .conversation = {{.style = PAM_TEXT_INFO, .text = "Hello %s%n"},
                      {.style = PAM_ERROR_MSG, .text = "Two\nlines"},
                      {.style = PAM_PROMPT_ECHO_ON, .text = "Code %n: ", .answer = "123456"},
                      {.style = PAM_PROMPT_ECHO_OFF, .text = "PIN: ", .answer = ""}},
     .expected = PAM_SUCCESS},
    {.rule = "PAM_SILENT hides information, not errors and prompts",
     .daemon = {{STEP_HAS_NUMBER, 5, "1"}, {STEP_SHOW, 1, "Hello"}, {STEP_SHOW, 2, "Trouble"}, {STEP_PROMPT, 1, "Code: "},
                {STEP_ANSWER, 1, "1"}, ALLOW},
     .conversation = {{.style = PAM_ERROR_MSG, .text = "Trouble"}, {.style = PAM_PROMPT_ECHO_ON, .answer = "1"}},
     .flags = (int)PAM_SILENT,
     .expected = PAM_SUCCESS},
    {.rule = "a message that cannot be shown ends nothing",
     .daemon = {{STEP_SHOW, 1, "Hello"}, ALLOW},
     .conversation = {{.style = PAM_TEXT_INFO, .returns = PAM_CONV_ERR}},
     .expected = PAM_SUCCESS},
    {.rule = "a failed conversation is PAM_CONV_ERR",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .returns = PAM_CONV_ERR}},
     .expected = PAM_CONV_ERR},
    {.rule = "an answer of a failed conversation is wiped, not sent",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "123456", .returns = PAM_CONV_ERR}},
     .expected = PAM_CONV_ERR},
    {.rule = "no answer is PAM_CONV_ERR",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON}},
     .expected = PAM_CONV_ERR},
    {.rule = "a conversation that would block is PAM_INCOMPLETE",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .returns = PAM_CONV_AGAIN}},
     .expected = PAM_INCOMPLETE},
    {.rule = "a conversation without memory is PAM_BUF_ERR",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .returns = PAM_BUF_ERR}},
     .expected = PAM_BUF_ERR},
    {.rule = "an answer of 512 bytes is sent",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, long_512}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = long_512}},
     .expected = PAM_SUCCESS},
    {.rule = "an answer of 513 bytes is not",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = long_513}},
     .expected = PAM_CONV_ERR},
    {.rule = "an answer of 100,000 bytes is not",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = long_100000}},
     .expected = PAM_CONV_ERR},
    {.rule = "no response at all is PAM_CONV_ERR",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .nothing = true}},
     .expected = PAM_CONV_ERR},
    {.rule = "no response to a message ends nothing",
     .daemon = {{STEP_SHOW, 1, "Hello"}, {STEP_SHOW, 2, "Trouble"}, ALLOW},
     .conversation = {{.style = PAM_TEXT_INFO, .nothing = true}, {.style = PAM_ERROR_MSG, .nothing = true}},
     .expected = PAM_SUCCESS},
    {.rule = "a response to a message is not looked at",
     .daemon = {{STEP_SHOW, 1, "Hello"}, ALLOW},
     .conversation = {{.style = PAM_TEXT_INFO, .answer = "1"}},
     .answers_left = true,
     .expected = PAM_SUCCESS},
    {.rule = "a message that would block ends nothing",
     .daemon = {{STEP_SHOW, 2, "Hello"}, ALLOW},
     .conversation = {{.style = PAM_ERROR_MSG, .returns = PAM_CONV_AGAIN}},
     .expected = PAM_SUCCESS},
    {.rule = "a conversation that would block, with an answer, is wiped and not sent",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "123456", .returns = PAM_CONV_AGAIN}},
     .expected = PAM_INCOMPLETE},
    {.rule = "an answer ends at its first NUL",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, "123"}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "123\0" "456", .size = 7}},
     .expected = PAM_SUCCESS},
    {.rule = "control characters are taken out of an answer",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, "[A12\xC3\xA9\xC2\xA0"}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "\x1b[A1\xC2\x80\x7f\x01" "2\xC3\xA9\xC2\x9F\xC2\xA0\r\n"}},
     .expected = PAM_SUCCESS},
    {.rule = "an answer of control characters alone is empty",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, ""}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "\b\n\r\177"}},
     .expected = PAM_SUCCESS},
    {.rule = "an answer that is not UTF-8 is not sent",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "12\xff"}},
     .expected = PAM_CONV_ERR,
     .logged = "<5> login refused: the answer is too long or not plain text, user=alice"},
    {.rule = "a control character that appears when another is taken out is not sent",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "\xC2\x01\x9B" "31m"}},
     .expected = PAM_CONV_ERR},
    {.rule = "a host that answers hidden prompts with the password and fails at others sends nothing: hidden",
     .daemon = {{STEP_PROMPT_OFF, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_OFF, .answer = "hunter2"}},
     .password = "hunter2",
     .environment = {SSH},
     .expected = PAM_CONV_ERR},
    {.rule = "a host that answers hidden prompts with the password and fails at others sends nothing: shown",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .returns = PAM_CONV_ERR}},
     .password = "hunter2",
     .environment = {SSH},
     .expected = PAM_CONV_ERR},
    {.rule = "the login password with a control character is not sent",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "hunter2\r"}},
     .password = "hunter2",
     .expected = PAM_CONV_ERR,
     .logged = "<3> login refused: the answer is the login password"},
    {.rule = "a login password that has a control character is not sent without it",
     .daemon = {{STEP_PROMPT, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "hunter\0022"}},
     .password = "hunter\0022",
     .expected = PAM_CONV_ERR,
     .logged = "<3> login refused: the answer is the login password"},
    {.rule = "an answer at the second prompt that is the login password is not sent",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, "1"}, {STEP_PROMPT_OFF, 2, "PIN: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "1"}, {.style = PAM_PROMPT_ECHO_OFF, .answer = "hunter2"}},
     .password = "hunter2",
     .expected = PAM_CONV_ERR},
    {.rule = "the login password is not sent",
     .daemon = {{STEP_PROMPT_OFF, 1, "Code: "}},
     .conversation = {{.style = PAM_PROMPT_ECHO_OFF, .answer = "hunter2"}},
     .password = "hunter2",
     .expected = PAM_CONV_ERR,
     .logged = "<3> login refused: the answer is the login password"},
    {.rule = "another answer than the login password is sent",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, "hunter"}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "hunter"}},
     .password = "hunter2",
     .expected = PAM_SUCCESS},
    {.rule = "an allow that comes while the prompt stands wins, the answer is not sent",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_HEARTBEAT, 0, NULL}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "123456", .pause = 100}},
     .expected = PAM_SUCCESS},
    {.rule = "a refusal that comes while the prompt stands wins, the answer is not sent",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, DENY},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "123456", .pause = 100}},
     .expected = PAM_ABORT},
    {.rule = "a message that comes while the prompt stands is shown before the answer goes",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_SHOW, 2, "Hurry"}, {STEP_ANSWER, 1, "1"}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "1", .pause = 100}, {.style = PAM_ERROR_MSG, .text = "Hurry"}},
     .expected = PAM_SUCCESS},
    {.rule = "a slow person is no silence",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, "1"}, {STEP_PAUSE, 250, NULL}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "1", .pause = SILENCE + 200}},
     .expected = PAM_SUCCESS},
    {.rule = "a host with 0 to 2 closed does not write to the daemon",
     .daemon = {{STEP_SHOW, 2, "Hello"}, {STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, "1"}, ALLOW},
     .conversation = {{.style = PAM_ERROR_MSG, .also = stdio_is_closed},
                      {.style = PAM_PROMPT_ECHO_ON, .answer = "1", .also = stdio_is_closed}},
     .peer = DUET, /* so that the passwd file is opened too */
     .stdio_closed = true,
     .expected = PAM_SUCCESS},
};

static const struct scenario cancels[] = {
    {.rule = "a SIGINT that the host blocks hangs up",
     .daemon = {{STEP_HEARTBEAT, 0, NULL}, {STEP_PAUSE, 100, NULL}, {STEP_SIGNAL, SIGINT, NULL}},
     .blocked = true,
     .expected = PAM_ABORT,
     .most = SILENCE,
     .logged = "<5> login abandoned: interrupted, user=alice"},
    {.rule = "a SIGQUIT that the host blocks hangs up",
     .daemon = {{STEP_SIGNAL, SIGQUIT, NULL}},
     .blocked = true,
     .expected = PAM_ABORT,
     .most = SILENCE},
    {.rule = "a SIGINT that is pending wins over an allow",
     .daemon = {ALLOW},
     .blocked = true,
     .pending = true,
     .expected = PAM_ABORT},
    {.rule = "signals that are blocked but do not come change nothing", .daemon = {ALLOW}, .blocked = true, .expected = PAM_SUCCESS},
    {.rule = "an ssh client that goes hangs up",
     .daemon = {{STEP_PAUSE, 100, NULL}, {STEP_CLIENT_GONE, 0, NULL}},
     .client = true,
     .expected = PAM_ABORT,
     .most = SILENCE,
     .logged = "<5> login abandoned: the client has gone, user=alice"},
    {.rule = "an ssh client that has gone wins over an allow",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_PAUSE, 50, NULL}, {STEP_CLIENT_GONE, 0, NULL}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "1", .pause = 200}},
     .client = true,
     .expected = PAM_ABORT},
    {.rule = "an ssh client that stays is let in", .daemon = {{STEP_PAUSE, 100, NULL}, ALLOW}, .client = true, .expected = PAM_SUCCESS},
    {.rule = "a client socket that the host closes meanwhile is no longer watched",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_ANSWER, 1, "1"}, {STEP_PAUSE, 50, NULL}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "1", .also = close_client}},
     .client = true,
     .expected = PAM_SUCCESS},
};

static const struct scenario hang_ups[] = {
    {.rule = "a terminal that hangs up ends the login, though the host catches SIGHUP",
     .daemon = {{STEP_PAUSE, 100, NULL}, {STEP_CLIENT_GONE, 0, NULL}},
     .terminal = true,
     .expected = PAM_ABORT,
     .most = SILENCE,
     .logged = "<5> login abandoned: the terminal has hung up, user=alice"},
    {.rule = "a terminal that has hung up wins over an allow",
     .daemon = {{STEP_PROMPT, 1, "Code: "}, {STEP_PAUSE, 50, NULL}, {STEP_CLIENT_GONE, 0, NULL}, ALLOW},
     .conversation = {{.style = PAM_PROMPT_ECHO_ON, .answer = "1", .pause = 200}},
     .terminal = true,
     .expected = PAM_ABORT},
    {.rule = "a terminal that stays is let in", .daemon = {{STEP_PAUSE, 100, NULL}, ALLOW}, .terminal = true, .expected = PAM_SUCCESS},
    {.rule = "a host in the background of its terminal is not stopped",
     .daemon = {{STEP_PAUSE, 100, NULL}, ALLOW},
     .terminal = true,
     .background = true,
     .expected = PAM_SUCCESS},
};

static const struct scenario bad_options[] = {
    {.rule = "an unknown option is PAM_SERVICE_ERR",
     .options = "failmode=open",
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_SERVICE_ERR,
     .logged = "<3> the option failmode=open is not known; valid are: socket=PATH fail=closed|open timeout=1..600 debug prefetch"},
    {.rule = "a repeated option is PAM_SERVICE_ERR",
     .options = "fail=closed",
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_SERVICE_ERR,
     .logged = "<3> the option fail=closed is given twice"},
    {.rule = "a repeated option is PAM_SERVICE_ERR: timeout",
     .options = "timeout=0",
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_SERVICE_ERR,
     .logged = "<3> the option timeout=0 is given twice"},
    {.rule = "a malformed option is PAM_SERVICE_ERR",
     .timeout = 601,
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_SERVICE_ERR,
     .logged = "<3> the option timeout=601 has a value that is not valid"},
    {.rule = "debug adds steps", .options = "debug", .daemon = {ALLOW}, .expected = PAM_SUCCESS, .logged = "<7> frame 0x83"},
};

/* Nothing but PAM_IGNORE jumps over the two that refuse. */
#define PREFETCH                                                                                                       \
    .prefetch = true, .control = "[ignore=2 success=ok default=die]",                                                  \
    .stack = "auth required pam_deny.so\nauth required pam_deny.so\nauth required pam_permit.so\n",                     \
    .expected = PAM_SUCCESS, .most = 300

static const struct scenario prefetches[] = {
    {.rule = "prefetch: the daemon is told who is coming",
     .daemon = {{STEP_PREFETCH, 0, NULL}, HAS(2, "alice"), HAS(3, "duet-test"), HAS(7, "192.0.2.7"),
                {STEP_HAS_NUMBER, 4, own_uid}, HAS(10, "192.0.2.7 50222 198.51.100.2 22"), {STEP_HAS_TIMEOUT, 110000, NULL},
                {STEP_HAS_SESSION, 0, NULL}},
     .item = PAM_RHOST,
     .item_value = "192.0.2.7",
     .environment = {SSH},
     PREFETCH},
    {.rule = "prefetch: the user duet behind the socket is the daemon",
     .daemon = {{STEP_PREFETCH, 0, NULL}},
     .peer = DUET,
     PREFETCH},
    {.rule = "prefetch: alone it lets nobody in",
     .daemon = {{STEP_PREFETCH, 0, NULL}},
     .prefetch = true,
     .control = "optional",
     .expected = PAM_PERM_DENIED},
    {.rule = "prefetch: no allow is read",
     .daemon = {{STEP_PREFETCH, 0, NULL}, ALLOW},
     .prefetch = true,
     .control = "sufficient",
     .stack = "auth required pam_deny.so\n",
     .expected = PAM_AUTH_ERR},
    {.rule = "prefetch: a refusal is not read either", .daemon = {{STEP_PREFETCH, 0, NULL}, DENY}, PREFETCH},
    {.rule = "prefetch: a silent daemon is not waited for",
     .daemon = {{STEP_PREFETCH, 0, NULL}, {STEP_PAUSE, 600, NULL}},
     PREFETCH},
    {.rule = "prefetch: a daemon that hangs up harms nobody", .daemon = {{STEP_PREFETCH, 0, NULL}, {STEP_HANG_UP, 0, NULL}}, PREFETCH},
    {.rule = "prefetch: without a user nobody is asked and nothing is sent",
     .no_user = true,
     .listening = MUST_NOT_BE_CALLED,
     .prefetch = true,
     .control = "optional", /* pam_permit would ask for the user */
     .expected = PAM_PERM_DENIED},
    {.rule = "prefetch: a user that cannot be sent is not sent",
     .user = "ali\nce",
     .listening = MUST_NOT_BE_CALLED,
     PREFETCH},
    {.rule = "prefetch: a user that is too long is not sent", .user = long_257, .listening = MUST_NOT_BE_CALLED, PREFETCH},
    {.rule = "prefetch: nobody listens", .listening = NO_SOCKET, PREFETCH},
    {.rule = "prefetch: a dead socket", .listening = DEAD_SOCKET, PREFETCH},
    {.rule = "prefetch: a full queue is not waited for", .listening = QUEUE_FULL, PREFETCH},
    {.rule = "prefetch: another user behind the socket is told nothing",
     .daemon = {{STEP_NO_BEGIN, 0, NULL}},
     .peer = STRANGER,
     PREFETCH},
    {.rule = "prefetch: a folder that others may write is not walked",
     .folder_mode = 0722,
     .listening = MUST_NOT_BE_CALLED,
     PREFETCH},
    {.rule = "prefetch: debug says so",
     .daemon = {{STEP_PREFETCH, 0, NULL}},
     .options = "debug",
     .logged = "<7> prefetch: ",
     PREFETCH},
    {.rule = "prefetch: beside fail= it is PAM_SERVICE_ERR, not a way around",
     .options = "prefetch",
     .listening = MUST_NOT_BE_CALLED,
     .expected = PAM_SERVICE_ERR,
     .logged = "<3> the option prefetch cannot stand beside fail= or timeout="},
};

/* ---- playing one ---- */

struct variant {
    const struct scenario *scenario;
    bool open;
};

/* What a host must find as it was. */
static void snapshot(char *text, size_t room)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    size_t length = 0;
    char line[256];
    FILE *status;

    while (folder != NULL && (entry = readdir(folder)) != NULL && length < room) {
        char path[300];
        char target[256] = "";

        snprintf(path, sizeof path, "/proc/self/fd/%s", entry->d_name);
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(folder) &&
            readlink(path, target, sizeof target - 1) > 0)
            length += (size_t)snprintf(text + length, room - length, "%s %s\n", entry->d_name, target);
    }
    closedir(folder);
    status = fopen("/proc/self/status", "re");
    while (status != NULL && fgets(line, sizeof line, status) != NULL && length < room)
        if (strncmp(line, "SigBlk", 6) == 0 || strncmp(line, "SigIgn", 6) == 0 || strncmp(line, "SigCgt", 6) == 0)
            length += (size_t)snprintf(text + length, room - length, "%s", line);
    fclose(status);
}

static void write_service(const char *folder, const char *path, const struct variant *variant)
{
    const struct scenario *scenario = variant->scenario;
    char name[256];
    FILE *file;

    snprintf(name, sizeof name, "%s/duet-test", folder);
    file = fopen(name, "we");
    if (file == NULL)
        abort();
    if (scenario->password != NULL)
        fprintf(file, "auth required %s %s\n", authtok_module, scenario->password);
    if (scenario->prefetch)
        fprintf(file, "auth %s %s socket=%s prefetch %s\n", scenario->control, module, path,
                scenario->options ? scenario->options : "");
    else
        fprintf(file, "auth %s %s socket=%s fail=%s timeout=%u %s\n", scenario->control ? scenario->control : "required", module,
                path, variant->open ? "open" : "closed", scenario->timeout ? scenario->timeout : 5,
                scenario->options ? scenario->options : "");
    fprintf(file, "%s", scenario->stack ? scenario->stack : "");
    fprintf(file, "account required %s nonsense\naccount required pam_permit.so\n", module);
    fclose(file);
}

/* A connected pair; the process keeps sshd's end, and SSH_CONNECTION names the other. */
static int make_client(pam_handle_t *pamh, int *client)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char text[128];
    int server;

    *client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0 ||
        connect(*client, (struct sockaddr *)&address, sizeof address) != 0 ||
        getsockname(*client, (struct sockaddr *)&address, &length) != 0)
        abort();
    server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    close(listener);
    snprintf(text, sizeof text, "SSH_CONNECTION=127.0.0.1 %d 127.0.0.1 22", ntohs(address.sin_port));
    pam_putenv(pamh, text);
    if (write(*client, "x", 1) != 1) /* the module must leave it there */
        abort();
    return server;
}

static int bind_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0)
        abort();
    return fd;
}

static void catch(int signal_number)
{
    (void)signal_number;
}

/* Become the leader of a terminal's session, as the shell is; its master, with something typed that nobody reads. The
 * host catches SIGHUP, as sudo does. */
static int make_terminal(bool background)
{
    const struct sigaction action = {.sa_handler = catch, .sa_flags = SA_RESTART};
    int master;
    int terminal;

    sigaction(SIGHUP, &action, NULL);
    setsid();
    if (openpty(&master, &terminal, NULL, NULL, NULL) != 0 || ioctl(terminal, TIOCSCTTY, 0) != 0 ||
        write(master, "typed ahead\n", 12) != 12)
        abort();
    if (background) {
        pid_t other = fork();

        if (other == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            pause();
            _exit(0);
        }
        if (setpgid(other, other) != 0 || tcsetpgrp(terminal, other) != 0)
            abort();
    }
    close(terminal);
    return master;
}

/* Fill the queue of one. */
static void fill_queue(int listener, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (listen(listener, 0) != 0 ||
        connect(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), (struct sockaddr *)&address, sizeof address) != 0)
        abort();
}

static unsigned elapsed(const struct timespec *since)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned)((now.tv_sec - since->tv_sec) * 1000 + (now.tv_nsec - since->tv_nsec) / 1000000);
}

static void check_aftermath(const struct scenario *scenario, const struct host *host, int result, int expected, unsigned took)
{
    CHECK(result == expected, "%d, not %d; log:\n%s", result, expected, capture_log());
    CHECK(host->lines[host->at].style == 0, "the host waits for: %s", host->lines[host->at].text);
    CHECK(took + 2 >= scenario->least, "took %u ms", took);
    CHECK(took <= (scenario->most ? scenario->most : 3000), "took %u ms", took);
    CHECK(scenario->logged == NULL || strstr(capture_log(), scenario->logged) != NULL, "log:\n%s", capture_log());
    for (size_t i = 0; i < answer_count; i++)
        CHECK(scenario->no_user || scenario->answers_left || answers[i].wiped, "answer %zu was not wiped", i);
    for (const struct line *line = scenario->conversation; line->style != 0; line++)
        CHECK(line->answer == NULL || strlen(line->answer) < 6 || strstr(capture_log(), line->answer) == NULL,
              "an answer is in the log:\n%s", capture_log());
}

static void test_scenario(const void *argument)
{
    const struct variant *variant = argument;
    const struct scenario *scenario = variant->scenario;
    int expected = variant->open && scenario->open_passes ? PAM_SUCCESS : scenario->expected;
    struct host host = {.lines = scenario->conversation};
    const struct pam_conv conversation = {converse, &host};
    struct daemon_script script = {scenario->daemon, scenario->bytewise, scenario->peer, -1};
    pam_handle_t *pamh = NULL;
    pid_t daemon = -1;
    int listener = -1;
    int server = -1;
    char folder[64];
    char path[80];
    static char before[16384];
    static char after[16384];
    struct timespec start;
    sigset_t signals;
    int result;

    snprintf(folder, sizeof folder, "%s", harness_folder());
    snprintf(path, sizeof path, "%s/s", folder);
    write_service(folder, path, variant);
    if (scenario->folder_mode != 0)
        chmod(folder, scenario->folder_mode);
    CHECK(pam_start_confdir("duet-test", scenario->no_user ? NULL : scenario->user ? scenario->user : "alice", &conversation,
                            folder, &pamh) == PAM_SUCCESS,
          "pam_start");
    current = pamh;
    for (size_t i = 0; i < 3 && scenario->environment[i] != NULL; i++)
        pam_putenv(pamh, scenario->environment[i]);
    if (scenario->item != 0)
        pam_set_item(pamh, scenario->item, scenario->item_value);
    if (scenario->client)
        current_client = server = make_client(pamh, &script.client);
    if (scenario->terminal)
        script.client = make_terminal(scenario->background);

    if (scenario->listening != NO_SOCKET)
        listener = bind_at(path);
    if (scenario->listening == MUST_NOT_BE_CALLED)
        listen(listener, 4);
    else if (scenario->listening == QUEUE_FULL)
        fill_queue(listener, path);
    else if (scenario->listening == DEAD_SOCKET) {
        listen(listener, 4);
        close(listener);
    }
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGQUIT);
    if (scenario->blocked)
        sigprocmask(SIG_BLOCK, &signals, NULL);
    if (scenario->pending)
        raise(SIGINT);
    if (scenario->listening == LISTENS || (scenario->listening == QUEUE_FULL && scenario->daemon[0].kind != STEP_END))
        daemon = daemon_start(listener, &script);
    if (script.client >= 0)
        close(script.client);
    if (scenario->stdio_closed) {
        fflush(NULL);
        close(0);
        close(1);
        close(2);
    }

    snapshot(before, sizeof before);
    clock_gettime(CLOCK_MONOTONIC, &start);
    result = pam_authenticate(pamh, scenario->flags);
    check_aftermath(scenario, &host, result, expected, elapsed(&start));
    if (scenario->conversation[0].also != close_client) {
        snapshot(after, sizeof after);
        CHECK(strcmp(before, after) == 0, "before:\n%safter:\n%s", before, after);
    }
    if (scenario->client && scenario->conversation[0].also != close_client) {
        char byte = 0;

        CHECK(recv(server, &byte, 1, MSG_DONTWAIT) == 1 && byte == 'x', "the client's byte was read by the module");
    }
    if (strstr(scenario->rule, "hangs up") != NULL && scenario->blocked) {
        sigset_t pending;

        sigpending(&pending);
        CHECK(sigismember(&pending, SIGINT) || sigismember(&pending, SIGQUIT), "the signal was taken from the host");
    }
    if (daemon > 0)
        CHECK(daemon_finished(daemon), "the daemon's script");
    if (scenario->listening == MUST_NOT_BE_CALLED) {
        struct pollfd fd = {.fd = listener, .events = POLLIN};

        CHECK(poll(&fd, 1, 0) == 0, "the daemon was called");
    }
    if (variant->open && scenario->open_passes)
        CHECK(strstr(capture_log(), "<1> ") != NULL && strstr(capture_log(), "fail=open") != NULL, "LOG_ALERT, log:\n%s",
              capture_log());
    pam_end(pamh, result);
}

static void run_all(const struct scenario *scenarios, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (int open = 0; open <= 1; open++) {
            struct variant variant = {&scenarios[i], open == 1};
            char rule[256];

            snprintf(rule, sizeof rule, "%s (fail=%s)", scenarios[i].rule, open ? "open" : "closed");
            harness_run(rule, test_scenario, &variant);
        }
}

/* ---- tests that are no scenario ---- */

/* With few descriptors left nothing can be found out, so nobody gets in; nobody listening is not found out either. */
static void test_descriptors(const void *argument)
{
    const bool *listens = argument;
    static const struct step steps[] = {DENY, {STEP_AGAIN, 0, NULL}};
    static const struct scenario scenario = {.rule = "descriptors"};
    const struct daemon_script script = {steps, false, 0, -1};

    for (int open = 0; open <= 1; open++) {
        struct variant variant = {&scenario, open == 1};
        struct line none = {0};
        struct host host = {.lines = &none};
        const struct pam_conv conversation = {converse, &host};
        struct rlimit limit;
        char folder[64];
        char path[80];

        getrlimit(RLIMIT_NOFILE, &limit);
        snprintf(folder, sizeof folder, "%s", harness_folder());
        snprintf(path, sizeof path, "%s/s", folder);
        write_service(folder, path, &variant);
        if (*listens)
            daemon_start(bind_at(path), &script); /* goes with this process */
        for (rlim_t most = 0; most <= 16; most++) {
            struct rlimit few = {most, limit.rlim_max};
            pam_handle_t *pamh = NULL;
            bool could_connect;
            int result;
            int fd;

            CHECK(pam_start_confdir("duet-test", "alice", &conversation, folder, &pamh) == PAM_SUCCESS, "pam_start");
            setrlimit(RLIMIT_NOFILE, &few);
            fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
            could_connect = fd >= 0;
            if (fd >= 0)
                close(fd);
            result = pam_authenticate(pamh, 0);
            setrlimit(RLIMIT_NOFILE, &limit);
            if (*listens)
                CHECK(result == PAM_ABORT || result == PAM_SYSTEM_ERR, "%d descriptors: %d", (int)most, result);
            if (!could_connect)
                CHECK(result == PAM_SYSTEM_ERR, "%d descriptors: %d", (int)most, result);
            pam_end(pamh, result);
        }
    }
}

static void test_other_functions(const void *argument)
{
    static const struct scenario scenario = {.rule = "others", .options = "nonsense"};
    const struct variant variant = {&scenario, false};
    struct line none = {0};
    struct host host = {.lines = &none};
    const struct pam_conv conversation = {converse, &host};
    struct pollfd fd = {.events = POLLIN};
    pam_handle_t *pamh = NULL;
    char folder[64];
    char path[80];

    (void)argument;
    snprintf(folder, sizeof folder, "%s", harness_folder());
    snprintf(path, sizeof path, "%s/s", folder);
    write_service(folder, path, &variant);
    fd.fd = bind_at(path);
    listen(fd.fd, 4);
    CHECK(pam_start_confdir("duet-test", "alice", &conversation, folder, &pamh) == PAM_SUCCESS, "pam_start");
    CHECK(pam_setcred(pamh, PAM_ESTABLISH_CRED) == PAM_SUCCESS, "setcred");
    CHECK(pam_acct_mgmt(pamh, 0) == PAM_SUCCESS, "acct_mgmt before pam_permit");
    CHECK(strstr(capture_log(), "nonsense") == NULL, "log:\n%s", capture_log());
    CHECK(poll(&fd, 1, 0) == 0, "the daemon was called");
    pam_end(pamh, PAM_SUCCESS);
}

static void test_codes(const void *argument)
{
    void *handle = dlopen(module, RTLD_NOW | RTLD_LOCAL);
    int (*entry)(pam_handle_t *, int, int, const char **);

    (void)argument;
    CHECK(handle != NULL, "%s", dlerror());
    *(void **)&entry = dlsym(handle, "pam_sm_setcred");
    CHECK(entry != NULL && entry(NULL, 0, 0, NULL) == PAM_SUCCESS, "setcred");
    *(void **)&entry = dlsym(handle, "pam_sm_acct_mgmt");
    CHECK(entry != NULL && entry(NULL, 0, 0, NULL) == PAM_IGNORE, "acct_mgmt");
    CHECK(dlsym(handle, "pam_sm_authenticate") != NULL, "authenticate");
    CHECK(dlsym(handle, "pam_sm_open_session") == NULL && dlsym(handle, "pam_sm_chauthtok") == NULL, "no others");
    CHECK(dlsym(handle, "login_run") == NULL && dlsym(handle, "wire_decode") == NULL, "nothing inside");
}

static void fill(char *text, size_t length, const char *head)
{
    memset(text, 'a', length);
    memcpy(text, head, strlen(head));
    text[length] = '\0';
}

#define RUN(scenarios) run_all(scenarios, sizeof(scenarios) / sizeof(scenarios)[0])

int main(int argc, char **argv)
{
    static const bool yes = true;
    static const bool no = false;

    if (argc != 3 || realpath(argv[1], module) == NULL || realpath(argv[2], authtok_module) == NULL || geteuid() != 0) {
        fprintf(stderr, "as root: test_stack MODULE AUTHTOK_MODULE\n");
        return 1;
    }
    dlopen(module, RTLD_NOW | RTLD_LOCAL); /* stays loaded, so that a leak is reported with its names */
    fill(long_256, 256, "");
    long_256[255] = 'z';
    fill(long_257, 257, "");
    fill(long_512, 512, "");
    fill(long_513, 513, "");
    fill(long_100000, 100000, "");
    fill(auth_8192, 8192 + 16, "SSH_AUTH_INFO_0=");
    fill(auth_8193, 8193 + 16, "SSH_AUTH_INFO_0=");
    snprintf(own_uid, sizeof own_uid, "%u", (unsigned)getuid());
    RUN(verdicts);
    RUN(troubles);
    RUN(facts);
    RUN(talks);
    RUN(cancels);
    RUN(hang_ups);
    RUN(bad_options);
    RUN(prefetches);
    harness_run("no number of descriptors opens the door, while the daemon refuses", test_descriptors, &yes);
    harness_run("no number of descriptors opens the door, while nobody listens", test_descriptors, &no);
    harness_run("setcred and acct_mgmt never call the daemon, nor mind a bad option", test_other_functions, NULL);
    harness_run("three functions are exported, and two of them say what they always say", test_codes, NULL);
    return harness_finish();
}
