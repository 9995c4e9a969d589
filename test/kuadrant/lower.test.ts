import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { failingIn, guardsIn } from '../../compiler/dialects/kuadrant/cel/can-fail.ts';
import { pathOf } from '../../compiler/dialects/kuadrant/cel/walk.ts';
import { resourcesOf } from '../../compiler/dialects/kuadrant/resource.ts';
import { parseCel } from '../../compiler/expressions/cel/parse.ts';
import { predicateOfCel } from '../../compiler/expressions/cel/to-predicate.ts';
import { CelError } from '../../compiler/expressions/cel/value.ts';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import type { Value } from '../../compiler/expressions/predicate.ts';
import { decide } from '../../compiler/ir/evaluate.ts';
import { counterOf } from '../../compiler/ir/grants.ts';
import { decisionAt, type Policy } from '../../compiler/ir/policy.ts';
import { parseYamlDocuments } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { Engine } from '../../compiler/verify/kuadrant/engine.ts';
import { type GivenRequest, readRequest } from '../../compiler/verify/kuadrant/request/given.ts';
import { traceRequest } from '../../compiler/verify/kuadrant/request/trace.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { hostOf } from '../support/folder-host.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('kuadrant-lower');

const subject = fc.constantFrom('request.method', 'request.host', "request.headers['x-a']");
const word = fc.constantFrom('GET', 'a', 'ab', '');
const atom = fc.oneof(
  fc.tuple(subject, fc.constantFrom('==', '!='), word).map(([one, how, other]) => `${one} ${how} '${other}'`),
  fc
    .tuple(subject, fc.constantFrom('startsWith', 'endsWith', 'contains'), word)
    .map((each) => `${each[0]}.${each[1]}('${each[2]}')`),
  fc
    .tuple(subject, fc.array(word, { maxLength: 2 }))
    .map(([one, list]) => `${one} in [${list.map((each) => `'${each}'`).join(', ')}]`),
  fc.constantFrom('true', 'false', 'size(request.method) > 2', "'x-a' in request.headers"),
);
const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    atom,
    tie('condition').map((each) => `!(${each})`),
    fc
      .tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition'))
      .map(([one, how, other]) => `(${one}) ${how} (${other})`),
    fc
      .tuple(tie('condition'), tie('condition'), tie('condition'))
      .map(([one, then, other]) => `(${one}) ? (${then}) : (${other})`),
  ),
}));
const request = fc.record({
  method: fc.constantFrom('GET', 'a', ''),
  host: word,
  headers: fc.oneof(
    fc.constant<Record<string, string>>({}),
    word.map((each) => ({ 'x-a': each })),
  ),
});

const engine = new Engine();

test('a condition in CEL and its predicate hold of the same requests, and what fails is unknown', () => {
  fc.assert(
    fc.property(condition, request, (text, given) => {
      const { expression, problems } = parseCel(text);
      assert.equal(problems, []);
      const predicate = predicateOfCel(expression, {
        text: (each) => {
          const path = pathOf(each)?.join('.');
          return path === 'request.method' || path === 'request.host' || path === 'request.headers.x-a'
            ? path
            : undefined;
        },
      });
      const holds = (each: string) => {
        const value = engine.evaluator(each)({ request: given }, {});
        return typeof value === 'boolean' ? value : undefined;
      };
      const attribute = (name: string): Value | undefined => {
        if (name.startsWith('condition:')) return holds(name.slice('condition:'.length));
        return {
          'request.method': given.method,
          'request.host': given.host,
          'request.headers.x-a': given.headers['x-a'],
        }[name];
      };
      const found = evaluate(predicate, { attribute, parameter: () => undefined });
      assert.is(typeof found === 'boolean' ? found : undefined, holds(text), text);
    }),
    { numRuns: 1500 },
  );
});

test('a condition of which nothing is said never fails', () => {
  fc.assert(
    fc.property(condition, condition, request, (first, second, given) => {
      const [before, after] = [parseCel(first).expression, parseCel(second).expression];
      if (failingIn(before, new Set()).length + failingIn(after, guardsIn(before, true)).length > 0) return;
      const value = engine.evaluator(first)({ request: given }, {});
      assert.not.instance(value, CelError, first);
      // The second is asked where the first holds.
      if (value === true)
        assert.not.instance(engine.evaluator(second)({ request: given }, {}), CelError, `${first}; ${second}`);
    }),
    { numRuns: 1500 },
  );
});

interface Folder {
  readonly policies: readonly Policy[];
  readonly given: GivenRequest;
  readonly resources: ReturnType<typeof resourcesOf>;
}

function folderOf(folder: string): Folder {
  const names = readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && !name.startsWith('request.'))
    .sort();
  const host = { ...hostOf(folder), list: () => names };
  const texts = names.map((name) => sourceText(name, readFileSync(join(folder, name), 'utf8')));
  const asked = readdirSync(folder).find((name) => name.startsWith('request.')) ?? '';
  return {
    policies: texts.flatMap(({ path, text }) => compile(path, text, host, { maximumMilliseconds: 0 }).policy ?? []),
    given: readRequest(sourceText(asked, readFileSync(join(folder, asked), 'utf8'))).request!,
    resources: resourcesOf(texts.flatMap((text) => parseYamlDocuments(text).flatMap(({ root }) => root ?? []))),
  };
}

for (const fixture of fixtureCases('kuadrant-request')) {
  const { policies, given, resources } = folderOf(fixture.folder);
  const trace = traceRequest(resources, given);
  // How the filter finds its rules is no part of what policies mean.
  if (trace.kind === 'reached' && trace.unenforced) continue;
  // A request whose identity is not known has no attributes of it to give.
  if (trace.kind === 'lost' || trace.auth.outcome === 'unauthenticated') continue;
  test(`${fixture.name}: quotas speak of a request where limits count it, and the decision is the authoriser's`, () => {
    const { path } = trace.enforced ?? trace.reached;
    const scene = new Engine({ body: given.body === undefined ? 'unknown' : 'known' });
    const known: Readonly<Record<string, Value | undefined>> = {
      method: given.method,
      host: given.host,
      path: given.path,
      gateway: `${path.gateway.namespace}/${path.gateway.name}`,
      listener: path.listener.name,
      route: `${path.route.namespace}/${path.route.name}`,
      rule: path.rule.name,
      authenticated: true,
    };
    const bindings = {
      request: { method: given.method, host: given.host, url_path: given.path, headers: given.headers },
      auth: { ...trace.auth.exported, identity: { metadata: given.key === undefined ? {} : { ...given.key } } },
    };
    const body = Object.fromEntries(
      Object.entries(given.body ?? {}).map(([name, value]) => [`/${name}`, String(value)]),
    );
    const attribute = (name: string): Value | undefined => {
      if (Object.hasOwn(known, name)) return known[name];
      if (name.startsWith('header:')) return given.headers[name.slice('header:'.length)];
      const isExported = name.startsWith('auth.');
      const text = isExported ? name : name.replace(/^(condition|value):/, '').replace(/^identity\./, 'auth.identity.');
      const auth = isExported ? { auth: { ...trace.auth.exported } } : {};
      const value = scene.evaluator(text)({ ...bindings, ...auth }, body);
      return typeof value === 'string' || typeof value === 'boolean' ? value : undefined;
    };
    const environment = { attribute, parameter: () => undefined };
    const speaking = policies.flatMap(({ quotas = [] }) =>
      quotas
        .filter((quota) => counterOf(quota, environment) !== undefined)
        .map(({ topic, amount }) => `${topic} ${amount}`),
    );
    const counting = [...trace.requests, ...trace.tokens]
      .filter(({ outcome }) => outcome === 'counts')
      .flatMap(({ name, rates }) => rates.map(({ limit }) => `limits.${name} ${limit}`));
    if (trace.auth.outcome !== 'unauthorised') assert.equal(speaking.sort(), counting.sort());
    const effects = policies.flatMap((policy) => {
      const decision = decisionAt(policy, 'request');
      return decision === undefined ? [] : [decide(decision, environment)?.effect.kind];
    });
    assert.is(effects.includes('deny'), trace.auth.outcome === 'unauthorised');
  });
}

test('what each rule of a file means is said, and enforced by the cluster', () => {
  const { policies } = folderOf(join(process.env.POLC_ROOT ?? '.', 'test/fixtures/kuadrant-request/merged'));
  assert.equal(
    policies.flatMap(({ quotas = [] }) => quotas.map(({ id, amount }) => `${id} ${amount}`)),
    [
      'quota/requests/shop/ceiling/reads/0 50',
      'quota/requests/shop/floor/writes/0 5',
      'quota/requests/shop/toys/bursts/0 10',
    ],
  );
});

run();
