import { celEnv, parse as parseBuf, plan } from '@bufbuild/cel';
import { Environment as MarcEnvironment } from '@marcbachmann/cel-js';
import { evaluate as evaluateCelJs } from 'cel-js';
import { environmentOf } from '../../compiler/expressions/cel/environment.ts';
import { interpreter } from '../../compiler/expressions/cel/evaluate.ts';
import { compiled } from '../../compiler/expressions/cel/generate.ts';
import { standardLibrary } from '../../compiler/expressions/cel/libraries.ts';
import { parseCel } from '../../compiler/expressions/cel/parse.ts';
import { dyn } from '../../compiler/expressions/cel/types.ts';
import type { Value } from '../../compiler/expressions/cel/value.ts';
import { interleaved, timePerCall, warmUp } from './rounds.ts';

// What evaluates CEL on requests of the gateway, and how long it takes.

/** Expressions of gateways' policies, by name. */
export const celExpressions = {
  label: "auth.identity.metadata.labels['maas/team-id'] == 'data-science'",
  tier: "auth.identity.metadata.annotations['maas/tier'] == 'free' && request.method == 'POST' && request.path.startsWith('/v1/chat')",
  'exists over 20': "auth.identity.groups.exists(group, group == 'team-19')",
  matches: "request.path.matches('^/v[0-9]+/(chat|completions)/')",
} as const;

export type CelRequest = Record<string, Value>;
export type CelProgram = (request: CelRequest) => unknown;

/** Something that evaluates CEL; `make` gives undefined, or throws, where it cannot. */
export interface CelSubject {
  readonly name: string;
  readonly make: (text: string) => CelProgram | undefined;
}

function request(team: string): CelRequest {
  return {
    auth: {
      identity: {
        metadata: { labels: { app: 'maas', 'maas/team-id': team }, annotations: { 'maas/tier': 'free' } },
        groups: Array.from({ length: 20 }, (_, index) => `team-${index}`),
      },
    },
    request: { method: 'POST', path: '/v1/chat/completions', headers: { host: 'models.example' } },
  };
}

// Several requests, so that no engine can take the data for constant.
const requests = ['data-science', 'research', 'platform', 'data-science'].map(request);

export const celEnvironment = environmentOf({
  libraries: [standardLibrary],
  variables: { auth: dyn, request: dyn },
});
const marc = new MarcEnvironment({ unlistedVariablesAreDyn: true });
const buf = celEnv();

export const celInterpreter: CelSubject = {
  name: 'interpreter',
  make: (text) => interpreter(parseCel(text).expression, celEnvironment),
};

export const celGenerated: CelSubject = {
  name: 'generated JavaScript',
  make: (text) => compiled(parseCel(text).expression, celEnvironment),
};

/** Other packages. */
export const celPeers: readonly CelSubject[] = [
  { name: '@marcbachmann/cel-js', make: (text) => marc.parse(text) as CelProgram },
  { name: '@bufbuild/cel', make: (text) => plan(buf, parseBuf(text)) as CelProgram },
  { name: 'cel-js', make: (text) => (data) => evaluateCelJs(text, data) },
];

const rounds = 5;
const batch = 4096;

/**
 * Nanoseconds of one evaluation, by subject, in the order that they are given in. Who fails, or answers otherwise than the
 * interpreter, is not among them, which is said.
 */
export function celNanoseconds(
  title: string,
  text: string,
  subjects: readonly CelSubject[],
): ReadonlyMap<string, number> {
  const expected = requests.map(interpreter(parseCel(text).expression, celEnvironment));
  const programs = subjects.flatMap(({ name, make }) => {
    const program = answering(make, text, expected);
    if (program === undefined) console.log(`${title}: ${name} does not evaluate it`);
    return program === undefined ? [] : [{ name, program }];
  });
  for (const { program } of programs) warmUp(200, () => evaluateBatch(program));
  const measures = programs.map(
    ({ program }) =>
      () =>
        (timePerCall(60, () => evaluateBatch(program)) / batch) * 1e6,
  );
  return new Map(interleaved(rounds, measures).map((time, index) => [programs[index]!.name, time]));
}

function answering(make: CelSubject['make'], text: string, expected: readonly unknown[]): CelProgram | undefined {
  try {
    const program = make(text);
    return requests.every((data, index) => program?.(data) === expected[index]) ? program : undefined;
  } catch {
    return undefined;
  }
}

function evaluateBatch(program: CelProgram): number {
  let count = 0;
  for (let index = 0; index < batch; index++) if (program(requests[index & 3]!) === true) count++;
  return count;
}
