/* The socket of the ssh client, which sshd's PAM process inherits, so that its hanging up is seen. */
#ifndef DUET_CLIENT_H
#define DUET_CLIENT_H

/* The inherited descriptor whose peer is the client named by SSH_CONNECTION ("address port address port"), or -1.
 * It belongs to the host: poll it, never read it, never close it. */
int client_find(const char *ssh_connection);

#endif
