/*
 * Attaches a program and makes calls under it, each in a process of its own, and says what became of them.
 *
 * Standard input: u32 length in instructions, struct sock_filter[], u32 count, and for each call seven u64: the number
 * and six arguments. Standard output, a line a call: `returned N` (negative: the error), `trapped DATA` or `signal N`.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct answer {
  int kind; /* 0 none, 1 returned, 2 trapped */
  long value;
};
static volatile struct answer *answer;

static void trapped(int signal, siginfo_t *information, void *context) {
  (void)signal;
  (void)context;
  answer->value = information->si_errno;
  answer->kind = 2;
  __builtin_trap();
}

int main(void) {
  static struct sock_filter program[4096];
  struct rlimit none = {0, 0};
  struct sigaction action = {0};
  uint32_t length, count;
  answer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (answer == MAP_FAILED || setrlimit(RLIMIT_CORE, &none) != 0) return 1;
  if (fread(&length, sizeof length, 1, stdin) != 1 || length > 4096) return 1;
  if (fread(program, sizeof *program, length, stdin) != length) return 1;
  if (fread(&count, sizeof count, 1, stdin) != 1) return 1;
  action.sa_sigaction = trapped;
  action.sa_flags = SA_SIGINFO;
  for (; count > 0; count--) {
    uint64_t call[7];
    int status;
    if (fread(call, sizeof call, 1, stdin) != 1) return 1;
    fflush(stdout);
    answer->kind = 0;
    pid_t child = fork();
    if (child < 0) return 1;
    if (child == 0) {
      struct sock_fprog filter = {(unsigned short)length, program};
      if (sigaction(SIGSYS, &action, NULL) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) _exit(1);
      if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) != 0) _exit(2);
      long value = syscall((long)call[0], call[1], call[2], call[3], call[4], call[5], call[6]);
      answer->value = value == -1 ? -errno : value;
      answer->kind = 1;
      /* An attached program may refuse every way out but this one. */
      __builtin_trap();
    }
    if (waitpid(child, &status, 0) != child) return 1;
    if (answer->kind == 1) printf("returned %ld\n", answer->value);
    else if (answer->kind == 2) printf("trapped %ld\n", answer->value);
    else if (WIFSIGNALED(status)) printf("signal %d\n", WTERMSIG(status));
    else printf("not attached (%d)\n", WEXITSTATUS(status));
  }
  return 0;
}
