/* A wall clock that is set: loaded before a program (LD_PRELOAD), it adds the milliseconds that the file
 * CLOCK_STEP says at that moment. Clocks that count from the machine's start are left alone. Waits until an
 * instant of the wall clock are brought back to the kernel's, which has not been set.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/time.h>
#include <pthread.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static long long step_ms(void) {
  char text[32] = {0};
  const char *path = getenv("CLOCK_STEP");
  int in = path ? open(path, O_RDONLY) : -1;
  if (in < 0) return 0;
  ssize_t n = read(in, text, sizeof text - 1);
  close(in);
  return n > 0 ? atoll(text) : 0;
}

static struct timespec shifted(struct timespec at, long long ms) {
  ms += at.tv_nsec / 1000000;
  long long seconds = ms / 1000, rest = ms % 1000;
  if (rest < 0) { rest += 1000; seconds -= 1; }
  at.tv_sec += seconds;
  at.tv_nsec = rest * 1000000 + at.tv_nsec % 1000000;
  return at;
}

int clock_gettime(clockid_t clock, struct timespec *out) {
  static int (*truly)(clockid_t, struct timespec *);
  if (!truly) truly = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int code = truly(clock, out);
  if (code == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    *out = shifted(*out, step_ms());
  }
  return code;
}

int gettimeofday(struct timeval *restrict out, void *restrict zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time(time_t *out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}

int pthread_cond_timedwait(pthread_cond_t *restrict cond, pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until) {
  static int (*truly)(pthread_cond_t *, pthread_mutex_t *, const struct timespec *);
  /* The one by this version is the one for conditions as they are now. */
  if (!truly) truly = dlvsym(RTLD_NEXT, "pthread_cond_timedwait", "GLIBC_2.3.2");
  struct timespec at = shifted(*until, -step_ms());
  return truly(cond, mutex, &at);
}

int cnd_timedwait(cnd_t *restrict cond, mtx_t *restrict mutex, const struct timespec *restrict until) {
  static int (*truly)(cnd_t *, mtx_t *, const struct timespec *);
  if (!truly) truly = dlsym(RTLD_NEXT, "cnd_timedwait");
  struct timespec at = shifted(*until, -step_ms());
  return truly(cond, mutex, &at);
}
