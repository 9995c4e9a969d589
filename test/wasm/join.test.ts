import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { equal, is, match, ok } from 'uvu/assert';
import { joinedArtifacts } from '../../compiler/backends/wasm/join.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { validateJoined } from '../../compiler/verify/wasm/joined.ts';
import { anyDecision, anyValues, everyPoint } from '../support/any-decision.ts';
import { environmentOf, type Values } from '../support/arbitrary.ts';
import { compileText } from '../support/compile-text.ts';
import { suite } from '../support/harness.ts';
import { smallPolicy, withProject } from '../support/polc-process.ts';
import { policyOf } from '../support/policies.ts';

const { test, run } = suite('wasm join');

/** Policies with what they are called; a question, and what it is about. */
const anyPolicies = fc
  .constantFrom(...everyPoint)
  .chain((point) =>
    fc.tuple(
      fc.constant(point),
      fc.array(anyDecision(point, 3), { minLength: 1, maxLength: 6 }),
      fc.array(anyValues(point), { minLength: 4, maxLength: 4 }),
    ),
  );

/** With each value as a parameter too, and what the expressions among the attributes read of a request. */
function givenOf(values: Values): Readonly<Record<string, unknown>> {
  const [text, isLarge] = [values['value:auth.x'], values['condition:request.size > 10']];
  return {
    ...Object.fromEntries(
      Object.entries(values).flatMap(([name, value]) => [
        [name, value],
        [`$${name}`, value],
      ]),
    ),
    ...(text === undefined ? {} : { auth: { x: text } }),
    ...(isLarge === undefined ? {} : { request: { size: isLarge === true ? 11n : 10n } }),
  };
}

interface Script {
  policies(instance: WebAssembly.Instance): {
    decide(attributes: Readonly<Record<string, unknown>>): number;
    readonly answers: Readonly<ArrayLike<number>>;
  };
  explain(place: number, answer: number): { readonly policy: string; readonly effect: string; readonly rule: string };
}

test('the script of joined policies gives the answer of each, and its validation accepts them', async () => {
  await fc.assert(
    fc.asyncProperty(anyPolicies, async ([point, decisions, questions]) => {
      const policies = decisions.map((decision, at) => policyOf({ name: `p${at}`, decisions: [decision] }));
      const artifacts = joinedArtifacts(policies, point);
      const { status, counterexample } = validateJoined(policies, point, artifacts);
      is(status, 'tested', counterexample);
      const content = (path: string) => artifacts.find((each) => each.path === path)!.content;
      const url = `data:text/javascript,${encodeURIComponent(String(content('decisions.js')))}`;
      const { policies: load, explain }: Script = await import(url);
      const module = new WebAssembly.Module(content('decisions.wasm') as BufferSource);
      const { decide: ask, answers } = load(new WebAssembly.Instance(module, {}));
      for (const values of questions) {
        const others = ask(givenOf(values));
        let wanted = 0;
        for (const [place, decision] of decisions.entries()) {
          const verdict = decide(decision, environmentOf(values));
          const said = explain(place, answers[place]!);
          equal([said.policy, said.effect], [`p${place}`, verdict?.effect.kind ?? 'unknown']);
          if (verdict !== undefined) is(said.rule, verdict.by.id);
          if (said.effect !== 'allow') wanted += 1;
        }
        is(others, wanted);
      }
    }),
    { numRuns: 60 },
  );
});

test('a module that decides otherwise for one of the policies is refused', () => {
  const policies = ['a', 'b', 'c'].map((name, at) => {
    const { policy } = compileText(
      `security: { landlock: { paths: [{ path: /srv/${name}${at}, access: read-only }] } }`,
    );
    return { ...policy!, name };
  });
  const artifacts = joinedArtifacts(policies, 'path');
  is(validateJoined(policies, 'path', artifacts).status, 'tested');
  const exchanged = [policies[0]!, { ...policies[2]!, name: 'b' }, { ...policies[1]!, name: 'c' }];
  const { status, counterexample } = validateJoined(exchanged, 'path', artifacts);
  is(status, 'refused');
  match(String(counterexample), /path: of [bc] the module says/);
  const renamed = artifacts.map((each) =>
    each.path === 'decisions.json'
      ? { ...each, content: String(each.content).replace('"policy": "b"', '"policy": "x"') }
      : each,
  );
  match(String(validateJoined(policies, 'path', renamed).counterexample), /the policy x in the place of b/);
});

test('`polc wasm join` makes one module of a folder of policies', () =>
  withProject(async (project) => {
    project.write({
      'roles/one.yaml': governance('One', 1),
      'roles/two.yaml': governance('Two', 5),
    });
    const { status, stderr } = project.polc(['wasm', 'join', 'roles', '-o', 'out/roles']);
    is(status, 0, stderr);
    match(stderr, /out\/roles: 2 policies at the point launch in one module of [\d,]+ B, validated against each\n$/);
    const { policies, explain }: Script = await import(
      pathToFileURL(join(project.folder, 'out/roles/decisions.js')).href
    );
    const module = new WebAssembly.Module(readFileSync(join(project.folder, 'out/roles/decisions.wasm')));
    const { decide: ask, answers } = policies(new WebAssembly.Instance(module, {}));
    ask({ hourly_cost: 3, source: 'institutional' });
    const said = Array.from(answers, (answer, place) => explain(place, answer));
    equal(said.map(({ effect }) => effect)[0], 'deny');
    ok(said[1]!.effect !== 'deny', JSON.stringify(said));
  }));

const governance = (name: string, cost: number) =>
  `institution: { name: ${name}, allowed_sources: [institutional], budget_limits: { max_hourly_cost: ${cost} } }\n`;

test('what cannot be joined is said, and nothing is written', () =>
  withProject((project) => {
    project.write({ 'one.yaml': governance('One', 1), 'two.yaml': smallPolicy('two'), 'empty/README': '' });
    const join = (...words: readonly string[]) => {
      const { status, stderr } = project.polc(['wasm', 'join', '-q', ...words]);
      return [status, stderr.split('\n')[0]];
    };
    equal(join('one.yaml'), [2, 'polc wasm join: there is no folder to write to']);
    equal(join('one.yaml', '-o', 'out', '--point', 'hours'), [2, 'polc wasm join: `hours` is no point']);
    const near = project.polc(['wasm', 'join', 'one.yaml', '-o', 'out', '--point', 'cost_evnt']);
    match(near.stderr, /`cost_evnt` is no point\n {2}= help: did you mean `cost-event`\? It is one of /);
    equal(join('one.yaml', '-o', 'out', '--point', 'hook'), [2, 'polc wasm join: no policy decides at the point hook']);
    equal(join('none.yaml', '-o', 'out')[0], 3);
    equal(project.polc(['wasm', 'join', 'one.yaml', '-o', 'one.yaml']).status, 3);
    const several = project.polc(['wasm', 'join', 'one.yaml', 'two.yaml', '-o', 'out']);
    is(several.status, 2);
    is(
      several.stderr,
      'polc wasm join: the policies decide at several points\n  = help: choose one of them with `--point`: launch (1 policy), syscall (1 policy)\n',
    );
    match(
      project.polc(['wasm', 'join', 'one.yaml', '-o', 'out', '--point', 'hook']).stderr,
      /\n {2}= help: choose with `--point` where some do: launch \(1 policy\)\n$/,
    );
    for (const words of [
      [],
      ['one.yaml'],
      ['none.yaml', '-o', 'out'],
      ['empty', '-o', 'out'],
      ['one.yaml', '-o', 'one.yaml'],
    ]) {
      const { stderr } = project.polc(['wasm', 'join', '-q', ...words]);
      is(stderr.split('= help: ').length, 2, stderr);
    }
    const left = project.polc(['wasm', 'join', 'one.yaml', 'two.yaml', '-o', 'out', '--point', 'launch']);
    is(left.status, 0, left.stderr);
    is(left.stderr.split('\n').length, 3, left.stderr);
    match(left.stderr, /two\.yaml decides nothing at the point launch; it is left out/);
  }));

test('files of other tools in a folder are left out, and policies of one name are told apart', () =>
  withProject((project) => {
    project.write({
      'roles/one.yaml': governance('One', 1),
      'roles/two.yaml': governance('One', 2),
      'roles/compose.yaml': 'services: { web: { image: x } }\n',
      'small/a.yaml': smallPolicy('a'),
      'small/b.yaml': smallPolicy('b'),
    });
    const { status, stderr } = project.polc(['wasm', 'join', 'roles', '-o', 'out']);
    is(status, 0, stderr);
    const [stranger, names, result] = stderr.split('\n');
    is(stranger, 'polc wasm join: roles/compose.yaml is no policy; it is left out');
    is(
      names,
      'polc wasm join: roles/one.yaml and roles/two.yaml are both called one: tell their answers apart by their places',
    );
    match(String(result), /^out: 2 policies /);
    is(project.polc(['wasm', 'join', 'roles/compose.yaml', '-o', 'out']).status, 1);
    const all = project.polc(['wasm', 'join', 'roles', 'small', '-o', 'out', '--point', 'launch']);
    match(
      all.stderr,
      /: 2 files decide nothing at the point launch and are left out: small\/a\.yaml, small\/b\.yaml\n/,
    );
  }));

run();
