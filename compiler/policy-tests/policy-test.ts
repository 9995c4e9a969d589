import { report } from '../diagnostics/report.ts';
import type { Value } from '../expressions/predicate.ts';
import type { Effect, Point, Policy } from '../ir/policy.ts';
import { list, object, optional } from '../schema/collections.ts';
import { text } from '../schema/scalars.ts';
import type { DecodeContext, Decoded, Field, Fields, Located, Shape } from '../schema/shape.ts';
import type { Target } from '../target.ts';

/** A question about a policy with the answer that its author expects. */
export interface PolicyTest {
  /** As its author calls it, or what is asked. */
  readonly name: string;
  readonly question: Question;
  readonly expected: Located<Expected>;
}

export type Question =
  | {
      readonly kind: 'decision';
      readonly point: Point;
      /** What is asked; several where the answer has to be the same, as on each architecture. */
      cases(policy: Policy, target: Target): readonly QuestionCase[];
    }
  /** What a policy makes of a cost event, which is in a file beside it, or said here. */
  | {
      readonly kind: 'event';
      readonly event: Located<string | SaidEvent>;
      /** When, in milliseconds since 1970. */
      readonly at: number | undefined;
    };

export interface QuestionCase {
  /** What tells it from the other cases; empty where there are none. */
  readonly where: string;
  /** An attribute of the point, see ir/points.ts; undefined is unknown. */
  attribute(name: string): Value | undefined;
}

/** A cost event in the form into which every event is brought. */
export interface SaidEvent {
  readonly source: 'budgets' | 'anomaly';
  readonly account: string;
  readonly amount: number;
  readonly service?: string;
  readonly region?: string;
  readonly forecast?: boolean;
  readonly tags?: ReadonlyMap<string, string>;
}

/**
 * `allow` is everything that lets it happen, `deny` everything that refuses it in whatever way; an effect is that one.
 * The others are about events.
 */
export type Expected = 'allow' | 'deny' | 'match' | 'no-match' | 'unknown' | Effect;

/** What every test has, and how the questions of a dialect are told apart and read. */
export interface TestShape<F extends Fields> {
  readonly fields: F;
  /** The keys that ask, each with the keys that only go with it. */
  readonly questions: Readonly<Record<string, readonly (keyof F & string)[]>>;
  readonly expect: Field<Expected>;
  /** Undefined where what is asked could not be read, which has been reported. */
  read(decoded: Decoded<F>, asked: string): Pick<PolicyTest, 'name' | 'question'> | undefined;
  /** Whether an answer can be one to the question. */
  answers(expected: Expected, asked: string): boolean;
}

const nameField = optional(
  text('a name', { source: '[^\\u0000-\\u001f]{1,200}', doc: 'at most 200 characters on one line' }),
  'What the test is called. Default: what it asks.',
  'netlink sockets are refused',
);

/** The field `tests` of a dialect. Each test asks one question. */
export function testsField<F extends Fields>(shape: TestShape<F>, example: string) {
  return optional(
    list(testOf(shape)),
    'Questions about the policy, each with the answer that is expected. `polc test` asks them; they change nothing of what the policy means.',
    example,
  );
}

function testOf<F extends Fields>({ fields, questions, expect, read, answers }: TestShape<F>): Shape<PolicyTest> {
  const whole = object({ name: nameField, ...fields, expect });
  return {
    description: whole.description,
    decode(node, context) {
      const decoded = whole.decode(node, context) as
        | (Decoded<F> & { readonly name?: Located<string>; readonly expect?: Located<Expected> })
        | undefined;
      if (decoded === undefined || node.kind !== 'map') return undefined;
      const written = node.entries.map(({ key }) => key);
      const asked = written.filter(({ text }) => Object.hasOwn(questions, text));
      const [question] = asked;
      if (question === undefined || asked.length > 1) {
        const keys = Object.keys(questions).map((key) => `\`${key}\``);
        const found = asked.map(({ text }) => `\`${text}\``).join(' and ') || 'none';
        context.diagnostics.push(report('POL2110', (asked[1] ?? node).span, { found, known: keys.join(', ') }));
        return undefined;
      }
      if (reportStrays(written, question.text, questions, context)) return undefined;
      const what = read(decoded, question.text);
      const expected = decoded.expect;
      if (what === undefined || expected === undefined) return undefined;
      if (!answers(expected.value, question.text)) {
        const answer = expected.node.kind === 'scalar' ? expected.node.text : '';
        context.diagnostics.push(report('POL2112', expected.span, { answer, question: question.text }));
        return undefined;
      }
      return { ...what, name: decoded.name?.value ?? what.name, expected };
    },
  };
}

/** Keys that belong to another question than the one that is asked. */
function reportStrays(
  written: readonly { readonly text: string; readonly span: Located<unknown>['span'] }[],
  asked: string,
  questions: TestShape<Fields>['questions'],
  context: DecodeContext,
): boolean {
  const own = questions[asked] ?? [];
  let found = false;
  for (const { text: key, span } of written) {
    const of = Object.keys(questions).find((question) => questions[question]?.includes(key));
    if (of === undefined || own.includes(key)) continue;
    context.diagnostics.push(report('POL2111', span, { key, question: of }));
    found = true;
  }
  return found;
}
