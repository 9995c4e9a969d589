import {
  and,
  attribute,
  compare,
  inSet,
  literal,
  not,
  or,
  type Predicate,
  type Term,
} from '../../../expressions/predicate.ts';

const syscall = attribute('syscall');

function calls(...names: readonly string[]): Predicate {
  return inSet(syscall, names);
}

/** An `int` argument: the kernel looks at the low half of the register. */
function lowWord(argument: string): Term {
  return { kind: 'mask', term: attribute(argument), mask: 0xffff_ffffn };
}

function oneOf(term: Term, ...values: readonly bigint[]): Predicate {
  return or(...values.map((value) => compare(term, '==', literal(value))));
}

function withFlag(name: string, argument: string, flag: bigint): Predicate {
  return and(calls(name), compare({ kind: 'mask', term: attribute(argument), mask: flag }, '!=', literal(0n)));
}

/** CLONE_THREAD and CLONE_NEWUSER of linux/sched.h. */
const thread = 0x1_0000n;
const newUser = 0x1000_0000n;

/**
 * The system calls that are an event of `adaptive.triggers`, as far as the registers tell: what lies behind a pointer may
 * change after it was looked at. Undefined for an event that no call is by its registers alone.
 */
export function callsOfEvent(event: string): Predicate | undefined {
  switch (event) {
    case 'network_access':
      return or(
        // AF_UNIX and AF_NETLINK are no network. On x86 socketcall stands for all calls of sockets, its arguments behind a
        // pointer; what a ring of io_uring does is no system call.
        and(calls('socket'), not(oneOf(lowWord('arg0'), 1n, 16n))),
        calls('io_uring_setup', 'socketcall'),
      );
    case 'process_spawn':
      return or(
        calls('fork', 'vfork', 'execve', 'execveat'),
        and(calls('clone'), compare({ kind: 'mask', term: attribute('arg0'), mask: thread }, '==', literal(0n))),
      );
    case 'privilege_change':
      return or(
        calls(
          'capset',
          'setfsgid',
          'setfsgid32',
          'setfsuid',
          'setfsuid32',
          'setgid',
          'setgid32',
          'setgroups',
          'setgroups32',
          'setns',
          'setregid',
          'setregid32',
          'setresgid',
          'setresgid32',
          'setresuid',
          'setresuid32',
          'setreuid',
          'setreuid32',
          'setuid',
          'setuid32',
        ),
        withFlag('clone', 'arg0', newUser),
        withFlag('unshare', 'arg0', newUser),
        // PR_CAPBSET_DROP, PR_SET_SECUREBITS, PR_CAP_AMBIENT
        and(calls('prctl'), oneOf(lowWord('arg0'), 24n, 28n, 47n)),
      );
    default:
      return undefined;
  }
}

/** What a hook records of an event that no system call tells; undefined for the others. */
export function recordsOfEvent(event: string): { readonly hook: string; readonly when: Predicate } | undefined {
  if (event !== 'file_write_outside_tmp') return undefined;
  // O_WRONLY and O_RDWR.
  const writes = compare({ kind: 'mask', term: attribute('flags'), mask: 3n }, '!=', literal(0n));
  return {
    hook: 'file_open',
    when: and(writes, not({ kind: 'beneath', term: attribute('path'), pattern: '/tmp' })),
  };
}
