/*
 * Tries to get rid of the programs and limits of the control group that it is in, and prints what came of it:
 *
 *     way-out procs GROUP     moves itself by the file cgroup.procs
 *     way-out clone GROUP     starts a process in GROUP (clone3(2), CLONE_INTO_CGROUP), through a descriptor of O_PATH
 *     way-out detach          detaches every link of bpf(2)
 *     way-out write FILE...   opens each for writing
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int bpf(int command, union bpf_attr *attributes) {
  return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static int say(const char *what, int failed) {
  printf("%s: %s\n", what, failed ? strerror(errno) : "passed");
  return failed;
}

static int by_procs(const char *group) {
  char path[4096];
  snprintf(path, sizeof path, "%s/cgroup.procs", group);
  int file = open(path, O_WRONLY);
  return say("procs", file < 0 || write(file, "0", 1) != 1);
}

static int by_clone(const char *group) {
  struct clone_args arguments;
  memset(&arguments, 0, sizeof arguments);
  int folder = open(group, O_PATH | O_DIRECTORY), status = 0;
  arguments.flags = CLONE_INTO_CGROUP;
  arguments.exit_signal = 17;
  arguments.cgroup = (uint64_t)folder;
  long child = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (child == 0) _exit(0);
  return say("clone", child < 0 || waitpid((pid_t)child, &status, 0) < 0);
}

static int by_detaching(void) {
  union bpf_attr attributes;
  uint32_t last = 0;
  for (;;) {
    memset(&attributes, 0, sizeof attributes);
    attributes.start_id = last;
    if (bpf(BPF_LINK_GET_NEXT_ID, &attributes)) return say("detach", errno != ENOENT || last == 0);
    last = attributes.next_id;
    memset(&attributes, 0, sizeof attributes);
    attributes.link_id = last;
    int link = bpf(BPF_LINK_GET_FD_BY_ID, &attributes);
    if (link < 0) return say("detach", 1);
    memset(&attributes, 0, sizeof attributes);
    attributes.link_detach.link_fd = (uint32_t)link;
    if (bpf(BPF_LINK_DETACH, &attributes)) return say("detach", 1);
  }
}

int main(int count, char **words) {
  if (count == 3 && !strcmp(words[1], "procs")) return by_procs(words[2]);
  if (count == 3 && !strcmp(words[1], "clone")) return by_clone(words[2]);
  if (count == 2 && !strcmp(words[1], "detach")) return by_detaching();
  for (int at = 2; count > 2 && !strcmp(words[1], "write") && at < count; at++) {
    say(words[at], open(words[at], O_WRONLY) < 0);
  }
  return 0;
}
