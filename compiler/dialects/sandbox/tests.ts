import { nearest } from '../../diagnostics/suggest.ts';
import type { Value } from '../../expressions/predicate.ts';
import type { Point } from '../../ir/policy.ts';
import { type Expected, type Question, testsField } from '../../policy-tests/policy-test.ts';
import { list, oneOf, optional, required } from '../../schema/collections.ts';
import { number, quantity, text } from '../../schema/scalars.ts';
import type { Located, Shape } from '../../schema/shape.ts';
import { targetServed } from '../../served-architectures.ts';
import { type Architecture, architectures } from '../../tables/architectures.ts';
import type * as Constants from '../../tables/constants.ts';
import { syscallNumber } from '../../tables/syscalls.ts';
import { parseAction } from './actions.ts';
import { access, accessPresets, syscall } from './names.ts';

/** Only tests need them. */
const constants = (): typeof Constants => require('../../tables/constants.ts');

/** An argument as it is written, and its value on an architecture; undefined where that has no such constant. */
interface ArgumentValue {
  readonly written: string;
  on(architecture: Architecture): bigint | undefined;
}

const argument: Shape<ArgumentValue> = quantity<ArgumentValue>(
  { kind: 'quantity', noun: 'an argument', example: 'AF_UNIX', pattern: '-?[0-9]+|0x[0-9a-fA-F]+|[A-Z][A-Z0-9_]*' },
  (written) => {
    if (/^(?:-?\d{1,19}|0x[\da-fA-F]{1,16})$/.test(written)) {
      const value = BigInt.asUintN(64, BigInt(written));
      return { written, on: () => value };
    }
    const { constantNames, constantValue } = constants();
    if (architectures.some((each) => constantValue(written, each) !== undefined)) {
      return { written, on: (architecture) => constantValue(written, architecture) };
    }
    const near = nearest(written, constantNames());
    return { wrong: 'it is neither a number nor a constant', ...(near === undefined ? {} : { fix: near }) };
  },
);

const answer: Shape<Expected> = quantity<Expected>(
  {
    kind: 'quantity',
    noun: 'an answer',
    example: 'errno(EPERM)',
    pattern:
      'allow|deny|log|notify|kill|kill-thread|kill-process|errno\\([A-Z0-9]+\\)|trap(\\([0-9]+\\))?|trace(\\([0-9]+\\))?',
    means: 'expected-verdict',
  },
  (written) => (written === 'allow' || written === 'deny' ? written : parseAction(written)),
);

const port = number({ integer: true, minimum: 0, maximum: 65_535 });

const fields = {
  syscall: optional(syscall, 'What happens to this system call?', 'socket'),
  arguments: optional(
    list(argument),
    'Its arguments from the first on: numbers, or constants by name. Those that are left out are unknown.',
    '[AF_UNIX, 1, 0]',
  ),
  path: optional(
    text('a path', { source: '/[^\\u0000]*', doc: 'an absolute path' }),
    'What may be done with this path?',
    '/etc/shadow',
  ),
  access: optional(
    oneOf(access, list(access)),
    'What is to be done with the path; the answer holds for every right in it. Default: read-only.',
    'read-write',
  ),
  connect: optional(port, 'May this TCP port be connected to?', '443'),
  bind: optional(port, 'May this TCP port be bound?', '80'),
};

/** What a sandbox policy can be asked. */
export const tests = testsField(
  {
    fields,
    questions: { syscall: ['arguments'], path: ['access'], connect: [], bind: [] },
    expect: required(
      answer,
      'The answer: `allow`, `deny` for a refusal in whatever way, or of a system call the very verdict.',
      'deny',
    ),
    read(decoded, asked) {
      if (decoded.syscall !== undefined) return callQuestion(decoded.syscall.value, decoded.arguments?.value ?? []);
      if (decoded.path !== undefined) return pathQuestion(decoded.path.value, decoded.access?.value ?? 'read-only');
      const found = decoded.connect ?? decoded.bind;
      return found === undefined ? undefined : portQuestion(asked, found.value);
    },
    answers: (expected, asked) => asked === 'syscall' || expected === 'allow' || expected === 'deny',
  },
  '[{ syscall: socket, arguments: [AF_NETLINK], expect: deny }]',
);

function callQuestion(name: string, given: readonly Located<ArgumentValue>[]) {
  const values = given.map(({ value }) => value);
  const question: Question = {
    kind: 'decision',
    point: 'syscall',
    cases: (policy, target) =>
      targetServed(policy, target)
        .architectures.filter((architecture) => syscallNumber(architecture, name) !== undefined)
        .map((architecture) => ({
          where: architecture,
          attribute(attribute): Value | undefined {
            if (attribute === 'arch') return architecture;
            if (attribute === 'syscall') return name;
            if (attribute === 'newer') return false;
            return values[Number(attribute.slice('arg'.length))]?.on(architecture);
          },
        })),
  };
  const shown = values.length === 0 ? name : `${name}(${values.map(({ written }) => written).join(', ')})`;
  return { name: shown, question };
}

function pathQuestion(path: string, wanted: string | readonly Located<string>[]) {
  const words = typeof wanted === 'string' ? [wanted] : wanted.map(({ value }) => value);
  const rights = new Set(words.flatMap((word) => accessPresets[word]?.rights ?? [word]));
  const question = decisionQuestion(
    'path',
    [...rights].map((right) => ({ where: right, attributes: { path, right } })),
  );
  return { name: `${words.join(', ')} ${path}`, question };
}

/** Addresses are left open: a policy that tells them apart gives `unknown`. */
function portQuestion(operation: string, port: number) {
  const attributes = { operation, protocol: 'tcp', port: BigInt(port) };
  return { name: `${operation} ${port}`, question: decisionQuestion('socket', [{ where: '', attributes }]) };
}

function decisionQuestion(
  point: Point,
  cases: readonly { readonly where: string; readonly attributes: Readonly<Record<string, Value>> }[],
): Question {
  return {
    kind: 'decision',
    point,
    cases: () => cases.map(({ where, attributes }) => ({ where, attribute: (name) => attributes[name] })),
  };
}
