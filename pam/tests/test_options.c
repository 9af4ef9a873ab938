/* The module's options: what is valid, and that everything else is an error that names its culprit. */
#include "../options.h"
#include "check.h"

#include <string.h>

static struct check_counts counts;

static enum options_status parse(const char *first, const char *second, struct options *options, const char **culprit)
{
    const char *arguments[] = {first, second};

    return options_parse(second == NULL ? (first == NULL ? 0 : 1) : 2, arguments, options, culprit);
}

static void check_valid(void)
{
    struct options options;
    const char *culprit;

    check_that(&counts, parse(NULL, NULL, &options, &culprit) == OPTIONS_DONE && !options.fail_open && !options.debug &&
                            options.timeout == 110 && strcmp(options.socket, "/run/duet/login.sock") == 0,
               "without options the defaults are safe", "none");
    check_that(&counts, parse("fail=closed", "debug", &options, &culprit) == OPTIONS_DONE && !options.fail_open &&
                            options.debug, "valid options are taken", "fail=closed debug");
    check_that(&counts, parse("fail=open", "timeout=600", &options, &culprit) == OPTIONS_DONE && options.fail_open &&
                            options.timeout == 600, "valid options are taken", "fail=open timeout=600");
    check_that(&counts, parse("timeout=1", "socket=/run/x", &options, &culprit) == OPTIONS_DONE &&
                            options.timeout == 1 && strcmp(options.socket, "/run/x") == 0,
               "valid options are taken", "timeout=1 socket=/run/x");
}

static void check_invalid(void)
{
    static const struct {
        const char *argument;
        enum options_status status;
    } rows[] = {
        {"", OPTIONS_UNKNOWN}, {"fial=open", OPTIONS_UNKNOWN}, {"fail", OPTIONS_UNKNOWN}, {"FAIL=open", OPTIONS_UNKNOWN},
        {"debug=1", OPTIONS_UNKNOWN}, {"try_first_pass", OPTIONS_UNKNOWN}, {"fail=", OPTIONS_MALFORMED},
        {"fail=opened", OPTIONS_MALFORMED}, {"fail=Open", OPTIONS_MALFORMED}, {"fail=safe", OPTIONS_MALFORMED},
        {"timeout=", OPTIONS_MALFORMED}, {"timeout=0", OPTIONS_MALFORMED}, {"timeout=601", OPTIONS_MALFORMED},
        {"timeout=-1", OPTIONS_MALFORMED}, {"timeout=+1", OPTIONS_MALFORMED}, {"timeout= 1", OPTIONS_MALFORMED},
        {"timeout=1s", OPTIONS_MALFORMED}, {"timeout=0x10", OPTIONS_MALFORMED}, {"timeout=007", OPTIONS_MALFORMED},
        {"timeout=99999999999999999999", OPTIONS_MALFORMED}, {"socket=", OPTIONS_MALFORMED},
    };
    struct options options;
    const char *culprit;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum options_status alone = parse(rows[i].argument, NULL, &options, &culprit);
        bool named = culprit != NULL && strcmp(culprit, rows[i].argument) == 0;
        enum options_status second = parse("debug", rows[i].argument, &options, &culprit);

        check_that(&counts, alone == rows[i].status && second == rows[i].status && named,
                   "anything else is an error that names its culprit", rows[i].argument);
    }
    check_that(&counts, parse("fail=closed", "fail=open", &options, &culprit) == OPTIONS_REPEATED,
               "an option that is given twice is an error", "fail=closed fail=open");
}

int main(void)
{
    check_valid();
    check_invalid();
    return check_close(&counts);
}
