#include "team.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "clock.h"

typedef struct {
    int (*body)(void *, size_t);
    void *context;
    pthread_mutex_t mutex;
    pthread_cond_t started;
    int is_started;
    int failure;
} team;

typedef struct {
    team *team;
    size_t number;
    pthread_t thread;
} member;

static void *run_member(void *argument)
{
    member *member = argument;
    team *team = member->team;
    pthread_mutex_lock(&team->mutex);
    while (!team->is_started) {
        pthread_cond_wait(&team->started, &team->mutex);
    }
    pthread_mutex_unlock(&team->mutex);
    int failure = team->body(team->context, member->number);
    if (failure) {
        pthread_mutex_lock(&team->mutex);
        team->failure = team->failure ? team->failure : failure;
        pthread_mutex_unlock(&team->mutex);
    }
    return NULL;
}

double team_run(size_t count, int (*body)(void *, size_t), void *context)
{
    team team = {
        .body = body,
        .context = context,
        .mutex = PTHREAD_MUTEX_INITIALIZER,
        .started = PTHREAD_COND_INITIALIZER,
    };
    member *members = calloc(count, sizeof *members);
    if (!members) return -ENOMEM;
    size_t running = 0;
    for (; running < count; running++) {
        members[running].team = &team;
        members[running].number = running;
        int failure = pthread_create(&members[running].thread, NULL, run_member, &members[running]);
        if (failure) {
            team.failure = failure;
            break;
        }
    }
    double start = seconds_now();
    pthread_mutex_lock(&team.mutex);
    team.is_started = 1;
    pthread_cond_broadcast(&team.started);
    pthread_mutex_unlock(&team.mutex);
    for (size_t joined = 0; joined < running; joined++) {
        pthread_join(members[joined].thread, NULL);
    }
    double seconds = seconds_now() - start;
    free(members);
    return team.failure ? -team.failure : seconds;
}
