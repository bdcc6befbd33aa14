// Connections over loopback, whose sockets block and do not gather small packets.
#pragma once

#include <stdint.h>

// Returns a descriptor, or -errno.
int connect_loopback(uint16_t port);

// Accepts a connection; returns its descriptor, or -errno.
int accept_at_once(int listener, int flags);

// Accepts for ever, and has each connection served on a thread of its own, after which it is closed. Returns an errno.
int serve_each(int listener, int (*serve)(void *context, int fd), void *context);
