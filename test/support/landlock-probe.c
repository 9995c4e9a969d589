/* Applies a Landlock ruleset and reports which accesses pass; see landlock-oracle.ts. Lines on standard input:
 *
 *   ruleset FS NET SCOPED        masks of struct landlock_ruleset_attr
 *   path ACCESS FILEACCESS PATH  an absent path adds nothing
 *   port ACCESS PORT
 *   restrict
 *   run COMMAND                  by the shell; prints 0 or with what it ended
 *   read|write|list|make|remove|mkdir|truncate|execute|ioctl PATH, bind|connect PORT, rename FROM TO,
 *   signal PROCESS, abstract NAME    prints 0 or the errno
 *   serve NAME                       listens on an abstract socket and waits for ever
 *
 * Without a ruleset it says what a sandbox refuses that it is started in.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int execute(const char *path) {
  int status;
  pid_t child = fork();
  if (child == 0) {
    execl(path, path, (char *)NULL);
    _exit(errno);
  }
  if (child < 0 || waitpid(child, &status, 0) != child) return -1;
  errno = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return errno == 0 ? 0 : -1;
}

static int request(const char *path) {
  int entropy, device = open(path, O_RDONLY | O_CLOEXEC);
  if (device < 0) return -1;
  int result = ioctl(device, 0x80045200 /* RNDGETENTCNT */, &entropy), error = errno;
  close(device);
  errno = error;
  return result;
}

static int reach_abstract(const char *name, int serves) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  size_t length = strlen(name);
  memcpy(address.sun_path + 1, name, length);
  socklen_t size = (socklen_t)(sizeof(sa_family_t) + 1 + length);
  if (serves) {
    if (bind(sock, (struct sockaddr *)&address, size) || listen(sock, 1)) return -1;
    pause();
  }
  int result = connect(sock, (struct sockaddr *)&address, size), error = errno;
  close(sock);
  errno = error;
  return result;
}

static int move(const char *paths) {
  char from[4096], to[4096];
  if (sscanf(paths, "%4095s %4095s", from, to) != 2) return -1;
  return rename(from, to);
}

static int attempt(const char *what, const char *argument) {
  int descriptor = -1, result = 0;
  if (!strcmp(what, "read")) descriptor = open(argument, O_RDONLY | O_CLOEXEC);
  else if (!strcmp(what, "write")) descriptor = open(argument, O_WRONLY | O_CLOEXEC);
  else if (!strcmp(what, "list")) descriptor = open(argument, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  else if (!strcmp(what, "make")) descriptor = mknod(argument, S_IFREG | 0600, 0);
  else if (!strcmp(what, "remove")) descriptor = unlink(argument);
  else if (!strcmp(what, "mkdir")) descriptor = mkdir(argument, 0700);
  else if (!strcmp(what, "truncate")) descriptor = truncate(argument, 1);
  else if (!strcmp(what, "execute")) descriptor = execute(argument);
  else if (!strcmp(what, "ioctl")) descriptor = request(argument);
  else if (!strcmp(what, "rename")) descriptor = move(argument);
  else if (!strcmp(what, "signal")) descriptor = kill(atoi(argument), 0);
  else if (!strcmp(what, "abstract")) descriptor = reach_abstract(argument, 0);
  else if (!strcmp(what, "serve")) descriptor = reach_abstract(argument, 1);
  else {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argument))};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    descriptor = !strcmp(what, "bind") ? bind(sock, (struct sockaddr *)&address, sizeof address)
                                       : connect(sock, (struct sockaddr *)&address, sizeof address);
    result = descriptor < 0 ? errno : 0;
    close(sock);
    return result;
  }
  result = descriptor < 0 ? errno : 0;
  if (descriptor > 2) close(descriptor);
  return result;
}

int main(void) {
  static char line[1 << 14];
  int ruleset = -1;
  while (fgets(line, sizeof line, stdin)) {
    char *word = strtok(line, " \n");
    if (!strcmp(word, "ruleset")) {
      uint64_t attributes[3];
      for (int at = 0; at < 3; at++) attributes[at] = strtoull(strtok(NULL, " \n"), NULL, 0);
      ruleset = (int)syscall(SYS_landlock_create_ruleset, attributes, sizeof attributes, 0);
      if (ruleset < 0) return perror("landlock_create_ruleset"), 1;
    } else if (!strcmp(word, "path")) {
      struct landlock_path_beneath_attr rule;
      uint64_t access = strtoull(strtok(NULL, " \n"), NULL, 0), on_file = strtoull(strtok(NULL, " \n"), NULL, 0);
      const char *path = strtok(NULL, "\n");
      struct stat status;
      rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
      if (rule.parent_fd < 0) continue;
      if (fstat(rule.parent_fd, &status)) return 1;
      rule.allowed_access = S_ISDIR(status.st_mode) ? access : on_file;
      if (rule.allowed_access && syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
        return perror(path), 1;
      close(rule.parent_fd);
    } else if (!strcmp(word, "port")) {
      uint64_t rule[2];
      rule[0] = strtoull(strtok(NULL, " \n"), NULL, 0);
      rule[1] = strtoull(strtok(NULL, " \n"), NULL, 0);
      if (syscall(SYS_landlock_add_rule, ruleset, 2 /* LANDLOCK_RULE_NET_PORT */, rule, 0)) return perror("port"), 1;
    } else if (!strcmp(word, "restrict")) {
      if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) return 1;
      if (syscall(SYS_landlock_restrict_self, ruleset, 0)) return perror("landlock_restrict_self"), 1;
    } else {
      const char *argument = strtok(NULL, "\n");
      printf("%d\n", strcmp(word, "run") ? attempt(word, argument) : system(argument));
      fflush(stdout);
    }
  }
  return 0;
}
