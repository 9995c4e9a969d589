/* Does what each of its words says, and prints what came of it: `word result` or `word -1 errno`. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void say(const char *word, long result) {
  if (result < 0) printf("%s -1 %s\n", word, strerrorname_np(errno));
  else printf("%s %s\n", word, "done");
  fflush(stdout);
}

static long ask(void) { return syscall(SYS_personality, 0xffffffff); }

static atomic_int tightened, stop, wrong, asked;

/* A call that begins after the trigger has returned must be refused. */
static void *race(void *unused) {
  while (!atomic_load(&stop)) {
    int before = atomic_load(&tightened);
    long result = ask();
    atomic_fetch_add(&asked, 1);
    if (before && result >= 0) atomic_fetch_add(&wrong, 1);
  }
  return unused;
}

static void *forever(void *unused) {
  for (;;) ask();
  return unused;
}

static long nanoseconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

int main(int count, char **words) {
  pid_t parent = getppid(); /* before anybody is told that this runs */
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int at = 1; at < count; at++) {
    const char *word = words[at];
    errno = 0;
    if (!strcmp(word, "personality")) say(word, ask());
    else if (!strcmp(word, "socket")) say(word, socket(AF_INET, SOCK_DGRAM, 0));
    else if (!strcmp(word, "connect")) { /* connect PORT: a datagram socket to this machine */
      struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
      to.sin_port = htons(atoi(words[++at]));
      int made = socket(AF_INET, SOCK_DGRAM, 0);
      say(word, connect(made, (struct sockaddr *)&to, sizeof to));
      close(made);
    } else if (!strcmp(word, "unix")) say(word, socket(AF_UNIX, SOCK_DGRAM, 0));
    else if (!strcmp(word, "sethostname")) say(word, sethostname("", 0) == 0 || errno == EFAULT ? 0 : -1);
    else if (!strcmp(word, "setuid")) say(word, setuid(getuid()));
    else if (!strcmp(word, "clone3")) say(word, syscall(SYS_clone3, NULL, 0));
    else if (!strcmp(word, "vmsplice")) say(word, syscall(SYS_vmsplice, -1, NULL, 0, 0) == -1 && errno == EBADF ? 0 : -1);
    else if (!strcmp(word, "listener")) {
      struct sock_filter pass[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
      struct sock_fprog program = {1, pass};
      say(word, syscall(SYS_seccomp, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
    } else if (!strcmp(word, "fork")) { /* the rest in a child, then the words again from `after` */
      pid_t child = fork();
      if (child < 0) say(word, child);
      if (child == 0) continue;
      int status;
      waitpid(child, &status, 0);
      if (WIFSIGNALED(status)) printf("child signal %d\n", WTERMSIG(status));
      while (at < count && strcmp(words[at], "after")) at++;
    } else if (!strcmp(word, "after")) _exit(0);
    else if (!strcmp(word, "exec")) {
      execv("/proc/self/exe", words + at);
      say(word, -1);
    } else if (!strcmp(word, "thread")) {
      pthread_t thread;
      void *none(void *unused) { return unused; }
      int result = pthread_create(&thread, NULL, none, NULL);
      if (result == 0) pthread_join(thread, NULL);
      errno = result;
      say(word, result == 0 ? 0 : -1);
    } else if (!strcmp(word, "race")) {
      pthread_t threads[4];
      for (int each = 0; each < 4; each++) pthread_create(&threads[each], NULL, race, NULL);
      while (atomic_load(&asked) < 200) sched_yield();
      long result = socket(AF_INET, SOCK_DGRAM, 0);
      atomic_store(&tightened, 1);
      int until = atomic_load(&asked) + 400;
      while (atomic_load(&asked) < until) sched_yield();
      atomic_store(&stop, 1);
      for (int each = 0; each < 4; each++) pthread_join(threads[each], NULL);
      printf("race %s %d\n", result < 0 ? "failed" : "wrong", atomic_load(&wrong));
    } else if (!strcmp(word, "exit-amid")) {
      pthread_t thread;
      for (int each = 0; each < 4; each++) pthread_create(&thread, NULL, forever, NULL);
      usleep(3000);
      _exit(7);
    } else if (!strcmp(word, "forks")) {
      pid_t made[64];
      int all = 0;
      while (all < 64 && (made[all] = fork()) >= 0) {
        if (made[all] == 0) { pause(); _exit(0); }
        all++;
      }
      printf("forks %d %s\n", all, strerrorname_np(errno));
      while (all > 0) kill(made[--all], SIGKILL);
      while (wait(NULL) > 0) {}
    } else if (!strcmp(word, "wait")) pause();
    else if (!strcmp(word, "open")) { int made = open(words[++at], O_CREAT | O_WRONLY, 0600); say(word, made); }
    else if (!strcmp(word, "pause")) usleep(500000);
    else if (!strcmp(word, "refused")) { /* waits until a call is, and how long that took, in ns */
      long began = nanoseconds();
      while (ask() >= 0 && nanoseconds() - began < 60000000000L) {}
      printf("refused %ld %s\n", nanoseconds() - began, strerrorname_np(errno));
    } else if (!strcmp(word, "orphan")) while (getppid() == parent) usleep(1000);
    else if (!strcmp(word, "line")) { /* no further: the next line is the next word's */
      char last = 0;
      while (last != '\n') if (read(0, &last, 1) <= 0) return 1;
    } else if (!strcmp(word, "each")) { /* each COUNT: the mean of a call that is asked about, in ns */
      int times = atoi(words[++at]);
      long began = nanoseconds();
      for (int each = 0; each < times; each++) ask();
      printf("each %ld\n", (nanoseconds() - began) / times);
    } else if (!strcmp(word, "plain")) { /* of one that is not */
      int times = atoi(words[++at]);
      long began = nanoseconds();
      for (int each = 0; each < times; each++) syscall(SYS_getppid);
      printf("plain %ld\n", (nanoseconds() - began) / times);
    } else if (!strcmp(word, "time")) {
      long began = nanoseconds();
      int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
      printf("time %ld %d\n", nanoseconds() - began, descriptor < 0);
    } else return 2;
  }
  return 0;
}
