import type { Artifact, Validation } from '../../backends/backend.ts';
import type { Decision, Point, Policy } from '../../ir/policy.ts';
import { Trap } from './arithmetic.ts';
import { contentOf, expected, expressionsOf, requireHeader, said, shown, textOf } from './index.ts';
import { inputsOf } from './inputs.ts';
import { Interpreter } from './interpreter.ts';
import { decodeModule, isUnsound, UnsoundModule } from './module.ts';
import { readJoined } from './read-layout.ts';
import { RecordWriter } from './write-record.ts';

/** So many instructions are interpreted: what whoever joins policies has time for. */
const mostInstructions = 60_000_000;
/** So many inputs of one policy are asked at a time, so that each policy has its turn. */
const atATime = 4;

/**
 * Decodes a module of many policies, and compares the answer of every policy with the reference evaluator on inputs around
 * the constants of each.
 *
 * @param policies as the module was made of them: each decides at the point
 */
export function validateJoined(policies: readonly Policy[], point: Point, artifacts: readonly Artifact[]): Validation {
  const method = 'interpreted on inputs around constants of every policy';
  let compared = 0;
  try {
    const bytes = contentOf(artifacts, 'decisions.wasm');
    if (typeof bytes === 'string') throw new UnsoundModule('decisions.wasm is a text');
    const decisions = policies.flatMap(({ name, decisions: own }) =>
      own.filter((each) => each.point === point).map((decision) => ({ name, decision })),
    );
    const layout = readJoined(textOf(contentOf(artifacts, 'decisions.json')), point, decisions);
    const decoded = decodeModule(bytes);
    const answers = 16 * Math.ceil(decisions.length / 4);
    const interpreter = new Interpreter({ ...decoded, memory: decoded.memory + 1 + Math.ceil(answers / 65_536) });
    requireHeader(interpreter, layout.fingerprint);
    const records = new RecordWriter(interpreter);
    const output = Number(interpreter.global('input'));
    const rules = decisions.flatMap(({ decision }) => decision.rules);
    const expressions = expressionsOf({ ...decisions[0]!.decision, rules }, layout);
    const slots = expressions === undefined ? layout.slots : expressions.slots;
    let turns = decisions.map(({ decision }) => inputsOf(decision, slots).known[Symbol.iterator]());
    let left = mostInstructions;
    while (turns.length > 0 && left > 0) {
      const next: Iterator<Map<string, string | bigint | number | boolean | undefined>>[] = [];
      for (const turn of turns) {
        if (left <= 0) break;
        let done = false;
        for (let count = 0; count < atATime && !done; count += 1) {
          const { value, done: over } = turn.next();
          done = over === true;
          if (over === true) break;
          for (const { known, bindings } of expressions?.inputs.of(value, false) ?? [{ known: value, bindings: {} }]) {
            records.write(layout, known, bindings, output + answers);
            const others = Number(interpreter.call(layout.function, [output + answers, output]));
            left -= interpreter.ran;
            let wanted = 0;
            for (const [place, { name, decision }] of decisions.entries()) {
              const should = expected(decision, known);
              const is = said(decision, interpreter.view.getUint32(output + 4 * place, true));
              if (is !== should) throw new UnsoundModule(wrong(name, decision, is, should, shown(known)));
              if (!should.startsWith('allow ')) wanted += 1;
              compared += 1;
            }
            if (others !== wanted)
              throw new UnsoundModule(`${others} that do not allow, not ${wanted}, for ${shown(known)}`);
          }
        }
        if (!done) next.push(turn);
      }
      turns = next;
    }
    return { status: 'tested', method, compared };
  } catch (problem) {
    if (!(isUnsound(problem) || problem instanceof Trap)) throw problem;
    return { status: 'refused', method, compared, counterexample: problem.message };
  }
}

function wrong(policy: string, { point }: Decision, is: string, should: string, known: string): string {
  return `${point}: of ${policy} the module says ${is}, the policy ${should}, for ${known}`;
}
