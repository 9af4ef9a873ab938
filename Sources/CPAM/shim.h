/* libpam, for the test login of `duet setup`. */
#include <security/pam_appl.h>
