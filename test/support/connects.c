/* Connects to 127.0.0.4 in several processes again and again, and writes a byte where a connection is not refused (EPERM). */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
  struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = inet_addr("127.0.0.4")};
  for (int other = 0; other < 3; other++)
    if (fork() == 0) break;
  for (int first = 1;; first = 0) {
    int with = socket(AF_INET, SOCK_STREAM, 0);
    int refused = connect(with, (struct sockaddr *)&there, sizeof there) < 0 && errno == EPERM;
    if ((!refused && write(1, "through\n", 8) != 8) || (first && write(1, "up\n", 3) != 3)) return 1;
    close(with);
  }
}
