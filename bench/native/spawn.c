/*
 * Starts commands in turn and times each from before vfork(2) to after wait4(2), which tells the processor time too.
 *
 *   spawn ROUNDS COMMAND... -- COMMAND... [-- COMMAND...]
 *
 * Each round starts every command once, beginning with another one each time, so that what else the machine does falls
 * on all alike. Their output goes to /dev/null. Prints a line of nanoseconds a round: in the order of the commands the time
 * that passed, then in the same order the processor time, of user and system. Ends with 1 when a command fails.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static long nanoseconds(struct timeval time) { return time.tv_sec * 1000000000L + time.tv_usec * 1000L; }

int main(int count, char **words) {
  char **commands[32];
  long times[64];
  unsigned number = 0, rounds;
  posix_spawn_file_actions_t actions;
  if (count < 3) return 2;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  rounds = (unsigned)atoi(words[1]);
  commands[number++] = words + 2;
  for (int at = 2; at < count; at++) {
    if (strcmp(words[at], "--") != 0 || number == 32) continue;
    words[at] = NULL;
    commands[number++] = words + at + 1;
  }
  for (unsigned round = 0; round < rounds; round++) {
    for (unsigned turn = 0; turn < number; turn++) {
      unsigned which = (turn + round) % number;
      struct timespec start, end;
      pid_t child;
      int status;
      struct rusage used;
      clock_gettime(CLOCK_MONOTONIC, &start);
      if (posix_spawn(&child, commands[which][0], &actions, NULL, commands[which], environ) != 0) return 1;
      if (wait4(child, &status, 0, &used) != child) return 1;
      clock_gettime(CLOCK_MONOTONIC, &end);
      if (status != 0) return fprintf(stderr, "%s: status %#x\n", commands[which][0], status), 1;
      times[which] = (end.tv_sec - start.tv_sec) * 1000000000L + (end.tv_nsec - start.tv_nsec);
      times[number + which] = nanoseconds(used.ru_utime) + nanoseconds(used.ru_stime);
    }
    for (unsigned which = 0; which < 2 * number; which++) printf("%ld%c", times[which], which + 1 < 2 * number ? ' ' : '\n');
  }
  return 0;
}
