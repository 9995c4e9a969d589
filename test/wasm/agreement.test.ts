import fc from 'fast-check';
import { decisionModule } from '../../compiler/backends/wasm/decisions.ts';
import { encoderBody } from '../../compiler/backends/wasm/encoder/javascript.ts';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import { matchesGlob } from '../../compiler/expressions/glob.ts';
import { javascriptBody } from '../../compiler/expressions/javascript.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import type { Decision, Point } from '../../compiler/ir/policy.ts';
import { anyDecision, anyValues, everyPoint } from '../support/any-decision.ts';
import { environmentOf, type Values } from '../support/arbitrary.ts';
import { suite } from '../support/harness.ts';
import { policyOf } from '../support/policies.ts';

const { test, run } = suite('wasm agreement');

/** What the reference evaluator says, in the words of an answer. */
function expected(decision: Decision, values: Values): string {
  const environment = environmentOf(values);
  const verdict = decide(decision, environment);
  if (verdict !== undefined) return `${verdict.effect.kind} by ${verdict.by.id}`;
  const unknown = decision.rules.find(({ when }) => evaluate(when, environment) === undefined);
  return `unknown by ${unknown?.id}`;
}

type Deciding = Readonly<Record<string, (attributes: Values) => number>>;

function deciding(decision: Decision): (values: Values) => string {
  const { bytes, decisions } = decisionModule(policyOf({ decisions: [decision] }));
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), {});
  const functions = new Function('instance', encoderBody(decisions))(instance) as Deciding;
  const ids = [...decision.rules.map(({ id }) => id), decision.otherwise.id];
  const kinds = ['unknown', 'allow', 'deny', 'log', 'errno', 'trap', 'trace', 'notify', 'kill-thread', 'kill-process'];
  return (values) => {
    const given = Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) => [
        [name, value],
        [`$${name}`, value],
      ]),
    );
    const answer = functions[decision.point]!(given);
    return `${kinds[answer & 15]} by ${ids[answer >>> 4]}`;
  };
}

for (const point of everyPoint) {
  test(`${point}: a module decides as the reference evaluator`, () => {
    fc.assert(
      fc.property(
        anyDecision(point),
        fc.array(anyValues(point), { minLength: 12, maxLength: 12 }),
        (decision, many) => {
          const ask = deciding(decision);
          for (const values of many) {
            const [is, should] = [ask(values), expected(decision, values)];
            if (is !== should) throw new Error(`${is} where ${should} for ${show(values)}`);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
}

function show(values: Values): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? JSON.stringify(value) : value}`)
    .join(' ');
}

test('a module decides as the JavaScript that is generated for other programs', () => {
  const withJavascript: readonly Point[] = ['cost-event', 'launch', 'request', 'aws-request'];
  let compared = 0;
  for (const point of withJavascript) {
    fc.assert(
      fc.property(anyDecision(point, 1), anyValues(point), (decision, values) => {
        const [rule] = decision.rules;
        const body = rule === undefined ? undefined : javascriptBody([rule.when]);
        if (rule === undefined || body === undefined || decision.combine !== 'first-match') return;
        const [holds] = new Function('attribute', 'matches', body)((name: string) => values[name], matchesGlob);
        const said = deciding(decision)(values);
        const should =
          holds === undefined
            ? `unknown by ${rule.id}`
            : holds === true
              ? `${rule.effect.kind} by ${rule.id}`
              : `${decision.otherwise.effect.kind} by ${decision.otherwise.id}`;
        if (said !== should) throw new Error(`${said} where ${should} for ${show(values)}`);
        compared += 1;
      }),
      { numRuns: 150 },
    );
  }
  if (compared < 50) throw new Error(`only ${compared} were compared`);
});

run();
