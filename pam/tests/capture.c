/* Takes the place of libpam's pam_syslog, so that tests see what the module logs. */
#include "capture.h"

#include <errno.h>
#include <security/pam_ext.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char captured[65536];
static size_t length;

const char *capture_log(void)
{
    return captured;
}

void capture_clear(void)
{
    length = 0;
    captured[0] = '\0';
}

void pam_vsyslog(const pam_handle_t *pamh, int priority, const char *format, va_list arguments)
{
    char line[4096];
    int saved = errno;

    (void)pamh;
    errno = saved;
    vsnprintf(line, sizeof line, format, arguments);
    if (length + strlen(line) + 8 < sizeof captured)
        length += (size_t)snprintf(captured + length, sizeof captured - length, "<%d> %s\n", priority, line);
    errno = saved;
}

void pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    pam_vsyslog(pamh, priority, format, arguments);
    va_end(arguments);
}
