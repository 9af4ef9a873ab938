/* One login, carried from the host to the daemon and back to its outcome. */
#ifndef DUET_LOGIN_H
#define DUET_LOGIN_H

#include "options.h"

#include <security/pam_modules.h>
#include <stdbool.h>

enum login_outcome {
    LOGIN_TROUBLE,             /* protocol, peer or resources */
    LOGIN_GOES_ON,             /* no outcome yet */
    LOGIN_ALLOWED,             /* only by an allow verdict with our nonce */
    LOGIN_NOT_APPLICABLE,      /* only by an ignore verdict with our nonce */
    LOGIN_RETRY,               /* a wrong passcode: the host may ask again */
    LOGIN_DENIED,              /* or out of time: the host must not ask again */
    LOGIN_USER_UNKNOWN,        /* said by the daemon, or the name cannot be sent */
    LOGIN_UNREACHABLE,         /* nobody listens; nothing has been sent */
    LOGIN_CANCELLED,           /* by the keyboard, or the client or the terminal is gone */
    LOGIN_CONVERSATION_FAILED, /* or its answer must not be sent */
    LOGIN_INCOMPLETE,          /* the conversation would block */
    LOGIN_NO_MEMORY,           /* said by libpam */
};

/* Tell the daemon who is coming, so that it can ask Duo while the password is typed. Asks nothing, waits for nothing. */
void login_prefetch(pam_handle_t *pamh, bool silent, const struct options *options);

/* `*over_ssh` tells whether SSH_CONNECTION was among the facts. */
enum login_outcome login_run(pam_handle_t *pamh, bool silent, const struct options *options, bool *over_ssh);

#endif
