/* Facts about the session of the host process, from /proc and its terminal: what a decision may be remembered by. */
#ifndef DUET_SESSION_H
#define DUET_SESSION_H

#include "wire.h"

/* The host's controlling terminal, to see it hang up: a descriptor for polling alone, or -1. */
int session_terminal(void);

/* Read what can be read; the rest stays 0. Nothing here fails a login: a fact that is missing is not remembered by.
 * `terminal` is session_terminal's. */
void session_gather(struct wire_session *session, int terminal);

#endif
