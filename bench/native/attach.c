/*
 * Times seccomp(SECCOMP_SET_MODE_FILTER) for each program, in a child of its own each time.
 *
 *   attach ROUNDS FILE...
 *
 * A file holds struct sock_filter[]. Prints a line of nanoseconds a round, in the order of the files.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct sock_filter programs[16][4096];

int main(int count, char **words) {
  struct sock_fprog filters[16];
  volatile long *answer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  struct rlimit none = {0, 0};
  int number = count - 2;
  if (number < 1 || number > 16 || answer == MAP_FAILED || setrlimit(RLIMIT_CORE, &none) != 0) return 2;
  for (int at = 0; at < number; at++) {
    FILE *file = fopen(words[at + 2], "r");
    if (!file) return 1;
    filters[at].len = (unsigned short)fread(programs[at], sizeof programs[at][0], 4096, file);
    filters[at].filter = programs[at];
    fclose(file);
  }
  for (int round = 0; round < atoi(words[1]); round++) {
    long times[16];
    for (int turn = 0; turn < number; turn++) {
      int which = (turn + round) % number;
      pid_t child;
      *answer = -1;
      child = fork();
      if (child < 0) return 1;
      if (child == 0) {
        struct timespec start, end;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(1);
        clock_gettime(CLOCK_MONOTONIC, &start);
        long failed = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filters[which]);
        clock_gettime(CLOCK_MONOTONIC, &end);
        if (failed == 0) *answer = (end.tv_sec - start.tv_sec) * 1000000000L + (end.tv_nsec - start.tv_nsec);
        /* An attached program may refuse every way out but this one. */
        __builtin_trap();
      }
      if (waitpid(child, NULL, 0) != child || *answer < 0) return fprintf(stderr, "%s was refused\n", words[which + 2]), 1;
      times[which] = *answer;
    }
    for (int which = 0; which < number; which++) printf("%ld%c", times[which], which + 1 < number ? ' ' : '\n');
  }
  return 0;
}
