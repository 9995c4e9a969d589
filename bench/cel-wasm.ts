// Evaluating CEL in WebAssembly on a request of the gateway, with what it reads of the request encoded each time, and other
// packages on the same data. Every subject must give the same answers before it is measured.
import { celEnv, parse as parseBuf, plan } from '@bufbuild/cel';
import { Environment as MarcEnvironment } from '@marcbachmann/cel-js';
import { evaluate as evaluateCelJs } from 'cel-js';
import { environmentOf } from '../compiler/expressions/cel/environment.ts';
import { interpreter } from '../compiler/expressions/cel/evaluate.ts';
import { compiled } from '../compiler/expressions/cel/generate.ts';
import { standardLibrary } from '../compiler/expressions/cel/libraries.ts';
import { parseCel } from '../compiler/expressions/cel/parse.ts';
import { dyn } from '../compiler/expressions/cel/types.ts';
import type { Value } from '../compiler/expressions/cel/value.ts';
import { wasmExpression } from '../test/support/wasm-cel.ts';
import { interleaved, timePerCall, warmUp } from './support/rounds.ts';
import { printTable } from './support/table.ts';

interface Subjected {
  readonly name: string;
  readonly text: string;
  /** Nanoseconds. */
  readonly target?: number;
}

const expressions: readonly Subjected[] = [
  { name: 'label', text: "auth.identity.metadata.labels['maas/team-id'] == 'data-science'", target: 1000 / 12 },
  {
    name: 'tier',
    text: "auth.identity.metadata.annotations['maas/tier'] == 'free' && request.method == 'POST' && request.path.startsWith('/v1/chat')",
  },
  { name: 'exists over 20', text: "auth.identity.groups.exists(group, group == 'team-19')", target: 1000 / 4 },
  { name: 'matches', text: "request.path.matches('^/v[0-9]+/(chat|completions)/')" },
];

function request(team: string): Record<string, Value> {
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
const environment = environmentOf({ libraries: [standardLibrary], variables: { auth: dyn, request: dyn } });
const marc = new MarcEnvironment({ unlistedVariablesAreDyn: true });
const buf = celEnv();

type Program = (data: Record<string, Value>) => unknown;

const subjects: readonly { readonly name: string; readonly make: (text: string) => Program | undefined }[] = [
  {
    name: 'WebAssembly',
    make: (text) => {
      const made = wasmExpression(parseCel(text).expression, environment, 'condition');
      return typeof made === 'string' ? undefined : (data) => made.request(data) === 1;
    },
  },
  { name: 'generated JavaScript', make: (text) => compiled(parseCel(text).expression, environment) },
  { name: '@marcbachmann/cel-js', make: (text) => marc.parse(text) as Program },
  { name: '@bufbuild/cel', make: (text) => plan(buf, parseBuf(text)) as Program },
  { name: 'cel-js', make: (text) => (data) => evaluateCelJs(text, data) },
];

const rounds = 5;
const batch = 4096;

function evaluateBatch(program: Program): number {
  let count = 0;
  for (let index = 0; index < batch; index++) if (program(requests[index & 3]!) === true) count++;
  return count;
}

for (const { name, text, target } of expressions) {
  const expected = requests.map(interpreter(parseCel(text).expression, environment));
  const programs = subjects.flatMap((subject) => {
    try {
      const program = subject.make(text);
      if (requests.every((data, index) => program?.(data) === expected[index])) {
        return [{ name: subject.name, program: program! }];
      }
    } catch {
      // Said below.
    }
    console.log(`${name}: ${subject.name} does not evaluate it`);
    return [];
  });
  for (const { program } of programs) warmUp(200, () => evaluateBatch(program));
  const times = interleaved(
    rounds,
    programs.map(
      ({ program }) =>
        () =>
          (timePerCall(60, () => evaluateBatch(program)) / batch) * 1e6,
    ),
  );
  const [own = 0, ...others] = times;
  const rows = others.map((value, index) => ({
    what: `WebAssembly, encoding included: ${(1000 / own).toFixed(1)} M/s`,
    ours: own,
    peer: { name: programs[index + 1]!.name, value },
    ...(target === undefined ? {} : { target }),
  }));
  printTable(`${name}: nanoseconds for one evaluation`, '', rows);
}
