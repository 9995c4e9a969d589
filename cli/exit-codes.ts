/** What `polc` ends with; `run` adds 125 to 127 as env(1) does. docs/exit-codes.md tells users. */
export const exitCode = {
  /** Fine: built, allowed, no drift. */
  fine: 0,
  /** The policy is wrong, or a gate was exceeded. */
  policy: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The environment refused: a file unreadable, an output unwritable. */
  environment: 3,
  /** The answer is no: a launch refused, drift found, no policy matched. */
  refused: 4,
  /** A mistake of ours (EX_SOFTWARE of sysexits.h). */
  internal: 70,
} as const;
