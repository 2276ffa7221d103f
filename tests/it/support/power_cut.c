/* The disk as a power cut would leave it: whatever was not synced is not there.
 *
 * Loaded before a program (LD_PRELOAD). At each fsync of a file below POWER_CUT_DIR its content goes into
 * POWER_CUT_DISK as f-<inode>-<birth>, at each fsync of a folder its names go there as d-<inode>-<birth>: lines
 * of inode, birth and name. What was there when the program began counts as synced. With POWER_CUT_LIE set, a
 * sync says that it is done and does nothing, as with syncing switched off.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *dir, *disk;
static int lies;
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static int (*true_fsync)(int), (*true_fdatasync)(int);

static void key(char *out, size_t size, char kind, int fd_or_at, const char *name, int *mode) {
  struct statx about;
  int flags = name[0] ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH;
  out[0] = 0;
  if (statx(fd_or_at, name, flags, STATX_TYPE | STATX_MODE | STATX_INO | STATX_BTIME, &about) != 0) return;
  *mode = about.stx_mode;
  if (kind == 0) kind = S_ISDIR(about.stx_mode) ? 'd' : 'f';
  snprintf(out, size, "%c-%llu-%lld%09u", kind, (unsigned long long)about.stx_ino,
           (long long)about.stx_btime.tv_sec, about.stx_btime.tv_nsec);
}

/* Whole or not at all: the program may be killed at any time. */
static void put(const char *name, const char *bytes, size_t size) {
  char path[PATH_MAX], draft[PATH_MAX];
  size_t done = 0;
  snprintf(path, sizeof path, "%s/%s", disk, name);
  snprintf(draft, sizeof draft, "%s/draft", disk);
  int out = open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (out < 0) return;
  while (done < size) {
    ssize_t wrote = write(out, bytes + done, size - done);
    if (wrote <= 0) break;
    done += (size_t)wrote;
  }
  close(out);
  if (done == size) rename(draft, path);
}

static void keep_file(const char *name, const char *path) {
  int in = open(path, O_RDONLY);
  if (in < 0) return;
  struct stat about;
  fstat(in, &about);
  size_t size = (size_t)about.st_size, got = 0;
  char *bytes = malloc(size + 1);
  while (got < size) {
    ssize_t n = pread(in, bytes + got, size - got, (off_t)got);
    if (n <= 0) break;
    got += (size_t)n;
  }
  close(in);
  put(name, bytes, got);
  free(bytes);
}

static void keep_folder(const char *name, const char *path) {
  DIR *folder = opendir(path);
  if (!folder) return;
  size_t size = 0, room = 1 << 20;
  char *lines = malloc(room);
  struct dirent *entry;
  while ((entry = readdir(folder))) {
    char of[80];
    int mode;
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    key(of, sizeof of, 0, dirfd(folder), entry->d_name, &mode);
    if (of[0] && size + PATH_MAX < room)
      size += (size_t)snprintf(lines + size, room - size, "%s %s\n", of, entry->d_name);
  }
  closedir(folder);
  put(name, lines, size);
  free(lines);
}

static void keep(int fd) {
  char link[64], path[PATH_MAX], name[80];
  int mode = 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return;
  path[n] = 0;
  if (strncmp(path, dir, strlen(dir)) != 0) return;
  key(name, sizeof name, 0, fd, "", &mode);
  if (!name[0]) return;
  pthread_mutex_lock(&one_at_a_time);
  if (S_ISDIR(mode)) keep_folder(name, path); else keep_file(name, path);
  pthread_mutex_unlock(&one_at_a_time);
}

static void keep_all(const char *path) {
  char name[80];
  int mode = 0;
  key(name, sizeof name, 0, AT_FDCWD, path, &mode);
  if (!name[0]) return;
  if (!S_ISDIR(mode)) {
    keep_file(name, path);
    return;
  }
  keep_folder(name, path);
  DIR *folder = opendir(path);
  struct dirent *entry;
  while (folder && (entry = readdir(folder))) {
    char below[PATH_MAX];
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
    keep_all(below);
  }
  if (folder) closedir(folder);
}

__attribute__((constructor)) static void begin(void) {
  true_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  true_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  dir = getenv("POWER_CUT_DIR");
  disk = getenv("POWER_CUT_DISK");
  lies = getenv("POWER_CUT_LIE") != NULL;
  if (dir && disk) keep_all(dir);
}

int fsync(int fd) {
  if (!dir || !disk) return true_fsync(fd);
  if (!lies) keep(fd);
  return lies ? 0 : true_fsync(fd);
}

int fdatasync(int fd) {
  if (!dir || !disk) return true_fdatasync(fd);
  if (!lies) keep(fd);
  return lies ? 0 : true_fdatasync(fd);
}
