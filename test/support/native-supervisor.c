/*
 * Starts a launcher, takes its listener and answers as runtime/sandbox/supervisor does, for machines that run no Node:
 *
 *   native-supervisor START.bpf STRICTER.bpf EVENT.bpf LAUNCHER COMMAND...
 *
 * Writes of each notification its bytes and the answer of the filter to standard error, in hexadecimal digits.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct program {
  int count;
  struct sock_filter code[8192];
};
static struct program start, stricter, event;

static void load(struct program *program, const char *path) {
  int file = open(path, O_RDONLY);
  int bytes = file < 0 ? -1 : read(file, program->code, sizeof program->code);
  if (bytes <= 0 || bytes == sizeof program->code) exit(90);
  program->count = bytes / sizeof program->code[0];
  close(file);
}

static void fail(int code) {
  perror("native-supervisor");
  exit(code);
}

/* linux/filter.h as far as filters of system calls have it (seccomp_check_filter()). */
static uint32_t run(const struct program *program, const struct seccomp_data *data) {
  uint32_t a = 0, x = 0, memory[16] = {0};
  for (int at = 0; at < program->count; at++) {
    struct sock_filter each = program->code[at];
    uint32_t operand = BPF_SRC(each.code) == BPF_X ? x : each.k;
    switch (each.code) {
    case BPF_LD | BPF_W | BPF_ABS: memcpy(&a, (const char *)data + each.k, 4); break;
    case BPF_LD | BPF_IMM: a = each.k; break;
    case BPF_LDX | BPF_IMM: x = each.k; break;
    case BPF_LD | BPF_MEM: a = memory[each.k]; break;
    case BPF_LDX | BPF_MEM: x = memory[each.k]; break;
    case BPF_ST: memory[each.k] = a; break;
    case BPF_STX: memory[each.k] = x; break;
    case BPF_MISC | BPF_TAX: x = a; break;
    case BPF_MISC | BPF_TXA: a = x; break;
    case BPF_ALU | BPF_AND | BPF_K: case BPF_ALU | BPF_AND | BPF_X: a &= operand; break;
    case BPF_ALU | BPF_OR | BPF_K: case BPF_ALU | BPF_OR | BPF_X: a |= operand; break;
    case BPF_ALU | BPF_XOR | BPF_K: case BPF_ALU | BPF_XOR | BPF_X: a ^= operand; break;
    case BPF_ALU | BPF_ADD | BPF_K: case BPF_ALU | BPF_ADD | BPF_X: a += operand; break;
    case BPF_ALU | BPF_SUB | BPF_K: case BPF_ALU | BPF_SUB | BPF_X: a -= operand; break;
    case BPF_ALU | BPF_LSH | BPF_K: case BPF_ALU | BPF_LSH | BPF_X: a <<= operand; break;
    case BPF_ALU | BPF_RSH | BPF_K: case BPF_ALU | BPF_RSH | BPF_X: a >>= operand; break;
    case BPF_JMP | BPF_JA: at += each.k; break;
    case BPF_JMP | BPF_JEQ | BPF_K: case BPF_JMP | BPF_JEQ | BPF_X: at += a == operand ? each.jt : each.jf; break;
    case BPF_JMP | BPF_JGT | BPF_K: case BPF_JMP | BPF_JGT | BPF_X: at += a > operand ? each.jt : each.jf; break;
    case BPF_JMP | BPF_JGE | BPF_K: case BPF_JMP | BPF_JGE | BPF_X: at += a >= operand ? each.jt : each.jf; break;
    case BPF_JMP | BPF_JSET | BPF_K: case BPF_JMP | BPF_JSET | BPF_X: at += a & operand ? each.jt : each.jf; break;
    case BPF_RET | BPF_K: return each.k;
    case BPF_RET | BPF_A: return a;
    default: exit(91);
    }
  }
  exit(92);
}

static uint32_t stricterOf(uint32_t one, uint32_t other) {
  return (int32_t)(one & SECCOMP_RET_ACTION_FULL) <= (int32_t)(other & SECCOMP_RET_ACTION_FULL) ? one : other;
}

int main(int count, char **words) {
  if (count < 6) return 2;
  load(&start, words[1]);
  load(&stricter, words[2]);
  load(&event, words[3]);
  int report[2];
  if (pipe(report)) fail(93);
  pid_t launcher = fork();
  if (launcher == 0) {
    dup2(report[1], 3);
    if (report[0] > 3) close(report[0]);
    if (report[1] > 3) close(report[1]);
    execv(words[4], words + 4);
    fail(94);
  }
  close(report[1]);
  char byte;
  if (read(report[0], &byte, 1) != 1) fail(95);
  int handle = syscall(SYS_pidfd_open, launcher, 0);
  int listener = -1;
  for (int tries = 0; tries < 10000; tries++) {
    char path[64], target[64] = "";
    listener = syscall(SYS_pidfd_getfd, handle, 3, 0);
    snprintf(path, sizeof path, "/proc/self/fd/%d", listener);
    if (listener >= 0 && readlink(path, target, sizeof target - 1) > 0 && !strcmp(target, "anon_inode:seccomp notify")) break;
    if (listener >= 0) close(listener);
    listener = -1;
    usleep(1000);
  }
  if (listener < 0) fail(96);
  int isFirst = 1, isStricter = 0;
  for (;;) {
    struct seccomp_notif asked;
    struct seccomp_notif_resp answer = {0};
    memset(&asked, 0, sizeof asked);
    /* Fails with ENOENT when the last process with the filter has ended. */
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked)) break;
    uint32_t decided = SECCOMP_RET_ALLOW;
    if (!isFirst) {
      if (run(&event, &asked.data) == SECCOMP_RET_USER_NOTIF) isStricter = 1;
      decided = run(&start, &asked.data);
      if (isStricter) decided = stricterOf(decided, run(&stricter, &asked.data));
    }
    isFirst = 0;
    for (size_t at = 0; at < sizeof asked; at++) fprintf(stderr, "%02x", ((unsigned char *)&asked)[at]);
    fprintf(stderr, " %08x\n", decided);
    answer.id = asked.id;
    if (decided == SECCOMP_RET_ALLOW || decided == SECCOMP_RET_LOG) answer.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    else answer.error = -(int)(decided & SECCOMP_RET_DATA);
    ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
  }
  int status;
  waitpid(launcher, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
