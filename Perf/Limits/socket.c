#include "socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "network.h"
#include "stream.h"
#include "wire.h"

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void send_at_once(int fd)
{
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

int connect_loopback(uint16_t port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct sockaddr_in address = loopback(port);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int failure = errno;
        close(fd);
        return -failure;
    }
    send_at_once(fd);
    return fd;
}

int wire_listen(uint16_t *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    struct sockaddr_in address = loopback(0);
    socklen_t bytes = sizeof address;
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 4096) < 0 ||
        getsockname(fd, (struct sockaddr *)&address, &bytes) < 0) {
        int failure = errno;
        close(fd);
        return -failure;
    }
    *port = ntohs(address.sin_port);
    return fd;
}

int wire_congestion_control(char *name, size_t capacity)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -errno;
    socklen_t bytes = (socklen_t)capacity;
    int result = getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &bytes) < 0 ? -errno : 0;
    close(fd);
    return result;
}

int64_t wire_ask(uint16_t port, const uint8_t *request, size_t request_bytes, uint8_t *answer, size_t capacity)
{
    int fd = connect_loopback(port);
    if (fd < 0) return fd;
    uint8_t length[4];
    int failure = send_all(fd, request, request_bytes, 0);
    if (!failure) failure = receive_all(fd, length, sizeof length);
    size_t bytes = failure ? 0 : (size_t)get_32(length);
    if (!failure && bytes > capacity) failure = EMSGSIZE;
    if (!failure) failure = receive_all(fd, answer, bytes);
    close(fd);
    return failure ? -failure : (int64_t)bytes;
}

typedef struct {
    int fd;
    int (*serve)(void *, int);
    void *context;
} served;

static void *run_served(void *argument)
{
    served served_copy = *(served *)argument;
    free(argument);
    served_copy.serve(served_copy.context, served_copy.fd);
    close(served_copy.fd);
    return NULL;
}

int accept_at_once(int listener, int flags)
{
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | flags);
        if (fd >= 0) send_at_once(fd);
        if (fd >= 0 || errno != EINTR) return fd < 0 ? -errno : fd;
    }
}

int serve_each(int listener, int (*serve)(void *context, int fd), void *context)
{
    for (;;) {
        int fd = accept_at_once(listener, 0);
        if (fd < 0) return -fd;
        served *one = malloc(sizeof *one);
        if (!one) return ENOMEM;
        *one = (served){.fd = fd, .serve = serve, .context = context};
        pthread_t thread;
        int failure = pthread_create(&thread, NULL, run_served, one);
        if (failure) return failure;
        pthread_detach(thread);
    }
}
