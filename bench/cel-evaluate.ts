// Evaluating CEL on a request of the gateway: the interpreter, generated JavaScript, and other packages on the same data.
// Every subject must give the same answers before it is measured.
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
import { interleaved, timePerCall, warmUp } from './support/rounds.ts';
import { printTable } from './support/table.ts';

interface Subjected {
  readonly name: string;
  readonly text: string;
  /** Nanoseconds, of the interpreter and of generated code. */
  readonly targets?: readonly [number, number];
}

const expressions: readonly Subjected[] = [
  {
    name: 'label',
    text: "auth.identity.metadata.labels['maas/team-id'] == 'data-science'",
    targets: [1000 / 3.5, 1000 / 35],
  },
  {
    name: 'tier',
    text: "auth.identity.metadata.annotations['maas/tier'] == 'free' && request.method == 'POST' && request.path.startsWith('/v1/chat')",
  },
  { name: 'exists over 20', text: "auth.identity.groups.exists(group, group == 'team-19')" },
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

interface Subject {
  readonly name: string;
  readonly make: (text: string) => Program | undefined;
}

const ours: readonly Subject[] = [
  { name: 'interpreter', make: (text) => interpreter(parseCel(text).expression, environment) },
  { name: 'generated', make: (text) => compiled(parseCel(text).expression, environment) },
];

const peers: readonly Subject[] = [
  { name: '@marcbachmann/cel-js', make: (text) => marc.parse(text) as Program },
  { name: '@bufbuild/cel', make: (text) => plan(buf, parseBuf(text)) as Program },
  { name: 'cel-js', make: (text) => (data) => evaluateCelJs(text, data) },
];

const rounds = 5;
const batch = 4096;

/** The program, or undefined where it fails or answers otherwise than expected. */
function prepare({ make }: Subject, text: string, expected: readonly unknown[]): Program | undefined {
  try {
    const program = make(text);
    return requests.every((data, index) => program?.(data) === expected[index]) ? program : undefined;
  } catch {
    return undefined;
  }
}

/** Nanoseconds for one evaluation. */
function measure(program: Program): number {
  return (timePerCall(60, () => evaluateBatch(program)) / batch) * 1e6;
}

function evaluateBatch(program: Program): number {
  let count = 0;
  for (let index = 0; index < batch; index++) if (program(requests[index & 3]!) === true) count++;
  return count;
}

for (const { name, text, targets } of expressions) {
  const expected = requests.map(interpreter(parseCel(text).expression, environment));
  const programs = [...ours, ...peers].flatMap((subject) => {
    const program = prepare(subject, text, expected);
    if (program === undefined) console.log(`${name}: ${subject.name} does not evaluate it`);
    return program === undefined ? [] : [{ name: subject.name, program }];
  });
  for (const { program } of programs) warmUp(200, () => evaluateBatch(program));
  const times = interleaved(
    rounds,
    programs.map(
      ({ program }) =>
        () =>
          measure(program),
    ),
  );
  const rows = ours.flatMap((subject, which) => {
    const position = programs.findIndex((each) => each.name === subject.name);
    return programs.slice(ours.length).map((peer, index) => ({
      what: `${subject.name}, ${((1000 / times[position]!) | 0).toString()} M/s`,
      ours: times[position]!,
      peer: { name: peer.name, value: times[ours.length + index]! },
      ...(targets === undefined ? {} : { target: targets[which]! }),
    }));
  });
  printTable(`${name}: nanoseconds for one evaluation`, '', rows);
}
