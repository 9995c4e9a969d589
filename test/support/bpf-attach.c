/*
 * Attaches a pinned program of type BPF_PROG_TYPE_LSM to its hook, for the whole system, and pins the link:
 *
 *     bpf-attach PROGRAM LINK
 *
 * or puts a cgroup into the only entry of a pinned map of cgroups:
 *
 *     bpf-attach --cgroup MAP CGROUP
 *
 * BPF_RAW_TRACEPOINT_OPEN does so on every kernel that has such programs (bpf(2)); bpftool 7.1 has no word for it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int bpf(int command, union bpf_attr *attributes) {
  return (int)syscall(SYS_bpf, command, attributes, sizeof *attributes);
}

static int fail(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

static int open_pinned(const char *path) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof attributes);
  attributes.pathname = (uint64_t)(uintptr_t)path;
  return bpf(BPF_OBJ_GET, &attributes);
}

int main(int count, char **words) {
  union bpf_attr attributes;
  if (count == 4 && strcmp(words[1], "--cgroup") == 0) {
    int map = open_pinned(words[2]);
    int group = open(words[3], O_RDONLY | O_DIRECTORY);
    uint32_t key = 0;
    if (map < 0 || group < 0) return fail(words[map < 0 ? 2 : 3]);
    memset(&attributes, 0, sizeof attributes);
    attributes.map_fd = (uint32_t)map;
    attributes.key = (uint64_t)(uintptr_t)&key;
    attributes.value = (uint64_t)(uintptr_t)&group;
    return bpf(BPF_MAP_UPDATE_ELEM, &attributes) == 0 ? 0 : fail("the map");
  }
  if (count != 3) return 2;
  int program = open_pinned(words[1]);
  if (program < 0) return fail(words[1]);
  memset(&attributes, 0, sizeof attributes);
  attributes.raw_tracepoint.prog_fd = (uint32_t)program;
  int link = bpf(BPF_RAW_TRACEPOINT_OPEN, &attributes);
  if (link < 0) return fail("the link");
  memset(&attributes, 0, sizeof attributes);
  attributes.pathname = (uint64_t)(uintptr_t)words[2];
  attributes.bpf_fd = (uint32_t)link;
  return bpf(BPF_OBJ_PIN, &attributes) == 0 ? 0 : fail(words[2]);
}
