/*
 * Starts a launcher and stops what it forks before that has run at all:
 *
 *     orphaned-child killed|spared bound|free LAUNCHER WORD...
 *
 * With `killed` the launcher's first process is then killed and gone before its child goes on. Prints how the child ended,
 * as the parent of everybody who loses his own, after the last of them has ended. `bound` gives the launcher a socket.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int fails(const char *what) {
  printf("%s: %s\n", what, strerror(errno));
  return 1;
}

int main(int count, char **words) {
  int status = 0, ends[2];
  unsigned long forked = 0;
  if (count < 5) return fails("words");
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return fails("subreaper");
  if (strcmp(words[2], "bound") == 0) {
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) return fails("socketpair");
    /* What has other numbers than 3 the launcher closes. */
    if (dup(ends[0]) < 0) return fails("dup");
    if (dup2(ends[1], 3) < 0) return fails("dup2");
  }
  pid_t launcher = fork();
  if (launcher == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    execv(words[3], words + 3);
    _exit(127);
  }
  if (waitpid(launcher, &status, 0) != launcher || !WIFSTOPPED(status)) return fails("launcher");
  if (ptrace(PTRACE_SETOPTIONS, launcher, 0, PTRACE_O_TRACEFORK | PTRACE_O_EXITKILL) != 0) return fails("options");
  for (int signal = 0;;) {
    if (ptrace(PTRACE_CONT, launcher, 0, signal) != 0) return fails("continue");
    if (waitpid(launcher, &status, 0) != launcher || !WIFSTOPPED(status)) return fails("fork");
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_FORK << 8)) break;
    /* The exec is told by a SIGTRAP of its own. */
    signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
  }
  if (ptrace(PTRACE_GETEVENTMSG, launcher, 0, &forked) != 0) return fails("number");
  pid_t child = (pid_t)forked;
  if (waitpid(child, &status, __WALL) != child || !WIFSTOPPED(status)) return fails("child");
  if (strcmp(words[1], "killed") == 0) {
    kill(launcher, SIGKILL);
    if (waitpid(launcher, &status, 0) != launcher || !WIFSIGNALED(status)) return fails("kill");
    printf("parent: signal %d\n", WTERMSIG(status));
    launcher = 0;
  } else if (ptrace(PTRACE_DETACH, launcher, 0, 0) != 0) return fails("let go");
  fflush(stdout);
  if (ptrace(PTRACE_DETACH, child, 0, 0) != 0) return fails("let go of the child");
  for (pid_t ended; (ended = waitpid(-1, &status, __WALL)) > 0;) {
    if (ended != child && ended != launcher) continue;
    printf("%s: %s %d\n", ended == child ? "child" : "parent", WIFEXITED(status) ? "code" : "signal",
           WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
  }
  return 0;
}
