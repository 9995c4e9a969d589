import { entries } from '../entry.ts';

export const limits = entries({
  POL7001: {
    severity: 'error',
    message: 'the filter for {program} needs {length} instructions: the kernel takes {limit}',
    help: 'drop or simplify the conditions that cost most, first those of `{topic}`',
    explanation:
      'A seccomp filter has at most 4,096 instructions (BPF_MAXINSNS). Conditions on arguments cost most: every value or range that a condition names is up to four instructions. Allow or refuse the call whatever its arguments, join values into ranges, or build one program for each architecture.',
  },
  POL7020: {
    severity: 'error',
    message: 'a path of {length} bytes is longer than the kernel takes',
    help: 'shorten it to {most} bytes',
    explanation: 'A path in a system call has at most 4,095 bytes and a NUL (PATH_MAX of linux/limits.h).',
  },
  POL7101: {
    severity: 'error',
    message: '`{value}` is out of range',
    help: 'write a number {expected}',
    explanation: 'The number is outside what the kernel can take.',
    bad: 'profile: web\nmode: sandbox\nresources:\n  pids: 0\n',
    good: 'profile: web\nmode: sandbox\nresources:\n  pids: 256\n',
  },
  POL7102: {
    severity: 'hint',
    message: '`{value}` is {bytes} bytes: `{unit}` is decimal',
    help: 'write `{binary}` for the power of two',
    explanation:
      '`MB` is a million bytes and `MiB` is 1,048,576. Many tools read the first as the second, so polc says which it is.',
    bad: 'profile: web\nmode: sandbox\nresources:\n  memory: 512MB\n',
    good: 'profile: web\nmode: sandbox\nresources:\n  memory: 512MiB\n',
  },
  POL7200: {
    severity: 'error',
    message: 'what is denied needs {count} {many}: {holder} can have {most}',
    help: 'deny fewer actions, or write patterns such as `ec2:Create*`; a raised quota is named with `--target attached-policies=N`',
    explanation:
      'IAM limits the size of a policy document and how many of them one place may have. A long deny list is split over several policies, and where a pattern matches only such actions as are denied it stands in their place. The notes name the services that take up most room. The quota counts the policies that are there already.',
  },
  POL7201: {
    severity: 'error',
    message: '`{topic}` does not fit into {what} of {most} characters with its conditions',
    help: 'name fewer regions or principals',
    explanation:
      'The conditions of a statement are repeated in every document over which a deny list is split. Here they fill a whole document and leave no room for an action.',
  },
});
