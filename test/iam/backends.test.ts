import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { budgetsAction } from '../../compiler/backends/budgets-action/index.ts';
import { eventbridge } from '../../compiler/backends/eventbridge/index.ts';
import { guardrail } from '../../compiler/backends/guardrail/index.ts';
import { iam } from '../../compiler/backends/iam/index.ts';
import { shorten } from '../../compiler/backends/iam/shorten.ts';
import { scp } from '../../compiler/backends/scp/index.ts';
import { and, attribute, inSet, not, or } from '../../compiler/expressions/predicate.ts';
import { optimise } from '../../compiler/passes/index.ts';
import { actionsMatching, actionsOf, iamServices } from '../../compiler/tables/iam-actions.ts';
import { type AwsTarget, defaultTarget } from '../../compiler/target.ts';
import { refusesAll, reviewBackend } from '../support/backend-fixture.ts';
import { fixtureCases } from '../support/fixtures.ts';
import {
  actionPredicate,
  denying,
  guardrailOf,
  guardrails,
  noneOf,
  oneOf,
  passing,
  requestDecision,
  surroundings,
} from '../support/guardrails.ts';
import { suite } from '../support/harness.ts';
import { jsonMutants } from '../support/mutate-json.ts';

const { test, run } = suite('iam-backends');

/** The fixtures of the dialect are called `guardrail`. */
const folderOf = ({ name }: { readonly name: string }) => (name === 'guardrail' ? 'guardrail-backend' : name);

for (const backend of [iam, scp, guardrail, eventbridge, budgetsAction]) {
  for (const fixture of fixtureCases(folderOf(backend))) {
    test(`${backend.name} ${fixture.name}`, () => {
      const policy = guardrails[fixture.name.replace(/-optimised$/, '')]!;
      const reviewed = fixture.name.endsWith('-optimised') ? optimise(policy, []) : policy;
      reviewBackend(backend, fixture, reviewed, defaultTarget);
    });
  }
  test(`every case of ${backend.name} has reviewed fixtures, optimised and as lowered`, () => {
    const names = Object.keys(guardrails).filter((name) => backend.applies(guardrails[name]!, defaultTarget));
    assert.equal(
      fixtureCases(folderOf(backend)).map(({ name }) => name),
      names.flatMap((name) => [name, `${name}-optimised`]).sort(),
    );
  });
}

function withQuota(aws: Partial<AwsTarget>) {
  return { ...defaultTarget, aws: { ...defaultTarget.aws, ...aws } };
}

function emitIam(policy: Parameters<typeof iam.emit>[0], aws: Partial<AwsTarget> = {}) {
  const target = withQuota(aws);
  const emission = iam.emit(policy, target, surroundings);
  const validation = iam.validate(policy, target, emission.artifacts, surroundings);
  return { ...emission, validation, documents: emission.artifacts.map(({ content }) => String(content)) };
}

test('any deny list is split within the quota, and proven', () => {
  const all = ['ec2', 'rds', 's3', 'sagemaker'].flatMap(actionsOf);
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...all), { minLength: 1, maxLength: 80, size: 'max' }),
      fc.option(fc.constant(['eu-west-1', 'us-east-1']), { nil: undefined }),
      fc.integer({ min: 250, max: 2000 }),
      (actions, regions, managedPolicy) => {
        const policy = guardrailOf('split', [denying(actions, regions)], []);
        const { documents, validation, diagnostics, artifacts } = emitIam(policy, {
          managedPolicy,
          attachedPolicies: 80,
        });
        assert.is(validation.counterexample, undefined);
        assert.equal(diagnostics, []);
        assert.ok(documents.every(({ length }) => length <= managedPolicy));
        // Filled up: no two neighbours would have fitted into one.
        documents.slice(1).forEach(({ length }, index) => {
          assert.ok(documents[index]!.length + length > managedPolicy);
        });
        const mapped = artifacts.flatMap(({ sourceMap }) => sourceMap.map(({ rule }) => rule));
        assert.is(new Set(mapped).size, actions.length);
      },
    ),
    { numRuns: 60 },
  );
});

test('the source map points at each action of each document', () => {
  const policy = guardrails.complete!;
  for (const { content, sourceMap } of iam.emit(policy, defaultTarget, surroundings).artifacts) {
    const document = JSON.parse(String(content));
    for (const { at, rule } of sourceMap) {
      const [, , statement, , place] = String(at).split('/');
      const action: string = document.Statement[Number(statement)].Action[Number(place)];
      const { when } = policy.decisions[1]!.rules.find(({ id }) => id === rule)!;
      assert.ok(JSON.stringify(when).includes(JSON.stringify(action.toLowerCase())), `${at} ${rule}`);
    }
  }
});

test('patterns stand in place of actions only where the quota asks for it, and are exactly equal', () => {
  const policy = guardrailOf('short', [denying([...actionsOf('sqs'), ...actionsOf('ec2').slice(0, 300)])], []);
  const roomy = emitIam(policy);
  assert.is(roomy.documents.length, 2);
  assert.not(roomy.documents.some((text) => text.includes('*"]')));
  const tight = emitIam(policy, { attachedPolicies: 1 });
  assert.is(tight.documents.length, 1);
  assert.match(tight.documents[0]!, '"sqs:*"');
  assert.is(tight.validation.status, 'proven');
  assert.equal(
    tight.diagnostics.map(({ code }) => code),
    ['POL6050'],
  );
});

test('more policies than a role can have are an error that names what takes up most room', () => {
  const every = ['ec2', 'rds', 's3'].flatMap((service) => actionsOf(service).filter((_, index) => index % 2 === 0));
  const { diagnostics } = emitIam(guardrailOf('huge', [denying(every)], []), { attachedPolicies: 1 });
  assert.equal(
    diagnostics.map(({ code, notes }) => [code, notes[0]?.split(':')[0]]),
    [['POL7200', '`ec2`']],
  );
});

test('a condition that fills a document leaves no room, and says so', () => {
  const { diagnostics, coverage } = emitIam(guardrails.complete!, { managedPolicy: 120 });
  assert.ok(diagnostics.length > 0 && diagnostics.every(({ code }) => code === 'POL7201'));
  assert.is(coverage[0]!.status, 'none');
});

test('conditions that statements can say are said, the others are lost by rule', () => {
  const where = (...names: readonly string[]) => inSet(attribute('region'), names);
  const run = actionPredicate('ec2:RunInstances');
  const sayable = [
    or(run, actionPredicate('ec2:Create*')),
    and(run, or(where('us-east-1'), where('eu-west-1'))),
    and(run, { kind: 'glob', term: attribute('resource'), pattern: 'arn:aws:ec2:*:*:instance/*' }),
    and(inSet(attribute('action'), ['ec2:runinstances', 's3:putobject']), inSet(attribute('action'), ['s3:putobject'])),
  ];
  for (const when of sayable) {
    const { coverage, validation } = emitIam(guardrailOf('says', [requestDecision([when])], []));
    assert.is(coverage[0]!.status, 'full');
    assert.is(validation.counterexample, undefined);
  }
  const unsayable = [not(run), and(run, not(where('us-east-1'))), actionPredicate('*:RunInstances')];
  for (const when of unsayable) {
    const { coverage, documents } = emitIam(guardrailOf('cannot', [requestDecision([when])], []));
    assert.is(coverage[0]!.status, 'none');
    assert.equal(documents, []);
  }
});

test('two guardrails with equal deny lists never share a policy, and one always has the same', () => {
  const name = (owner: string) => emitIam(guardrailOf(owner, [denying(['ec2:RunInstances'])], [])).artifacts[0]!.path;
  assert.is(name('one'), name('one'));
  assert.not.equal(name('one'), name('two'));
  assert.match(name('one'), /^guardrails-deny-[0-9a-f]{20}\.json$/);
});

test('a service control policy that binds other principals is refused', () => {
  const policy = guardrails.complete!;
  const { artifacts } = scp.emit(policy, defaultTarget, surroundings);
  const fewer = { ...policy, obligations: policy.obligations.filter((each) => each.id !== 'obligation/1') };
  assert.is(scp.validate(fewer, defaultTarget, artifacts, surroundings).status, 'refused');
  assert.is(iam.validate(policy, defaultTarget, artifacts, surroundings).status, 'refused');
});

test('a changed compiled guardrail is refused', () => {
  for (const policy of Object.values(guardrails)) {
    const { artifacts } = guardrail.emit(policy, defaultTarget, surroundings);
    const [{ content }] = artifacts as readonly [(typeof artifacts)[number]];
    const text = JSON.stringify(JSON.parse(String(content)), undefined, 1);
    assert.is(
      guardrail.validate(policy, defaultTarget, [{ ...artifacts[0]!, content: text }], surroundings).status,
      'proven',
    );
    assert.ok(refusesAll(guardrail, policy, defaultTarget, 'policy.json', jsonMutants(text, [])) > 30);
  }
});

test('a changed event pattern is refused', () => {
  for (const policy of [guardrails.quarantine!, guardrails.complete!]) {
    const [artifact] = eventbridge.emit(policy, defaultTarget, surroundings).artifacts;
    const text = JSON.stringify(JSON.parse(String(artifact!.content)), undefined, 1);
    assert.ok(refusesAll(eventbridge, policy, defaultTarget, 'pattern.json', jsonMutants(text, [])) > 8);
  }
});

test('an exempt account is not sent on, and a long list is left to the runtime', () => {
  const [cost] = guardrails.complete!.decisions;
  const exempt = passing([
    ['exceptions.accounts', oneOf('account', '111111111111')],
    ['match.account_ids', noneOf('account', '111111111111', '222222222222')],
    [
      'match.services',
      noneOf('service', ...Array.from({ length: 99 }, (_, index) => `A service of many words ${index}`)),
    ],
  ]);
  assert.ok(cost !== undefined);
  const policy = guardrailOf('exempt', [exempt], [{ kind: 'respond', mode: 'auto' }]);
  const { artifacts, coverage } = eventbridge.emit(policy, defaultTarget, surroundings);
  const pattern = JSON.parse(String(artifacts[0]!.content));
  assert.equal(pattern.detail.rootCauses, { linkedAccount: ['222222222222', { exists: false }] });
  assert.equal(
    coverage.map(({ status }) => status),
    ['partial', 'partial', 'none', 'none'],
  );
  assert.is(eventbridge.validate(policy, defaultTarget, artifacts, surroundings).counterexample, undefined);
});

test('patterns stand for the denied actions of a service and for no other', () => {
  // Its actions come in another order without regard to case: the nearest of `PATCH` is not `PUT`.
  const services = ['apigateway', ...iamServices().filter((_, index) => index % 8 === 0)];
  fc.assert(
    fc.property(fc.constantFrom(...services), fc.infiniteStream(fc.boolean()), (service, coins) => {
      const denied = actionsOf(service).filter(() => coins.next().value);
      const actions = denied.map((name) => ({ name, rules: [] }));
      const [statement] = shorten([{ regions: undefined, resources: undefined, actions }]);
      const meant = new Set(statement!.actions.flatMap(({ name }) => actionsMatching(name)));
      assert.equal([...meant].sort(), [...denied].sort(), service);
    }),
    { numRuns: 1000 },
  );
});

test('a changed template of an action is refused', () => {
  for (const policy of [guardrails.quarantine!, guardrails.complete!]) {
    const [artifact] = budgetsAction.emit(policy, defaultTarget, surroundings).artifacts;
    const { path, content } = artifact!;
    const mutants = jsonMutants(String(content), ['Description']);
    assert.ok(refusesAll(budgetsAction, policy, defaultTarget, path, mutants) > 8);
  }
});

test('a disabled guardrail has nothing to load and loses nothing', () => {
  const policy = guardrails.quarantine!;
  const [cost] = policy.decisions;
  const otherwise = { ...cost!.otherwise, effect: { kind: 'allow' } as const };
  const disabled = { ...policy, decisions: [{ ...cost!, rules: [], otherwise }], obligations: [] };
  const { artifacts, coverage } = guardrail.emit(disabled, defaultTarget, surroundings);
  assert.equal(artifacts, []);
  assert.equal(
    coverage.map(({ status }) => status),
    ['full'],
  );
  assert.is(guardrail.validate(disabled, defaultTarget, [], surroundings).status, 'proven');
});

run();
