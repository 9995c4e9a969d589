/* What is executed to see whether it may be. */
int main(void) { return 0; }
