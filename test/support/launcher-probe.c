/* Tries, from inside a sandbox, what the launcher is to prevent. Prints one line per attempt: NAME: ok or errno. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char *self = "/proc/self/exe";
static char *marker[] = {"probe", "executed", NULL};
static char *none[] = {NULL};

/* Each attempt in a child of its own: a success replaces the child with this program, which prints that it ran. */
static void attempt(const char *name, long (*run)(long), long argument) {
  fflush(stdout);
  pid_t child = fork();
  if (child < 0) {
    printf("%s: fork errno %d\n", name, errno);
    return;
  }
  if (child == 0) {
    long result = run(argument);
    printf("%s: %s %d\n", name, result < 0 ? "errno" : "returned", result < 0 ? errno : (int)result);
    fflush(stdout);
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status)) printf("%s: signal %d\n", name, WTERMSIG(status));
}

static long plain(long path) { return syscall(SYS_execve, path ? (char *)path : self, marker, none, 0, 0, 0); }

static long with_words(long words) {
  long *pair = (long *)words;
  return syscall(SYS_execve, self, marker, none, 0, pair[0], pair[1]);
}

static long by_descriptor(long number) {
  int file = open(self, O_RDONLY);
  if (number >= 0 && dup2(file, number) < 0) return -1;
  return syscall(SYS_execveat, number >= 0 ? (int)number : file, "", marker, none, AT_EMPTY_PATH);
}

static long in_memory(long empty_path) {
  int file = memfd_create("copy", 0);
  int from = open(self, O_RDONLY);
  char buffer[65536];
  for (ssize_t count; (count = read(from, buffer, sizeof buffer)) > 0;)
    if (write(file, buffer, count) != count) return -1;
  if (empty_path) return syscall(SYS_execveat, file, "", marker, none, AT_EMPTY_PATH);
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  return syscall(SYS_execve, path, marker, none, 0, 0, 0);
}

/* A page mapped where a pointer-checking filter would have looked: the arguments are addresses with equal contents. */
static long mapped(long unused) {
  (void)unused;
  long *page = mmap((void *)0x410000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  if (page == MAP_FAILED) page = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memcpy(page, (void *)getauxval(AT_RANDOM), 16);
  return syscall(SYS_execve, self, marker, none, 0, page, page + 1);
}

/* Reads back a filter of a child, as checkpointing does: PTRACE_SECCOMP_GET_FILTER. */
static long read_filter(long unused) {
  (void)unused;
  pid_t child = fork();
  if (child == 0) {
    pause();
    _exit(0);
  }
  long result = ptrace(PTRACE_ATTACH, child, 0, 0);
  if (result == 0) {
    waitpid(child, NULL, 0);
    result = ptrace(0x420c, child, 0, 0);
  }
  int error = errno;
  kill(child, 9);
  errno = error;
  return result;
}

static long parent_memory(long unused) {
  (void)unused;
  char line[256], path[64] = "";
  FILE *status = fopen("/proc/self/status", "r");
  /* Of this child, the parent is the probe; of the probe, the launcher. */
  int probe = 0;
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "PPid: %d", &probe) == 1) break;
  snprintf(path, sizeof path, "/proc/%d/status", probe);
  status = fopen(path, "r");
  int launcher = 0;
  while (status && fgets(line, sizeof line, status))
    if (sscanf(line, "PPid: %d", &launcher) == 1) break;
  snprintf(path, sizeof path, "/proc/%d/mem", launcher);
  return open(path, O_RDONLY);
}

static int bypass(void) {
  long zero[2] = {0, 0}, ones[2] = {-1, -1};
  attempt("plain", plain, 0);
  attempt("shell", plain, (long)"/bin/sh");
  attempt("zeros", with_words, (long)zero);
  attempt("ones", with_words, (long)ones);
  attempt("own-random", with_words, (long)getauxval(AT_RANDOM));
  attempt("descriptor", by_descriptor, -1);
  for (long number = 3; number < 40; number += 12) {
    char name[32];
    snprintf(name, sizeof name, "descriptor-%ld", number);
    attempt(name, by_descriptor, number);
  }
  attempt("memory", in_memory, 0);
  attempt("memory-descriptor", in_memory, 1);
  attempt("mapped", mapped, 0);
  attempt("filter", read_filter, 0);
  attempt("parent", parent_memory, 0);
  return 0;
}

static int connect_to(const char *address, int port) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &to.sin_addr);
  int client = socket(AF_INET, SOCK_STREAM, 0);
  int result = connect(client, (struct sockaddr *)&to, sizeof to);
  return result == 0 ? 0 : errno;
}

static int network(int port) {
  struct sockaddr_in own = {.sin_family = AF_INET, .sin_port = htons(4567)};
  inet_pton(AF_INET, "127.0.0.1", &own.sin_addr);
  int server = socket(AF_INET, SOCK_STREAM, 0);
  int bound = bind(server, (struct sockaddr *)&own, sizeof own);
  printf("bind: %d\n", bound == 0 ? listen(server, 1) : errno);
  printf("own server: %d\n", connect_to("127.0.0.1", 4567));
  printf("server outside: %d\n", connect_to("127.0.0.1", port));
  printf("other address: %d\n", connect_to("192.0.2.1", 80));
  return 0;
}

/* Descriptors above 2, the one that reads the folder left out. */
static int descriptors(void) {
  for (int number = 3; number < 1024; number++)
    if (fcntl(number, F_GETFD) >= 0) printf("%d\n", number);
  return 0;
}

int main(int count, char **words) {
  if (count < 2) return 1;
  if (strcmp(words[1], "executed") == 0) return puts("EXECUTED") < 0;
  if (strcmp(words[1], "bypass") == 0) return bypass();
  if (strcmp(words[1], "network") == 0) return network(atoi(words[2]));
  if (strcmp(words[1], "descriptors") == 0) return descriptors();
  if (strcmp(words[1], "fork") == 0) {
    int made = 0;
    while (made < 100 && fork() > 0) made++;
    if (made == 100 || errno) printf("forks: %d\n", made), fflush(stdout);
    usleep(100000);
    return 0;
  }
  if (strcmp(words[1], "burn") == 0) {
    /* The share of the processor in percent that a loop gets within so many milliseconds. */
    struct timespec start, now, used;
    long wall;
    clock_gettime(CLOCK_MONOTONIC, &start);
    do {
      clock_gettime(CLOCK_MONOTONIC, &now);
      wall = (now.tv_sec - start.tv_sec) * 1000 + (now.tv_nsec - start.tv_nsec) / 1000000;
    } while (wall < atol(words[2]));
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return printf("share: %ld\n", (used.tv_sec * 1000 + used.tv_nsec / 1000000) * 100 / wall) < 0;
  }
  if (strcmp(words[1], "memory") == 0) {
    for (int megabyte = 0; megabyte < atoi(words[2]); megabyte++) memset(malloc(1 << 20), 1, 1 << 20);
    return puts("touched") < 0;
  }
  return 1;
}
