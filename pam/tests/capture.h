/* Takes the place of libpam's pam_syslog, so that tests see what the module logs. */
#ifndef DUET_TESTS_CAPTURE_H
#define DUET_TESTS_CAPTURE_H

/* Everything logged so far: a line each, "<priority> text". */
const char *capture_log(void);
void capture_clear(void);

#endif
