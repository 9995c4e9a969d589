/* Builds a filter with libseccomp from lines on standard input and writes its program (struct sock_filter[]) to
 * standard output. Rules go in as runc and crun put them in; see libseccomp-oracle.ts for who writes the lines.
 *
 *   default ACTION
 *   arch TOKEN                            an SCMP_ARCH_* value; the native one is removed unless named
 *   rule ACTION SYSCALL [INDEX OP A B]*   operators are the values of enum scmp_compare
 */
#include <errno.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  static char line[1 << 16];
  scmp_filter_ctx filter = NULL;
  int keep_native = 0, failed;
  while (fgets(line, sizeof line, stdin)) {
    char *word = strtok(line, " \n");
    if (!word) continue;
    if (!strcmp(word, "default")) {
      filter = seccomp_init((uint32_t)strtoul(strtok(NULL, " \n"), NULL, 0));
      if (!filter) return 1;
    } else if (!strcmp(word, "arch")) {
      uint32_t arch = (uint32_t)strtoul(strtok(NULL, " \n"), NULL, 0);
      if (arch == seccomp_arch_native()) keep_native = 1;
      else if ((failed = seccomp_arch_add(filter, arch)) != 0) return fprintf(stderr, "arch: %s\n", strerror(-failed)), 1;
    } else {
      uint32_t action = (uint32_t)strtoul(strtok(NULL, " \n"), NULL, 0);
      char *name = strtok(NULL, " \n"), *index;
      int number = seccomp_syscall_resolve_name(name);
      struct scmp_arg_cmp comparisons[6];
      unsigned count = 0;
      if (number == __NR_SCMP_ERROR) continue; /* both runtimes ignore a name that libseccomp does not know */
      while ((index = strtok(NULL, " \n")) != NULL) {
        comparisons[count].arg = (unsigned)strtoul(index, NULL, 0);
        comparisons[count].op = (enum scmp_compare)strtoul(strtok(NULL, " \n"), NULL, 0);
        comparisons[count].datum_a = strtoull(strtok(NULL, " \n"), NULL, 0);
        comparisons[count].datum_b = strtoull(strtok(NULL, " \n"), NULL, 0);
        count++;
      }
      failed = seccomp_rule_add_array(filter, action, number, count, comparisons);
      if (failed) return fprintf(stderr, "rule %s: %s\n", name, strerror(-failed)), 1;
    }
  }
  if (!keep_native && seccomp_arch_remove(filter, SCMP_ARCH_NATIVE) != 0) return 1;
  return seccomp_export_bpf(filter, 1) == 0 ? 0 : 1;
}
