/* The least that a PAM module which asks a daemon can do, as the floor of the bench.
 *
 *   auth required pam_floor.so SOCKET    connects, sends 90 bytes, reads 30 and succeeds
 *   auth required pam_floor.so           does nothing and succeeds
 */
#include <security/pam_modules.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int ask(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char bytes[90] = {1};
    int result = PAM_SYSTEM_ERR, peer = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    if (peer >= 0 && connect(peer, (const struct sockaddr *)&address, sizeof address) == 0 &&
        send(peer, bytes, sizeof bytes, MSG_NOSIGNAL) == (ssize_t)sizeof bytes && read(peer, bytes, sizeof bytes) == 30)
        result = PAM_SUCCESS;
    if (peer >= 0) close(peer);
    return result;
}

int pam_sm_authenticate(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    (void)handle, (void)flags;
    return argc == 1 ? ask(argv[0]) : PAM_SUCCESS;
}

int pam_sm_setcred(pam_handle_t *handle, int flags, int argc, const char **argv)
{
    (void)handle, (void)flags, (void)argc, (void)argv;
    return PAM_SUCCESS;
}
