/*
 * Makes calls that hooks decide on, first in the group that it was started in and then in each of some control groups, and says
 * what the kernel answered:
 *
 *     hook-workload TRACING ROUNDS CALL... < CALLS
 *
 * TRACING is switched on while it is in its own group. CALLS has a line a call, a group's name a line after `--`:
 *
 *     open PATH FLAGS OWNER | map PATH PROT | connect FAMILY PORT ADDRESS | nice NICE COMM | fork FLAGS
 *
 * each behind UID and COMM of the caller; `-` is no text, for PATH no file. It makes the calls in ROUNDS parts, with a pause
 * between them, and prints its process and a line a call: group (-1 for none), call, error, nanoseconds of CLOCK_MONOTONIC
 * before and after.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { most_calls = 512, most_groups = 64, most_targets = 16 };

struct call {
  unsigned uid;
  char comm[16], kind[16], words[3][128];
  int file, target;
  char *path;
};
static struct call calls[most_calls];
static struct { char comm[16]; pid_t process; } targets[most_targets];
static int groups[most_groups];
static struct { int error; uint64_t before, after; } answers[most_groups + 1][most_calls];
static char stack[65536] __attribute__((aligned(16)));

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static const char *text(const char *word) { return strcmp(word, "-") ? word : ""; }

/* A process of the name that stays, so that priorities can be set. */
static pid_t target_of(const char *comm) {
  int at = 0;
  while (targets[at].process && strcmp(targets[at].comm, comm)) at++;
  if (!targets[at].process) {
    strcpy(targets[at].comm, comm);
    if (!(targets[at].process = fork())) {
      prctl(PR_SET_NAME, comm);
      for (;;) pause();
    }
  }
  return targets[at].process;
}

static int ended(void *unused) { return (int)syscall(SYS_exit, unused != NULL); }

static int connect_to(struct call *call, int family) {
  union { struct sockaddr any; struct sockaddr_in four; struct sockaddr_in6 six; struct sockaddr_un local; } address;
  socklen_t length = sizeof address.four;
  uint16_t port = htons((uint16_t)atoi(call->words[1]));
  memset(&address, 0, sizeof address);
  if (family == AF_UNIX) {
    strcpy(address.local.sun_path, "/nowhere");
    length = sizeof address.local;
  } else if (family == AF_INET6) {
    inet_pton(AF_INET6, call->words[2], &address.six.sin6_addr);
    address.six.sin6_port = port;
    length = sizeof address.six;
  } else {
    inet_pton(AF_INET, call->words[2], &address.four.sin_addr);
    address.four.sin_port = port;
  }
  address.any.sa_family = (sa_family_t)family;
  return connect(call->file, &address.any, length);
}

static int perform(struct call *call) {
  if (!strcmp(call->kind, "open")) return open(call->path, atoi(call->words[1]) | O_CLOEXEC, 0666);
  if (!strcmp(call->kind, "map")) {
    int flags = MAP_PRIVATE | (call->file < 0 ? MAP_ANONYMOUS : 0);
    void *made = mmap(NULL, 4096, atoi(call->words[1]), flags, call->file, 0);
    if (made == MAP_FAILED) return -1;
    munmap(made, 4096);
    return 0;
  }
  if (!strcmp(call->kind, "connect")) return connect_to(call, atoi(call->words[0]));
  if (!strcmp(call->kind, "nice")) return setpriority(PRIO_PROCESS, (id_t)call->target, atoi(call->words[0]));
  /* A thread is waited for by CLONE_VFORK, without which nobody could. */
  int flags = atoi(call->words[0]), is_thread = (flags & CLONE_THREAD) != 0;
  pid_t child = clone(ended, stack + sizeof stack, flags | (is_thread ? CLONE_VFORK : SIGCHLD), NULL);
  if (child > 0 && !is_thread) waitpid(child, NULL, 0);
  return child < 0 ? -1 : 0;
}

static void prepare(struct call *call) {
  call->path = call->words[0];
  call->file = -1;
  if (!strcmp(call->kind, "map") && strcmp(call->path, "-")) call->file = open(call->path, O_RDONLY);
  if (!strcmp(call->kind, "nice")) call->target = target_of(text(call->words[1]));
  if (!strcmp(call->kind, "connect")) {
    int family = atoi(call->words[0]);
    call->file = socket(family == AF_UNSPEC ? AF_INET : family, SOCK_DGRAM, 0);
  }
}

static void make(int call_index, int group) {
  struct call *call = &calls[call_index];
  if (!strcmp(call->kind, "open")) chown(call->path, (uid_t)atoi(call->words[2]), 0);
  prctl(PR_SET_NAME, text(call->comm));
  /* The real user is what programs see; the effective one stays root, who may all this. */
  if (setresuid(call->uid, 0, 0)) exit(3);
  errno = 0;
  uint64_t before = now();
  int result = perform(call), error = result < 0 ? errno : 0;
  answers[group + 1][call_index].after = now();
  answers[group + 1][call_index].before = before;
  answers[group + 1][call_index].error = error;
  if (result > 2) close(result);
}

int main(int count, char **words) {
  static char line[1024];
  int rounds = count == 3 ? atoi(words[2]) : 0, call_count = 0, group_count = 0, is_group = 0;
  int tracing = rounds ? open(words[1], O_WRONLY) : -1, own = open("/sys/fs/cgroup/cgroup.procs", O_WRONLY);
  if (tracing < 0 || own < 0) return 2;
  while (fgets(line, sizeof line, stdin)) {
    char path[sizeof line + 16];
    line[strcspn(line, "\n")] = 0;
    if (!strcmp(line, "--")) is_group = 1;
    else if (is_group) {
      snprintf(path, sizeof path, "%s/cgroup.procs", line);
      if ((groups[group_count++] = open(path, O_WRONLY)) < 0) return 4;
    } else {
      struct call *call = &calls[call_count++];
      sscanf(line, "%u %15s %15s %127s %127s %127s", &call->uid, call->comm, call->kind, call->words[0], call->words[1],
             call->words[2]);
      prepare(call);
    }
  }
  for (int round = 0; round < rounds; round++) {
    if (round > 0) usleep(1300000);
    for (int group = -1; group < group_count; group++) {
      if (write(group < 0 ? own : groups[group], "0", 1) != 1) return 5;
      if (group < 0) write(tracing, "1", 1);
      for (int call = call_count * round / rounds; call < call_count * (round + 1) / rounds; call++) make(call, group);
      if (group < 0) write(tracing, "0", 1);
    }
    write(own, "0", 1);
  }
  printf("%d\n", getpid());
  for (int group = -1; group < group_count; group++)
    for (int call = 0; call < call_count; call++)
      printf("%d %d %d %llu %llu\n", group, call, answers[group + 1][call].error,
             (unsigned long long)answers[group + 1][call].before, (unsigned long long)answers[group + 1][call].after);
  for (int at = 0; targets[at].process; at++) kill(targets[at].process, SIGKILL);
  return 0;
}
