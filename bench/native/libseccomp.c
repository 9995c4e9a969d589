/*
 * libseccomp at the same work as our compiler: from rules with names to an exported program.
 *
 *   libseccomp OPTIMIZE ROUNDS FILE < rules
 *
 * OPTIMIZE is SCMP_FLTATR_CTL_OPTIMIZE: 1 for the linear program, 2 for the binary tree. The program of the last round is
 * written to FILE; standard output has the nanoseconds of each round, one a line. A round makes the filter, resolves
 * the names, adds the rules and exports into memory; reading the rules' text is outside the measured time.
 *
 *   default ACTION
 *   arch TOKEN
 *   rule ACTION SYSCALL [INDEX OP A B]*
 */
#define _GNU_SOURCE
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct rule {
  uint32_t action;
  char name[32];
  unsigned count;
  struct scmp_arg_cmp comparisons[6];
};

static struct rule rules[8192];
static unsigned rule_count;
static uint32_t architectures[8];
static unsigned architecture_count;
static uint32_t otherwise;

static void read_rules(void) {
  static char line[1 << 12];
  while (fgets(line, sizeof line, stdin)) {
    char *word = strtok(line, " \n");
    if (!word) continue;
    if (!strcmp(word, "default")) {
      otherwise = (uint32_t)strtoul(strtok(NULL, " \n"), NULL, 0);
    } else if (!strcmp(word, "arch")) {
      architectures[architecture_count++] = (uint32_t)strtoul(strtok(NULL, " \n"), NULL, 0);
    } else {
      struct rule *rule = &rules[rule_count++];
      char *index;
      rule->action = (uint32_t)strtoul(strtok(NULL, " \n"), NULL, 0);
      strncpy(rule->name, strtok(NULL, " \n"), sizeof rule->name - 1);
      while ((index = strtok(NULL, " \n")) != NULL) {
        struct scmp_arg_cmp *comparison = &rule->comparisons[rule->count++];
        comparison->arg = (unsigned)strtoul(index, NULL, 0);
        comparison->op = (enum scmp_compare)strtoul(strtok(NULL, " \n"), NULL, 0);
        comparison->datum_a = strtoull(strtok(NULL, " \n"), NULL, 0);
        comparison->datum_b = strtoull(strtok(NULL, " \n"), NULL, 0);
      }
    }
  }
}

static int build(unsigned optimize, int output) {
  scmp_filter_ctx filter = seccomp_init(otherwise);
  if (!filter || seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, optimize) != 0) return 1;
  for (unsigned at = 0; at < architecture_count; at++) {
    if (architectures[at] != seccomp_arch_native() && seccomp_arch_add(filter, architectures[at]) != 0) return 1;
  }
  for (unsigned at = 0; at < rule_count; at++) {
    const struct rule *rule = &rules[at];
    int number = seccomp_syscall_resolve_name(rule->name);
    if (number == __NR_SCMP_ERROR) continue; /* a call that this libseccomp does not know yet */
    if (seccomp_rule_add_array(filter, rule->action, number, rule->count, rule->comparisons) != 0) return 1;
  }
  if (seccomp_export_bpf(filter, output) != 0) return 1;
  seccomp_release(filter);
  return 0;
}

int main(int count, char **words) {
  if (count != 4) return 2;
  unsigned rounds = (unsigned)atoi(words[2]);
  int output = memfd_create("program", 0);
  read_rules();
  for (unsigned round = 0; round < rounds; round++) {
    struct timespec start, end;
    if (ftruncate(output, 0) != 0 || lseek(output, 0, SEEK_SET) != 0) return 1;
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (build((unsigned)atoi(words[1]), output) != 0) return 1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%ld\n", (end.tv_sec - start.tv_sec) * 1000000000L + (end.tv_nsec - start.tv_nsec));
  }
  static char program[1 << 20];
  ssize_t size = pread(output, program, sizeof program, 0);
  FILE *file = fopen(words[3], "w");
  return size > 0 && file && fwrite(program, 1, (size_t)size, file) == (size_t)size && fclose(file) == 0 ? 0 : 1;
}
