import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { explainRequest } from '../../cli/explain/request.ts';
import { readRequestFiles } from '../../cli/explain/request-files.ts';
import { pretty } from '../../compiler/diagnostics/render/pretty.ts';
import { type Resource, resourcesOf } from '../../compiler/dialects/kuadrant/resource.ts';
import { parseYamlDocuments } from '../../compiler/source/parse-yaml.ts';
import { sourceText } from '../../compiler/source/text.ts';
import { GatewayModel } from '../../compiler/verify/kuadrant/model.ts';
import { plainOf } from '../../compiler/verify/kuadrant/plain.ts';
import { readPolicies } from '../../compiler/verify/kuadrant/read-policies.ts';
import type { LimitStep } from '../../compiler/verify/kuadrant/request/count.ts';
import { readRequest } from '../../compiler/verify/kuadrant/request/given.ts';
import { traceRequest } from '../../compiler/verify/kuadrant/request/trace.ts';
import { fixtureCases } from '../support/fixtures.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('kuadrant-request');

const project = { path: undefined, folder: undefined, config: undefined, diagnostics: [], ok: true };

for (const fixture of fixtureCases('kuadrant-request')) {
  test(fixture.name, () => {
    const folder = resolve(fixture.folder);
    const name = readdirSync(folder).find((file) => file.startsWith('request.')) ?? '';
    const { request } = readRequest(sourceText(name, readFileSync(join(folder, name), 'utf8')));
    const files = readRequestFiles([folder], project, { maximumMilliseconds: 0 });
    if ('problem' in files) throw new Error(files.problem);
    assert.equal(files.errors, []);
    assert.ok(request !== undefined);
    const { lines, data } = explainRequest(traceRequest(files.resources, request), request, files.sources);
    const local = (text: string) => text.replaceAll(`${relative(process.cwd(), folder).replaceAll('\\', '/')}/`, '');
    fixture.expectReviewed('answer.txt', local(`${lines.join('\n')}\n`));
    if (fixture.name === 'one-request') {
      fixture.expectReviewed('answer.json', local(`${JSON.stringify(data, undefined, 2)}\n`));
    }
  });
}

const tiers = resolve(process.env.POLC_ROOT ?? '.', 'examples', 'platform-tiers.yaml');

function tenancyResources(): readonly Resource[] {
  const files = readRequestFiles([tiers], project, { maximumMilliseconds: 0 });
  if ('problem' in files) throw new Error(files.problem);
  return files.resources;
}

test('of a tenancy the policies are explained that it emits', () => {
  const text = `method: POST
host: llm.example.com
body: { model: qwen3-0-6b-instruct }
key:
  namespace: llm
  labels: { kuadrant.io/apikeys-by: maas, maas/team-id: research, maas/user-id: alice, maas/tier: standard }
  annotations: { maas/spend-current: '10', maas/budget-usd: '500' }
tokens: 2000
`;
  const { request } = readRequest(sourceText('request.yaml', text));
  const trace = traceRequest(tenancyResources(), request!);
  if (trace.kind !== 'reached') throw new Error(trace.why);
  assert.is(trace.auth.outcome, 'admitted');
  assert.is(trace.verdict.kind === 'admitted' && trace.verdict.most?.count, 40, '80,000 tokens, 2,000 each');
  const counting = [...trace.requests, ...trace.tokens].filter(({ outcome }) => outcome === 'counts');
  assert.equal(
    counting.map(({ rates }) => rates.map(({ limit }) => limit)),
    [[100], [80_000]],
  );
});

test('what is explained of requests to a tenancy is what the model of the gateway makes of them', () => {
  const resources = tenancyResources();
  const [place] = readPolicies(resources.map(({ node }) => plainOf(node)));
  const gateway = new GatewayModel(place!);
  const label = <T>(...values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
  const present = (entries: Readonly<Record<string, string | undefined>>) =>
    Object.fromEntries(
      Object.entries(entries).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  fc.assert(
    fc.property(
      fc.constantFrom('maas', 'other'),
      fc.constantFrom('llm', 'elsewhere'),
      label('research', 'data-science', 'some'),
      label('alice', 'nightly-batch', ''),
      label('free', 'standard', 'premium', 'none'),
      label('0', '499', '500', 'much'),
      label('500', '5000'),
      label('simulator-model', 'qwen3-0-6b-instruct', 'other'),
      (by, namespace, team, user, tier, spent, budget, model) => {
        const labels = present({
          'kuadrant.io/apikeys-by': by,
          'maas/team-id': team,
          'maas/user-id': user,
          'maas/tier': tier,
        });
        const annotations = present({ 'maas/spend-current': spent, 'maas/budget-usd': budget });
        const key = { namespace, labels, annotations };
        const body = model === undefined ? {} : { model };
        const request = {
          method: 'POST',
          host: 'llm.example.com',
          path: '/v1',
          query: '',
          headers: {},
          body,
          key,
          tokens: 1,
        };
        const trace = traceRequest(resources, request);
        if (trace.kind !== 'reached') throw new Error(trace.why);
        const route = gateway.route({
          key,
          request: { method: 'POST', host: 'llm.example.com', path: '/v1', url_path: '/v1' },
          body: model === undefined ? {} : { '/model': model },
        });
        const named = (steps: readonly LimitStep[], kind: string) =>
          steps.filter(({ outcome }) => outcome === 'counts').map(({ name }) => `${kind} ${name}`);
        assert.is(trace.auth.outcome !== 'admitted', route.refused, JSON.stringify(key));
        assert.equal(
          [...named(trace.requests, 'requests'), ...named(trace.tokens, 'tokens')].sort(),
          [...route.early, ...route.requests, ...route.tokens].map(({ id }) => String(JSON.parse(id)[0])).sort(),
          JSON.stringify([key, model]),
        );
      },
    ),
    { numRuns: 400 },
  );
});

test('files that are broken in any way are followed as far as they can be read', () => {
  const texts = fixtureCases('kuadrant-request').flatMap(({ folder }) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.yaml') && !file.startsWith('request.'))
      .map((file) => readFileSync(join(folder, file), 'utf8').split('\n')),
  );
  const change = fc.tuple(fc.nat(), fc.nat(), fc.constantFrom('', '[]', '{}', 'x: y', "- '*'", '  '));
  fc.assert(
    fc.property(fc.constantFrom(...texts), fc.array(change, { minLength: 1, maxLength: 6 }), (lines, changes) => {
      const broken = [...lines];
      for (const [at, keep, put] of changes) {
        const line = broken[at % broken.length] ?? '';
        broken[at % broken.length] = line.slice(0, keep % (line.length + 1)) + put;
      }
      const source = sourceText('broken.yaml', broken.join('\n'));
      const resources = resourcesOf(parseYamlDocuments(source).flatMap(({ root }) => root ?? []));
      for (const text of ['host: api.example.com\n', 'host: toys.test\nkey: { labels: { app: toys } }\nbody: []\n']) {
        const { request } = readRequest(sourceText('request.yaml', text));
        const trace = traceRequest(resources, request!);
        assert.ok(explainRequest(trace, request!, new Map([['broken.yaml', source]])).lines.length > 0);
      }
    }),
    { numRuns: 500 },
  );
});

test('the guide shows what is printed', () => {
  const guide = readFileSync(join(process.env.POLC_ROOT ?? '.', 'docs', 'kuadrant.md'), 'utf8');
  const [fixture] = fixtureCases('kuadrant-request').filter(({ name }) => name === 'one-request');
  for (const file of ['request.yaml', 'answer.txt']) {
    assert.ok(guide.includes(fixture?.input(file)?.trim() ?? 'nothing'), file);
  }
});

test('a request file that is wrong is told of at its place', () => {
  const source = sourceText('request.yaml', 'metod: GET\npath: 5\nkey: { label: {} }\ntokens: 0\n');
  const { request, diagnostics } = readRequest(source);
  assert.is(request, undefined);
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['POL2001', 'POL2004', 'POL2001', 'POL7101', 'POL2002'],
    pretty(diagnostics, () => source),
  );
});

run();
