/* The socket of the ssh client, which sshd's PAM process inherits, so that its hanging up is seen. */
#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

enum {
    DESCRIPTORS = 64, /* sshd 9.2 has it at 4; how many are looked at is a guess with room */
};

/* An IPv4 address is held in its v4-mapped form, so that both forms are equal. */
struct endpoint {
    struct in6_addr address;
    uint16_t port;
};

static void endpoint_set_v4(struct endpoint *endpoint, const struct in_addr *address)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

    memcpy(endpoint->address.s6_addr, mapped, sizeof mapped);
    memcpy(endpoint->address.s6_addr + sizeof mapped, address, sizeof *address);
}

/* Read "address port ..." of SSH_CONNECTION. A zone ("fe80::1%eth0") is not compared. */
static bool endpoint_parse(const char *text, struct endpoint *endpoint)
{
    char address[INET6_ADDRSTRLEN] = "";
    size_t length = strcspn(text, " %");
    size_t skip = strcspn(text, " ");
    uint32_t port = 0;
    struct in_addr v4;
    bool valid = length < sizeof address && text[skip] == ' ';

    if (valid) {
        memcpy(address, text, length);
        if (inet_pton(AF_INET, address, &v4) == 1)
            endpoint_set_v4(endpoint, &v4);
        else
            valid = inet_pton(AF_INET6, address, &endpoint->address) == 1;
    }
    if (valid) {
        const char *digit = text + skip + 1;

        for (; *digit >= '0' && *digit <= '9' && port <= UINT16_MAX; digit++)
            port = port * 10 + (uint32_t)(*digit - '0');
        valid = port >= 1 && port <= UINT16_MAX && (*digit == ' ' || *digit == '\0');
        endpoint->port = (uint16_t)port;
    }
    return valid;
}

static bool endpoint_of_peer(int fd, struct endpoint *endpoint)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
        struct sockaddr_storage room;
    } peer = {0};
    socklen_t length = sizeof peer;
    bool valid = getpeername(fd, &peer.any, &length) == 0;

    if (valid && peer.any.sa_family == AF_INET) {
        endpoint_set_v4(endpoint, &peer.v4.sin_addr);
        endpoint->port = ntohs(peer.v4.sin_port);
    } else if (valid && peer.any.sa_family == AF_INET6) {
        endpoint->address = peer.v6.sin6_addr;
        endpoint->port = ntohs(peer.v6.sin6_port);
    } else
        valid = false;
    return valid;
}

int client_find(const char *ssh_connection)
{
    struct endpoint client;
    struct endpoint peer;
    int found = -1;

    if (endpoint_parse(ssh_connection, &client))
        for (int fd = 0; found < 0 && fd < DESCRIPTORS; fd++)
            if (endpoint_of_peer(fd, &peer) && peer.port == client.port &&
                memcmp(&peer.address, &client.address, sizeof peer.address) == 0)
                found = fd;
    return found;
}
