/* One login, carried from the host to the daemon and back to its outcome. */
#include "login.h"

#include "channel.h"
#include "session.h"
#include "socket.h"
#include "wire.h"

#include <security/pam_ext.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <syslog.h>
#include <unistd.h>

struct login {
    pam_handle_t *pamh;
    const struct options *options;
    bool silent;
    bool over_ssh;
    uint8_t nonce[WIRE_NONCE_SIZE];
    char user[WIRE_USER_MAX + 1]; /* as sent: the host may change PAM_USER while it converses */
    uint32_t prompts;             /* the number of the last PROMPT */
    char *answer;                 /* typed, not yet sent; secret, from malloc */
    struct channel *channel;
};

__attribute__((format(printf, 2, 3))) static void login_debug(const struct login *login, const char *format, ...)
{
    va_list arguments;

    if (login->options->debug) {
        va_start(arguments, format);
        pam_vsyslog(login->pamh, LOG_DEBUG, format, arguments);
        va_end(arguments);
    }
}

static enum login_outcome login_outcome_of(const struct login *login, enum channel_status status)
{
    enum login_outcome outcome = LOGIN_TROUBLE;

    switch (status) {
    case CHANNEL_READY:
        outcome = LOGIN_GOES_ON;
        break;
    case CHANNEL_UNREACHABLE:
        outcome = LOGIN_UNREACHABLE;
        break;
    case CHANNEL_TIMEOUT:
        pam_syslog(login->pamh, LOG_NOTICE, "login refused: timeout, user=%s", login->user);
        outcome = LOGIN_DENIED;
        break;
    case CHANNEL_INTERRUPTED:
        pam_syslog(login->pamh, LOG_NOTICE, "login abandoned: interrupted, user=%s", login->user);
        outcome = LOGIN_CANCELLED;
        break;
    case CHANNEL_CLIENT_GONE:
        pam_syslog(login->pamh, LOG_NOTICE, "login abandoned: the client has gone, user=%s", login->user);
        outcome = LOGIN_CANCELLED;
        break;
    case CHANNEL_TERMINAL_GONE:
        pam_syslog(login->pamh, LOG_NOTICE, "login abandoned: the terminal has hung up, user=%s", login->user);
        outcome = LOGIN_CANCELLED;
        break;
    case CHANNEL_FAILED:
        pam_syslog(login->pamh, LOG_NOTICE, "login refused: trouble, user=%s", login->user);
        break;
    }
    return outcome;
}

/* ---- the facts ---- */

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

/* A variable of the PAM environment, where sshd puts facts. The environment of the process is the caller's to forge. */
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
    begin->timeout = channel_left(login->channel);
    begin->ssh_connection = login_variable(login, "SSH_CONNECTION");
    begin->auth_info = login_variable(login, "SSH_AUTH_INFO_0");
    /* It speaks for a login, never against it: so it may be left out, and nothing else may. */
    if (begin->auth_info != NULL && strlen(begin->auth_info) > WIRE_AUTH_INFO_MAX) {
        login_debug(login, "SSH_AUTH_INFO_0 is too long and left out");
        begin->auth_info = NULL;
    }
    login->over_ssh = begin->ssh_connection != NULL;
    session_gather(&begin->session, login->channel->terminal);
    return known;
}

/* ---- to the daemon ---- */

/* Open the login with the daemon. What cannot be sent is refused before the daemon is contacted. */
static enum login_outcome login_begin(struct login *login)
{
    enum login_outcome outcome = LOGIN_TROUBLE;
    struct wire_begin begin = {0};
    uint8_t *frame = login->channel->bytes;
    size_t room = sizeof login->channel->bytes;
    size_t size = 0;

    if (!login_gather(login, &begin))
        pam_syslog(login->pamh, LOG_ERR, "login refused: an item of PAM cannot be read");
    else if (getrandom(begin.nonce, sizeof begin.nonce, GRND_NONBLOCK) != sizeof begin.nonce)
        pam_syslog(login->pamh, LOG_CRIT, "login refused: no random bytes: %m");
    else if ((size = wire_encode_begin(&begin, frame, room)) == 0)
        pam_syslog(login->pamh, LOG_ERR, "login refused: an item of PAM is too long or not plain text");
    else {
        memcpy(login->nonce, begin.nonce, sizeof login->nonce);
        login_debug(login, "connecting to %s", login->options->socket);
        outcome = login_outcome_of(login, channel_open(login->channel, login->options->socket, begin.ssh_connection));
    }
    if (outcome == LOGIN_GOES_ON) {
        uint32_t left = channel_left(login->channel);

        if (left != begin.timeout) {
            begin.timeout = left;
            size = wire_encode_begin(&begin, frame, room);
        }
        outcome = login_outcome_of(login, channel_send(login->channel, frame, size));
    }
    return outcome;
}

static void login_forget_answer(struct login *login)
{
    if (login->answer != NULL) {
        explicit_bzero(login->answer, strlen(login->answer));
        free(login->answer);
        login->answer = NULL;
    }
}

/* sshd's password method answers every prompt with the login password, which must reach neither daemon nor Duo. */
static bool login_answer_is_password(const struct login *login)
{
    const char *password = NULL;

    return login_item(login, PAM_AUTHTOK, &password) && password != NULL && strcmp(password, login->answer) == 0;
}

/* Take control characters (U+0001 to U+001F, U+007F to U+009F) out: an arrow key is no reason to end a login. */
static void login_strip_answer(struct login *login)
{
    const char *from = login->answer;
    char *to = login->answer;

    while (*from != '\0') {
        unsigned char byte = (unsigned char)from[0];
        unsigned char next = (unsigned char)from[1];
        bool c1 = byte == 0xC2 && next >= 0x80 && next <= 0x9F;

        if (c1)
            from++;
        else if (byte >= 0x20 && byte != 0x7F)
            *to++ = *from;
        from++;
    }
    explicit_bzero(to, (size_t)(from - to));
}

/* Send the answer that is held. */
static enum login_outcome login_answer(struct login *login)
{
    enum login_outcome outcome = LOGIN_CONVERSATION_FAILED;
    uint8_t frame[WIRE_ANSWER_ROOM];
    bool is_password = login_answer_is_password(login); /* as typed, and as it would be sent */
    size_t size;

    login_strip_answer(login);
    is_password = is_password || login_answer_is_password(login);
    size = is_password ? 0 : wire_encode_answer(login->prompts, login->answer, frame, sizeof frame);
    if (is_password)
        pam_syslog(login->pamh, LOG_ERR,
                   "login refused: the answer is the login password and was not sent, user=%s (sshd's password method "
                   "answers every prompt with it: set PasswordAuthentication no, KbdInteractiveAuthentication yes)",
                   login->user);
    else if (size == 0)
        pam_syslog(login->pamh, LOG_NOTICE, "login refused: the answer is too long or not plain text, user=%s",
                   login->user);
    else
        outcome = login_outcome_of(login, channel_send(login->channel, frame, size));
    explicit_bzero(frame, sizeof frame);
    login_forget_answer(login);
    return outcome;
}

/* ---- from the daemon ---- */

/* A message that cannot be shown is no reason to end the login. */
static void login_show(struct login *login, const struct wire_message *show)
{
    if (show->style == WIRE_ERROR)
        pam_error(login->pamh, "%s", show->text);
    else if (!login->silent)
        pam_info(login->pamh, "%s", show->text);
    channel_resume(login->channel);
}

/* Ask the person. The answer is held, not sent: a verdict that has come meanwhile goes before it. */
static enum login_outcome login_ask(struct login *login, const struct wire_message *prompt)
{
    enum login_outcome outcome = LOGIN_TROUBLE;
    int style = prompt->echo == WIRE_ECHO_ON ? PAM_PROMPT_ECHO_ON : PAM_PROMPT_ECHO_OFF;
    int status;

    if (login->answer != NULL || prompt->prompt != login->prompts + 1) {
        pam_syslog(login->pamh, LOG_ERR, "login refused: the daemon prompts out of order, user=%s", login->user);
    } else {
        login->prompts = prompt->prompt;
        status = pam_prompt(login->pamh, style, &login->answer, "%s", prompt->text);
        channel_resume(login->channel);
        if (status == PAM_CONV_AGAIN || status == PAM_INCOMPLETE)
            outcome = LOGIN_INCOMPLETE;
        else if (status == PAM_BUF_ERR)
            outcome = LOGIN_NO_MEMORY;
        else if (status != PAM_SUCCESS || login->answer == NULL) {
            pam_syslog(login->pamh, LOG_NOTICE, "login refused: no answer, user=%s", login->user);
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

static enum login_outcome login_outcome_of_result(enum wire_result result)
{
    enum login_outcome outcome = LOGIN_TROUBLE;

    switch (result) {
    case WIRE_ALLOW:
        outcome = LOGIN_ALLOWED;
        break;
    case WIRE_IGNORE:
        outcome = LOGIN_NOT_APPLICABLE;
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
    return outcome;
}

/* Reason and login id are plain text when they get here: the wire lets nothing else through. */
static enum login_outcome login_judge(const struct login *login, const struct wire_message *verdict)
{
    enum login_outcome outcome = LOGIN_TROUBLE;

    if (memcmp(verdict->nonce, login->nonce, sizeof login->nonce) != 0)
        pam_syslog(login->pamh, LOG_ALERT, "login refused: the daemon sent the verdict of another one, user=%s", login->user);
    else if (!login_user_is_same(login))
        pam_syslog(login->pamh, LOG_ALERT, "login refused: the host has changed the user meanwhile, user=%s", login->user);
    else
        outcome = login_outcome_of_result(verdict->result);
    if (outcome == LOGIN_ALLOWED || outcome == LOGIN_NOT_APPLICABLE)
        pam_syslog(login->pamh, LOG_INFO, "login %s %s: %s, user=%s", verdict->login,
                   outcome == LOGIN_ALLOWED ? "allowed" : "not applicable", verdict->reason, login->user);
    else if (outcome != LOGIN_TROUBLE)
        pam_syslog(login->pamh, LOG_NOTICE, "login %s refused: %s, user=%s", verdict->login, verdict->reason, login->user);
    return outcome;
}

static enum login_outcome login_obey(struct login *login, const struct wire_message *message)
{
    enum login_outcome outcome = LOGIN_TROUBLE;

    login_debug(login, "frame 0x%02x", (unsigned)message->type);
    switch (message->type) {
    case WIRE_NOTHING: /* only while an answer is held */
        if (login->answer != NULL)
            outcome = login_answer(login);
        break;
    case WIRE_HEARTBEAT:
        outcome = LOGIN_GOES_ON;
        break;
    case WIRE_SHOW:
        login_show(login, message);
        outcome = LOGIN_GOES_ON;
        break;
    case WIRE_PROMPT:
        outcome = login_ask(login, message);
        break;
    case WIRE_VERDICT:
        outcome = login_judge(login, message);
        break;
    case WIRE_BEGIN:
    case WIRE_ANSWER:
    case WIRE_PREFETCH:
        break;
    }
    return outcome;
}

enum login_outcome login_run(pam_handle_t *pamh, bool silent, const struct options *options, bool *over_ssh)
{
    struct channel channel;
    struct login login = {.pamh = pamh, .options = options, .silent = silent, .channel = &channel};
    struct wire_message message;
    enum login_outcome outcome;

    channel_prepare(&channel, pamh, options->timeout);
    outcome = login_name(&login);
    if (outcome == LOGIN_GOES_ON)
        outcome = login_begin(&login);
    while (outcome == LOGIN_GOES_ON) {
        /* While an answer is held, only what has arrived is read. */
        outcome = login_outcome_of(&login, channel_receive(&channel, login.answer == NULL, &message));
        if (outcome == LOGIN_GOES_ON)
            outcome = login_obey(&login, &message);
    }
    login_forget_answer(&login);
    channel_close(&channel);
    *over_ssh = login.over_ssh;
    return outcome;
}

/* ---- ahead of the login ---- */

/* The frame that says who is coming; 0 if there is nothing to say, or something that a login would refuse. */
static size_t login_encode_prefetch(struct login *login, uint8_t *frame, size_t room)
{
    struct wire_begin begin = {0};
    const char *user = NULL;
    size_t size = 0;

    /* Not pam_get_user, which would prompt: whoever has no name yet is not told of. */
    if (login_item(login, PAM_USER, &user) && user != NULL && strnlen(user, sizeof login->user) < sizeof login->user) {
        memcpy(login->user, user, strlen(user) + 1);
        if (login_gather(login, &begin) &&
            getrandom(begin.nonce, sizeof begin.nonce, GRND_NONBLOCK) == sizeof begin.nonce)
            size = wire_encode_prefetch(&begin, frame, room);
    }
    return size;
}

/* 1. It MUST NOT converse, nor wait for anything: one nonblocking attempt at each step.
 * 2. It MUST send to a peer alone that a login would send to.
 * 3. It MUST NOT read what the daemon says.
 * What fails is not logged, which could wait for the log: the login that follows meets it too, and says so.
 * Held by tests/test_stack.c, "prefetch: ...". */
void login_prefetch(pam_handle_t *pamh, bool silent, const struct options *options)
{
    struct channel channel;
    struct login login = {.pamh = pamh, .options = options, .silent = silent, .channel = &channel};
    size_t size;
    int daemon = -1;

    channel_prepare(&channel, pamh, options->timeout);
    size = login_encode_prefetch(&login, channel.bytes, sizeof channel.bytes);
    if (size > 0 && socket_connect(NULL, options->socket, &daemon) == SOCKET_CONNECTED) {
        ssize_t sent = send(daemon, channel.bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);

        login_debug(&login, "prefetch: %zd of %zu bytes sent", sent, size);
    }
    if (daemon >= 0)
        close(daemon);
    channel_close(&channel);
}
