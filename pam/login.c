/* One login, carried from the host to the daemon and back to its outcome. */
#include "login.h"

#include "client.h"
#include "socket.h"
#include "wire.h"

#include <errno.h>
#include <poll.h>
#include <security/pam_ext.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* Milliseconds. The tests build with a shorter silence. */
#ifndef DUET_SILENCE
#define DUET_SILENCE 15000
#endif

enum {
    BUSY_PAUSE = 20, /* milliseconds between attempts when the daemon's queue is full */
};

struct login {
    pam_handle_t *pamh;
    const struct options *options;
    bool silent;
    bool over_ssh;

    /* CLOCK_MONOTONIC milliseconds. */
    int64_t deadline; /* of the whole login, the conversation included */
    int64_t heard;    /* when the last frame came, or when it last could have begun to come */

    int daemon;
    int signals; /* SIGINT and SIGQUIT that the host has blocked: polled, never read */
    int client;  /* the host's: polled, never read, never closed */

    uint8_t nonce[WIRE_NONCE_SIZE];
    char user[WIRE_USER_MAX + 1]; /* as sent; the host may change PAM_USER in its conversation */

    uint32_t prompts; /* the number of the last PROMPT */
    char *answer;     /* what the person typed, not yet sent; secret, from malloc */

    size_t received_count;
    uint8_t received[WIRE_FRAME_MAX];
};

static int64_t clock_now(void)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

__attribute__((format(printf, 2, 3))) static void login_debug(const struct login *login, const char *format, ...)
{
    va_list arguments;

    if (login->options->debug) {
        va_start(arguments, format);
        pam_vsyslog(login->pamh, LOG_DEBUG, format, arguments);
        va_end(arguments);
    }
}

/* ---- waiting ---- */

/* Wait until the daemon's socket is ready for `events`, or until `until`. Out of time and cancelled come first: an
 * allow that nobody waits for any more is not taken. */
static enum login_outcome login_wait(struct login *login, short events, int64_t until)
{
    enum login_outcome outcome = LOGIN_TROUBLE;
    bool waiting = true;

    while (waiting) {
        struct pollfd fds[] = {
            {.fd = login->daemon, .events = events},
            {.fd = login->signals, .events = POLLIN},
            {.fd = login->client, .events = POLLRDHUP},
        };
        int64_t silent = login->heard + DUET_SILENCE;
        int64_t now = clock_now();
        int64_t first = until < silent ? until : silent;
        int64_t left = (login->deadline < first ? login->deadline : first) - now;
        int ready = poll(fds, sizeof fds / sizeof fds[0], left > 0 ? (int)left : 0);
        int failure = errno;

        now = clock_now();
        waiting = false;
        if (ready < 0 && failure != EINTR) {
            pam_syslog(login->pamh, LOG_CRIT, "cannot wait: %m");
        } else if (now >= login->deadline) {
            pam_syslog(login->pamh, LOG_NOTICE, "login refused: timeout, user=%s", login->user);
            outcome = LOGIN_DENIED;
        } else if (ready < 0) {
            waiting = true;
        } else if ((fds[1].revents & POLLIN) != 0) {
            pam_syslog(login->pamh, LOG_NOTICE, "login abandoned: interrupted, user=%s", login->user);
            outcome = LOGIN_CANCELLED;
        } else if ((fds[2].revents & POLLNVAL) != 0) { /* the host has closed it */
            login->client = -1;
            waiting = true;
        } else if (fds[2].revents != 0) {
            pam_syslog(login->pamh, LOG_NOTICE, "login abandoned: the client has gone, user=%s", login->user);
            outcome = LOGIN_CANCELLED;
        } else if (fds[0].revents != 0 || now >= until) {
            outcome = LOGIN_GOES_ON;
        } else if (now >= silent) {
            pam_syslog(login->pamh, LOG_ERR, "the daemon is silent, user=%s", login->user);
        } else
            waiting = true;
    }
    return outcome;
}

/* ---- to the daemon ---- */

static enum login_outcome login_connect(struct login *login)
{
    enum login_outcome outcome = LOGIN_GOES_ON;
    enum socket_status status = SOCKET_BUSY;

    login->heard = clock_now();
    while (outcome == LOGIN_GOES_ON && status == SOCKET_BUSY) {
        status = socket_connect(login->pamh, login->options->socket, &login->daemon);
        if (status == SOCKET_BUSY)
            outcome = login_wait(login, 0, clock_now() + BUSY_PAUSE);
    }
    if (status == SOCKET_FAILED || (status == SOCKET_BUSY && outcome == LOGIN_DENIED))
        outcome = LOGIN_TROUBLE; /* a full queue is no decision of the daemon */
    else if (status == SOCKET_UNREACHABLE)
        outcome = LOGIN_UNREACHABLE;
    return outcome;
}

/* A daemon that has hung up is not an error here: its verdict may have come before, and is read next. */
static enum login_outcome login_send(struct login *login, const uint8_t *frame, size_t size)
{
    enum login_outcome outcome = LOGIN_GOES_ON;
    size_t sent = 0;

    while (outcome == LOGIN_GOES_ON && sent < size) {
        ssize_t count = send(login->daemon, frame + sent, size - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (count >= 0)
            sent += (size_t)count;
        else if (errno == EAGAIN)
            outcome = login_wait(login, POLLOUT, INT64_MAX);
        else if (errno == EPIPE || errno == ECONNRESET)
            sent = size;
        else if (errno != EINTR) {
            pam_syslog(login->pamh, LOG_ERR, "cannot send to the daemon: %m");
            outcome = LOGIN_TROUBLE;
        }
    }
    return outcome;
}

/* An item of PAM; NULL when it has nothing to say. */
static bool login_item(const struct login *login, int item, const char **text)
{
    const void *value = NULL;
    bool known = pam_get_item(login->pamh, item, &value) == PAM_SUCCESS;

    *text = value;
    if (value != NULL && **text == '\0')
        *text = NULL;
    return known;
}

/* A variable of the PAM environment: sshd sets it there. The process's own environment is the caller's. */
static const char *login_variable(const struct login *login, const char *name)
{
    const char *value = pam_getenv(login->pamh, name);

    return value != NULL && *value != '\0' ? value : NULL;
}

static enum login_outcome login_name(struct login *login)
{
    enum login_outcome outcome = LOGIN_TROUBLE;
    const char *user = NULL;
    int status = pam_get_user(login->pamh, &user, NULL);
    size_t length = user == NULL ? 0 : strnlen(user, sizeof login->user);

    if (status == PAM_CONV_AGAIN || status == PAM_INCOMPLETE)
        outcome = LOGIN_INCOMPLETE;
    else if (status == PAM_CONV_ERR)
        outcome = LOGIN_CONVERSATION_FAILED;
    else if (status == PAM_BUF_ERR)
        outcome = LOGIN_NO_MEMORY;
    else if (status != PAM_SUCCESS)
        pam_syslog(login->pamh, LOG_ERR, "no user: %s", pam_strerror(login->pamh, status));
    else if (length < 1 || length > WIRE_USER_MAX || !wire_is_text(user, length, false)) {
        pam_syslog(login->pamh, LOG_NOTICE, "login refused: the name of the user cannot be sent");
        outcome = LOGIN_USER_UNKNOWN;
    } else {
        memcpy(login->user, user, length + 1);
        outcome = LOGIN_GOES_ON;
    }
    return outcome;
}

static bool login_gather(struct login *login, struct wire_begin *begin)
{
    bool known = login_item(login, PAM_SERVICE, &begin->service) && login_item(login, PAM_RHOST, &begin->rhost) &&
                 login_item(login, PAM_TTY, &begin->tty) && login_item(login, PAM_RUSER, &begin->ruser);

    begin->user = login->user;
    begin->caller = getuid();
    begin->flags = login->silent ? WIRE_FLAG_SILENT : 0;
    begin->ssh_connection = login_variable(login, "SSH_CONNECTION");
    begin->auth_info = login_variable(login, "SSH_AUTH_INFO_0");
    /* It speaks for a login, never against it: so it may be left out, and nothing else may. */
    if (begin->auth_info != NULL && strnlen(begin->auth_info, WIRE_AUTH_INFO_MAX + 1) > WIRE_AUTH_INFO_MAX) {
        login_debug(login, "SSH_AUTH_INFO_0 is too long and left out");
        begin->auth_info = NULL;
    }
    login->over_ssh = begin->ssh_connection != NULL;
    return known;
}

/* Open the login with the daemon. All that can be refused is refused before the daemon hears of it. */
static enum login_outcome login_begin(struct login *login)
{
    enum login_outcome outcome = LOGIN_TROUBLE;
    struct wire_begin begin = {.timeout = 1};
    uint8_t frame[WIRE_BEGIN_ROOM];
    size_t size;
    int64_t left;

    if (!login_gather(login, &begin))
        pam_syslog(login->pamh, LOG_ERR, "an item of PAM cannot be read");
    else if (getrandom(begin.nonce, sizeof begin.nonce, GRND_NONBLOCK) != sizeof begin.nonce)
        pam_syslog(login->pamh, LOG_CRIT, "no random bytes: %m");
    else if (wire_encode_begin(&begin, frame, sizeof frame) == 0)
        pam_syslog(login->pamh, LOG_ERR, "an item of PAM is too long or not plain text: login refused");
    else {
        if (login->over_ssh)
            login->client = client_find(begin.ssh_connection);
        login_debug(login, "connecting to %s%s", login->options->socket,
                    login->client >= 0 ? ", watching the client" : "");
        outcome = login_connect(login);
    }
    if (outcome == LOGIN_GOES_ON) {
        left = login->deadline - clock_now();
        begin.timeout = left > 0 ? (uint32_t)left : 1;
        memcpy(login->nonce, begin.nonce, sizeof login->nonce);
        size = wire_encode_begin(&begin, frame, sizeof frame);
        outcome = login_send(login, frame, size);
        login->heard = clock_now();
    }
    return outcome;
}

/* Forget what the person typed, on every path. */
static void login_forget(struct login *login)
{
    if (login->answer != NULL) {
        explicit_bzero(login->answer, strlen(login->answer));
        free(login->answer);
        login->answer = NULL;
    }
}

/* sshd's password method answers every prompt with the login password: that must not reach the daemon, nor Duo. */
static bool login_answer_is_password(const struct login *login)
{
    const char *password = NULL;

    return login_item(login, PAM_AUTHTOK, &password) && password != NULL && strcmp(password, login->answer) == 0;
}

/* Send the answer that is held. */
static enum login_outcome login_answer(struct login *login)
{
    enum login_outcome outcome = LOGIN_CONVERSATION_FAILED;
    uint8_t frame[WIRE_ANSWER_ROOM];
    size_t size = wire_encode_answer(login->prompts, login->answer, frame, sizeof frame);

    if (login_answer_is_password(login))
        pam_syslog(login->pamh, LOG_ERR,
                   "the answer is the login password and was not sent: sshd's password method answers prompts with it; "
                   "use keyboard-interactive and set PasswordAuthentication no");
    else if (size == 0)
        pam_syslog(login->pamh, LOG_NOTICE, "login refused: the answer is too long or not plain text, user=%s",
                   login->user);
    else
        outcome = login_send(login, frame, size);
    explicit_bzero(frame, sizeof frame);
    login_forget(login);
    return outcome;
}

/* ---- from the daemon ---- */

/* Take the next frame. Unless `block`, the message is WIRE_NOTHING when no whole frame has arrived. */
static enum login_outcome login_receive(struct login *login, bool block, struct wire_message *message)
{
    enum login_outcome outcome = LOGIN_GOES_ON;
    enum wire_status status = WIRE_MORE;
    bool drained = false;
    size_t used = 0;

    while (outcome == LOGIN_GOES_ON && status == WIRE_MORE && !drained) {
        status = wire_decode(login->received, login->received_count, message, &used);
        outcome = login_wait(login, POLLIN, block && status == WIRE_MORE ? INT64_MAX : 0);
        if (outcome == LOGIN_GOES_ON && status == WIRE_MORE) {
            ssize_t count = recv(login->daemon, login->received + login->received_count,
                                 sizeof login->received - login->received_count, MSG_DONTWAIT);

            if (count > 0)
                login->received_count += (size_t)count;
            else if (count < 0 && errno == EAGAIN)
                drained = !block;
            else if (count == 0 || errno != EINTR) {
                pam_syslog(login->pamh, LOG_ERR, "the daemon hung up without a verdict, user=%s", login->user);
                outcome = LOGIN_TROUBLE;
            }
        }
    }
    if (outcome == LOGIN_GOES_ON && status == WIRE_DONE) {
        login->received_count -= used;
        memmove(login->received, login->received + used, login->received_count);
        login->heard = clock_now();
    } else if (status == WIRE_MALFORMED) {
        pam_syslog(login->pamh, LOG_ERR, "the daemon sent a malformed frame, user=%s", login->user);
        outcome = LOGIN_TROUBLE;
    }
    return outcome;
}

static void login_show(struct login *login, const struct wire_message *show)
{
    if (show->style == WIRE_ERROR)
        pam_error(login->pamh, "%s", show->text);
    else if (!login->silent)
        pam_info(login->pamh, "%s", show->text);
    login->heard = clock_now();
}

/* Ask the person. The answer is held, not sent: a verdict that has come meanwhile goes before it. */
static enum login_outcome login_ask(struct login *login, const struct wire_message *prompt)
{
    enum login_outcome outcome = LOGIN_TROUBLE;
    int style = prompt->echo == WIRE_ECHO_ON ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF;
    int status;

    if (login->answer != NULL || prompt->prompt != login->prompts + 1) {
        pam_syslog(login->pamh, LOG_ERR, "the daemon sent a prompt out of order, user=%s", login->user);
    } else {
        login->prompts = prompt->prompt;
        status = pam_prompt(login->pamh, style, &login->answer, "%s", prompt->text);
        login->heard = clock_now();
        if (status == PAM_CONV_AGAIN || status == PAM_INCOMPLETE)
            outcome = LOGIN_INCOMPLETE;
        else if (status == PAM_BUF_ERR)
            outcome = LOGIN_NO_MEMORY;
        else if (status != PAM_SUCCESS || login->answer == NULL) {
            login_debug(login, "the conversation failed: %s", pam_strerror(login->pamh, status));
            outcome = LOGIN_CONVERSATION_FAILED;
        } else
            outcome = LOGIN_GOES_ON;
    }
    return outcome;
}

static bool login_user_is_same(const struct login *login)
{
    const char *user = NULL;

    return login_item(login, PAM_USER, &user) && user != NULL && strcmp(user, login->user) == 0;
}

/* What the verdict means. Reason and login are plain text: the wire lets nothing else through. */
static enum login_outcome login_judge(const struct login *login, const struct wire_message *verdict)
{
    enum login_outcome outcome = LOGIN_TROUBLE;
    const char *word = "refused";

    if (memcmp(verdict->nonce, login->nonce, sizeof login->nonce) != 0)
        pam_syslog(login->pamh, LOG_ALERT, "the daemon sent the verdict of another login, user=%s", login->user);
    else if (!login_user_is_same(login))
        pam_syslog(login->pamh, LOG_ALERT, "the host changed the user during the login of user=%s", login->user);
    else
        switch (verdict->result) {
        case WIRE_ALLOW:
            outcome = LOGIN_ALLOWED;
            word = "allowed";
            break;
        case WIRE_IGNORE:
            outcome = LOGIN_NOT_APPLICABLE;
            word = "not applicable";
            break;
        case WIRE_RETRY:
            outcome = LOGIN_RETRY;
            break;
        case WIRE_DENY:
            outcome = LOGIN_DENIED;
            break;
        case WIRE_UNKNOWN:
            outcome = LOGIN_USER_UNKNOWN;
            break;
        }
    if (outcome != LOGIN_TROUBLE)
        pam_syslog(login->pamh, outcome == LOGIN_ALLOWED || outcome == LOGIN_NOT_APPLICABLE ? LOG_INFO : LOG_NOTICE,
                   "login %s %s: %s, user=%s", verdict->login, word, verdict->reason, login->user);
    return outcome;
}

/* The daemon leads, until there is an outcome. */
static enum login_outcome login_follow(struct login *login)
{
    enum login_outcome outcome = LOGIN_GOES_ON;
    struct wire_message message;

    while (outcome == LOGIN_GOES_ON) {
        outcome = login_receive(login, login->answer == NULL, &message);
        if (outcome != LOGIN_GOES_ON)
            break;
        login_debug(login, "frame 0x%02x", (unsigned)message.type);
        switch (message.type) {
        case WIRE_NOTHING:
            outcome = login_answer(login);
            break;
        case WIRE_HEARTBEAT:
            break;
        case WIRE_SHOW:
            login_show(login, &message);
            break;
        case WIRE_PROMPT:
            outcome = login_ask(login, &message);
            break;
        case WIRE_VERDICT:
            outcome = login_judge(login, &message);
            break;
        case WIRE_BEGIN:
        case WIRE_ANSWER:
            outcome = LOGIN_TROUBLE;
            break;
        }
    }
    return outcome;
}

/* SIGINT and SIGQUIT can be polled while the host blocks them (sudo does); a host that does not, gets them itself. */
static int login_watch_signals(void)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    return socket_above_stdio(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

enum login_outcome login_run(pam_handle_t *pamh, bool silent, const struct options *options, bool *over_ssh)
{
    enum login_outcome outcome;
    struct login login = {
        .pamh = pamh,
        .options = options,
        .silent = silent,
        .deadline = clock_now() + (int64_t)options->timeout * 1000,
        .daemon = -1,
        .signals = -1,
        .client = -1,
    };

    outcome = login_name(&login);
    if (outcome == LOGIN_GOES_ON) {
        login.signals = login_watch_signals();
        outcome = login_begin(&login);
    }
    if (outcome == LOGIN_GOES_ON)
        outcome = login_follow(&login);
    login_forget(&login);
    if (login.daemon >= 0)
        close(login.daemon);
    if (login.signals >= 0)
        close(login.signals);
    *over_ssh = login.over_ssh;
    return outcome;
}
