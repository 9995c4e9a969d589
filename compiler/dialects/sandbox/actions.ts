import { nearest } from '../../diagnostics/suggest.ts';
import type { Effect } from '../../ir/policy.ts';
import { type Misread, quantity } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';
import { errnoNames, errnoValue } from '../../tables/errno.ts';

const simple: Readonly<Record<string, Effect>> = {
  allow: { kind: 'allow' },
  log: { kind: 'log' },
  notify: { kind: 'notify' },
  'kill-thread': { kind: 'kill-thread' },
  'kill-process': { kind: 'kill-process' },
  kill: { kind: 'kill-process' },
  trap: { kind: 'trap', data: 0 },
  trace: { kind: 'trace', data: 0 },
};

const words = [...Object.keys(simple), 'errno(EPERM)', 'trap(N)', 'trace(N)'];

/** What the verdicts of one word mean. */
export const verdictDocs: Readonly<Record<string, string>> = {
  allow: 'the call is made',
  log: 'the call is made, and logged',
  notify: 'a supervisor is asked',
  'kill-thread': 'the thread is killed',
  'kill-process': 'the process is killed',
  kill: 'the same as kill-process',
  trap: 'the thread gets SIGSYS',
  trace: 'a tracer is told; without one the call fails with ENOSYS',
};

/** What `deny` is where a test expects it. */
export const anyRefusal = 'it is refused, in whatever way';

/** A verdict of seccomp(2), as text: `allow`, `errno(EPERM)`, `errno(38)`, `trace(7)`. */
export function parseAction(text: string, known: readonly string[] = words): Effect | Misread {
  if (Object.hasOwn(simple, text)) return simple[text]!;
  const match = /^(errno|trap|trace)\(\s*([A-Za-z0-9_]+)\s*\)$/.exec(text);
  if (match === null) {
    if (text === 'errno') return { wrong: 'which errno?', fix: 'errno(EPERM)' };
    const asErrno = errnoValue(text);
    if (asErrno !== undefined) return { wrong: 'an errno is written as a call', fix: `errno(${text})` };
    const suggestion = nearest(text, known);
    return {
      wrong: `the actions are ${known.map((word) => `\`${word}\``).join(', ')}`,
      ...(suggestion ? { fix: suggestion } : {}),
    };
  }
  const [, kind, argument = ''] = match;
  if (kind !== 'errno') {
    const data = Number(argument);
    if (!/^[0-9]+$/.test(argument) || data > 0xffff) return { wrong: 'the number must be from 0 to 65535' };
    return { kind: kind as 'trap' | 'trace', data };
  }
  if (/^[0-9]+$/.test(argument)) {
    const errno = Number(argument);
    // The kernel clamps larger values to MAX_ERRNO (include/linux/err.h), and 0 would report success.
    if (errno < 1 || errno > 4095) return { wrong: 'an errno is from 1 to 4095' };
    return { kind: 'errno', errno };
  }
  const errno = errnoValue(argument);
  if (errno !== undefined) return { kind: 'errno', errno };
  const suggestion = nearest(argument, errnoNames());
  return { wrong: `there is no errno \`${argument}\``, ...(suggestion ? { fix: `errno(${suggestion})` } : {}) };
}

export const action: Shape<Effect> = quantity<Effect>(
  {
    kind: 'quantity',
    noun: 'an action',
    example: 'errno(EPERM)',
    pattern:
      'allow|log|notify|kill|kill-thread|kill-process|errno\\([A-Z0-9]+\\)|trap(\\([0-9]+\\))?|trace(\\([0-9]+\\))?',
    means: 'verdict',
  },
  (text) => parseAction(text),
);

/** `default:` also takes `deny`, which is kill-process. */
export const defaultAction: Shape<Effect> = quantity<Effect>(
  {
    kind: 'quantity',
    noun: 'a default action',
    example: 'deny',
    pattern:
      'deny|allow|log|notify|kill|kill-thread|kill-process|errno\\([A-Z0-9]+\\)|trap(\\([0-9]+\\))?|trace(\\([0-9]+\\))?',
    means: 'default-verdict',
  },
  (text) => (text === 'deny' ? { kind: 'kill-process' } : parseAction(text, ['deny', ...words])),
);
