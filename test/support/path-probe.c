/*
 * Makes files and folders and changes the permissions of each, after a script on standard input, a line for each step:
 *
 *     cd PATH         changes the folder; a path may be relative
 *     into COUNT NAME makes folders in each other and goes into the last
 *     file NAME       makes a file, and tells of it: opens it and changes its mode by its descriptor
 *     gone NAME       the same, after the file was removed; the folder NAME too, where it is one
 *     tell PATH       the same of what is there
 *     hold PATH       opens a folder, which `under` names
 *     under NAME      the same of a name in the folder that is held
 *     root PATH       chroot(2)
 *     make PATH       mkdir(2)
 *     move OLD NEW    rename(2)
 *     bind OLD NEW    mount --bind
 *     tmpfs PATH      mounts a tmpfs
 *     loose PATH      unmounts it though it is held: umount2(2) with MNT_DETACH
 *     overlay PATH OPTIONS
 *     say WORDS       prints them
 *
 * It prints nothing else but what fails.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static int held = AT_FDCWD;

static int tell(int folder, const char *name) {
  int file = openat(folder, name, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  int result = fchmod(file, 0755);
  close(file);
  return result;
}

static int gone(const char *name) {
  int file = open(name, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  if (unlink(name) && rmdir(name)) return -1;
  int result = fchmod(file, 0755);
  close(file);
  return result;
}

static int step(const char *what, char *first, char *second) {
  if (!strcmp(what, "cd")) return chdir(first);
  if (!strcmp(what, "into")) {
    for (int left = atoi(first); left > 0; left--)
      if ((mkdir(second, 0755) && errno != EEXIST) || chdir(second)) return -1;
    return 0;
  }
  if (!strcmp(what, "file")) {
    int file = open(first, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
    return file < 0 || close(file) ? -1 : tell(AT_FDCWD, first);
  }
  if (!strcmp(what, "gone")) return gone(first);
  if (!strcmp(what, "tell")) return tell(AT_FDCWD, first);
  if (!strcmp(what, "hold")) return held = open(first, O_PATH | O_DIRECTORY), held < 0 ? -1 : 0;
  if (!strcmp(what, "under")) return tell(held, first);
  if (!strcmp(what, "root")) return chroot(first);
  if (!strcmp(what, "make")) return mkdir(first, 0755);
  if (!strcmp(what, "move")) return rename(first, second);
  if (!strcmp(what, "bind")) return mount(first, second, NULL, MS_BIND, NULL);
  if (!strcmp(what, "tmpfs")) return mount("none", first, "tmpfs", 0, NULL);
  if (!strcmp(what, "loose")) return umount2(first, MNT_DETACH);
  if (!strcmp(what, "overlay")) return mount("none", first, "overlay", 0, second);
  if (!strcmp(what, "say")) return printf("%s %s\n", first, second ? second : "") < 0 ? -1 : 0;
  errno = ENOSYS;
  return -1;
}

int main(void) {
  static char line[1 << 13];
  while (fgets(line, sizeof line, stdin)) {
    char *what = strtok(line, " \n"), *first = strtok(NULL, " \n"), *second = strtok(NULL, " \n");
    if (!what) continue;
    if (step(what, first ? first : "", second)) printf("%s %s: %s\n", what, first, strerror(errno));
    fflush(stdout);
  }
  return 0;
}
