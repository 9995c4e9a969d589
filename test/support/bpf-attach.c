/*
 * Attaches a pinned program of type BPF_PROG_TYPE_LSM to its hook, for the whole system, and pins the link:
 *
 *     bpf-attach PROGRAM LINK
 *
 * or attaches every pinned program of type BPF_PROG_TYPE_LSM of a folder to a cgroup, for as long as that is there:
 *
 *     bpf-attach --all FOLDER CGROUP
 *
 * or each of a folder to the whole system, and pins the links in another folder:
 *
 *     bpf-attach --system FOLDER LINKS
 *
 * or puts a cgroup into the only entry of a pinned map of cgroups:
 *
 *     bpf-attach --cgroup MAP CGROUP
 *
 * or prints the records that lie in a pinned ring buffer of 256 KiB, a line each:
 *
 *     bpf-attach --records MAP
 *
 * BPF_RAW_TRACEPOINT_OPEN attaches on every kernel that has such programs (bpf(2)); bpftool 7.1 has no word for it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
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

/* The layout of kernel/bpf/ringbuf.c: a page of the reader, one of the writer, the data twice over. */
static int print_records(const char *path) {
  const size_t page = 4096, size = 1 << 18;
  int map = open_pinned(path);
  uint64_t *reader = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
  const uint8_t *writer = mmap(NULL, page + 2 * size, PROT_READ, MAP_SHARED, map, (off_t)page);
  if (map < 0 || reader == MAP_FAILED || writer == MAP_FAILED) return fail(path);
  uint64_t end = *(const uint64_t *)writer;
  for (uint64_t at = *reader; at < end;) {
    const uint8_t *head = writer + page + (at & (size - 1)), *record = head + 8;
    uint32_t length = *(const uint32_t *)head, rule, path_length;
    int32_t answer;
    memcpy(&rule, record + 4, 4);
    memcpy(&answer, record + 40, 4);
    memcpy(&path_length, record + 44, 4);
    printf("record %u %d %s %.*s %u\n", rule, answer, record + 48, (int)path_length, record + 64, length - path_length);
    at += (length + 8 + 7) & ~7u;
    *reader = at;
  }
  return 0;
}

static int attach_all(const char *folder, const char *group_path) {
  union bpf_attr attributes;
  struct dirent *entry;
  char path[4096];
  DIR *programs = opendir(folder);
  int group = open(group_path, O_RDONLY | O_DIRECTORY);
  if (!programs || group < 0) return fail(programs ? group_path : folder);
  while ((entry = readdir(programs))) {
    if (entry->d_name[0] == '.') continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    int program = open_pinned(path);
    memset(&attributes, 0, sizeof attributes);
    attributes.target_fd = (uint32_t)group;
    attributes.attach_bpf_fd = (uint32_t)program;
    attributes.attach_type = 43; /* BPF_LSM_CGROUP, in headers since Linux 6.0 */
    attributes.attach_flags = BPF_F_ALLOW_MULTI;
    if (program < 0 || bpf(BPF_PROG_ATTACH, &attributes)) return fail(path);
    close(program);
  }
  return 0;
}

/* Of a program that cannot be attached it says so. */
static int attach(const char *program_path, const char *link_path) {
  union bpf_attr attributes;
  int program = open_pinned(program_path);
  if (program < 0) return fail(program_path);
  memset(&attributes, 0, sizeof attributes);
  attributes.raw_tracepoint.prog_fd = (uint32_t)program;
  int link = bpf(BPF_RAW_TRACEPOINT_OPEN, &attributes);
  close(program);
  if (link < 0) {
    printf("%s is not attached: %s\n", program_path, strerror(errno));
    return 1;
  }
  memset(&attributes, 0, sizeof attributes);
  attributes.pathname = (uint64_t)(uintptr_t)link_path;
  attributes.bpf_fd = (uint32_t)link;
  int pinned = bpf(BPF_OBJ_PIN, &attributes);
  close(link);
  return pinned == 0 ? 0 : fail(link_path);
}

static int attach_to_system(const char *folder, const char *links) {
  struct dirent *entry;
  char program[4096], link[4096];
  int failed = 0;
  DIR *programs = opendir(folder);
  if (!programs) return fail(folder);
  while ((entry = readdir(programs))) {
    if (entry->d_name[0] == '.') continue;
    snprintf(program, sizeof program, "%s/%s", folder, entry->d_name);
    snprintf(link, sizeof link, "%s/%s", links, entry->d_name);
    failed |= attach(program, link);
  }
  return failed;
}

int main(int count, char **words) {
  union bpf_attr attributes;
  if (count == 3 && strcmp(words[1], "--records") == 0) return print_records(words[2]);
  if (count == 4 && strcmp(words[1], "--all") == 0) return attach_all(words[2], words[3]);
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
  if (count == 4 && strcmp(words[1], "--system") == 0) return attach_to_system(words[2], words[3]);
  return count == 3 ? attach(words[1], words[2]) : 2;
}
