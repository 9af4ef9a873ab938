/* The PAM module: what a host calls, and the one place that grants. */
#include "login.h"
#include "options.h"

#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stddef.h>
#include <syslog.h>

#define EXPORT __attribute__((visibility("default")))

static int refuse_options(pam_handle_t *pamh, enum options_status status, const char *culprit)
{
    const char *fault = "is not known";

    if (status == OPTIONS_REPEATED)
        fault = "is given twice";
    else if (status == OPTIONS_MALFORMED)
        fault = "has a value that is not valid";
    else if (status == OPTIONS_CONFLICT)
        fault = "cannot stand beside fail= or timeout=";
    pam_syslog(pamh, LOG_ERR, "the option %s %s; valid are: " OPTIONS_VALID, culprit, fault);
    return PAM_SERVICE_ERR;
}

/* What the host is told.
 *
 * 1. PAM_SUCCESS MUST come from an allow verdict that carries the nonce of this very login, from a peer that was
 *    checked, within the deadline, for the user that PAM_USER still names; or from rule 2. From nothing else.
 * 2. `fail=open` MUST let pass only when connect() said ENOENT or ECONNREFUSED, which is before anything was sent.
 * 3. PAM_IGNORE MUST come from an ignore verdict alone, since a stack goes on after it; or from `prefetch`, which MUST
 *    return nothing else, whatever the daemon does.
 * 4. After a refusal that is final the host MUST be told not to ask again, since it would cause another push:
 *    sshd stops at PAM_MAXTRIES, sudo at PAM_ABORT.
 * 5. An outcome that nobody thought of MUST be PAM_SYSTEM_ERR: the result starts so, and the switch has no default.
 *
 * Held by tests/test_stack.c: "each verdict and its return value", "only the nonce of this login allows",
 * "fail=open passes when nobody listens, and then alone", "no number of descriptors opens the door", "prefetch: ...".
 */
static int result_of(pam_handle_t *pamh, const struct options *options, enum login_outcome outcome, bool over_ssh)
{
    int result = PAM_SYSTEM_ERR;

    switch (outcome) {
    case LOGIN_ALLOWED:
        result = PAM_SUCCESS;
        break;
    case LOGIN_UNREACHABLE:
        result = PAM_AUTHINFO_UNAVAIL;
        if (options->fail_open) {
            pam_syslog(pamh, LOG_ALERT, "login allowed WITHOUT a second factor: the daemon is unreachable and fail=open");
            result = PAM_SUCCESS;
        }
        break;
    case LOGIN_NOT_APPLICABLE:
        result = PAM_IGNORE;
        break;
    case LOGIN_RETRY:
        result = PAM_AUTH_ERR;
        break;
    case LOGIN_DENIED:
        result = over_ssh ? PAM_MAXTRIES : PAM_ABORT;
        break;
    case LOGIN_USER_UNKNOWN:
        result = PAM_USER_UNKNOWN;
        break;
    case LOGIN_CANCELLED:
        result = PAM_ABORT;
        break;
    case LOGIN_CONVERSATION_FAILED:
        result = PAM_CONV_ERR;
        break;
    case LOGIN_INCOMPLETE:
        result = PAM_INCOMPLETE;
        break;
    case LOGIN_NO_MEMORY:
        result = PAM_BUF_ERR;
        break;
    case LOGIN_TROUBLE:
    case LOGIN_GOES_ON:
        break;
    }
    return result;
}

EXPORT int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    int result = PAM_SYSTEM_ERR;
    struct options options;
    const char *culprit = NULL;
    enum options_status status = options_parse(argc, argv, &options, &culprit);
    bool silent = ((unsigned)flags & PAM_SILENT) != 0;

    if (status == OPTIONS_DONE && options.prefetch) {
        login_prefetch(pamh, silent, &options);
        result = PAM_IGNORE;
    } else if (status == OPTIONS_DONE) {
        bool over_ssh = false;
        enum login_outcome outcome = login_run(pamh, silent, &options, &over_ssh);

        result = result_of(pamh, &options, outcome, over_ssh);
    } else
        result = refuse_options(pamh, status, culprit);
    return result;
}

/* There are no credentials. libpam replays the chain that authenticated and wants success from each member; options
 * are not looked at, since a bad one has already failed the authentication. */
EXPORT int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh;
    (void)flags;
    (void)argc;
    (void)argv;
    return PAM_SUCCESS;
}

/* There is no say about accounts: the stack decides without us, whatever the options. */
EXPORT int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv)
{
    (void)pamh;
    (void)flags;
    (void)argc;
    (void)argv;
    return PAM_IGNORE;
}
