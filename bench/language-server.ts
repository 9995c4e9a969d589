// The language server beside yaml-language-server with the JSON Schema of the same dialect: from a key press to findings
// and to completions, at three lengths of a tenancy, and the memory after that. The peer waits 200 ms after each edit
// before it looks; it is measured as it is, and with that wait taken out of it.
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { tenancy } from '../compiler/dialects/tenancy/index.ts';
import { jsonSchema } from '../compiler/schema/json-schema.ts';
import { longPolicies } from '../test/support/long-policies.ts';
import { type Place, ServerUnderTest } from './support/language-server.ts';
import { root, scratchFolder } from './support/native.ts';
import { printTable, type Row, type Unit } from './support/table.ts';

const folder = scratchFolder();
const uri = pathToFileURL(join(folder, 'platform.yaml')).href;
const schema = join(folder, 'tenancy.schema.json');
writeFileSync(schema, JSON.stringify(jsonSchema(tenancy.description, tenancy.name)));
const impatient = join(folder, 'impatient.cjs');
writeFileSync(
  impatient,
  'const set = setTimeout; globalThis.setTimeout = (run, ms, ...rest) => set(run, ms === 200 ? 0 : ms, ...rest);\n',
);

/** The first line tells the peer which schema the text is of. */
function textOf(lines: number): string {
  return `# yaml-language-server: $schema=${pathToFileURL(schema).href}\n${longPolicies.tenancy(lines)}`;
}

interface Subject {
  readonly name: string;
  readonly words: readonly string[];
}

const polc: Subject = {
  name: 'polc',
  words: [process.execPath, join(root, 'bin/polc.js'), 'lsp', '--stdio'],
};
const peers = yamlLanguageServers();
const subjects = [polc, ...peers];

interface Measured {
  readonly change: number[];
  readonly completion: number[];
  /** Where a letter of a key has been typed, which is no YAML by itself. */
  readonly half: number[];
  megabytes: number;
}

/** Each line: its length, how often it is edited, and what is to be reached in milliseconds and megabytes. */
const lengths = [
  { lines: 200, rounds: 40, change: 15, completion: 10, memory: undefined },
  { lines: 2_000, rounds: 30, change: 40, completion: 20, memory: undefined },
  { lines: 20_000, rounds: 20, change: 100, completion: 50, memory: 150 },
] as const;

const changes: Row[] = [];
const completions: Row[] = [];
const halves: Row[] = [];
const memory: Row[] = [];
for (const { lines, rounds, change, completion, memory: most } of lengths) {
  const measured = await measure(textOf(lines), rounds);
  for (const [what, rank] of [
    ['median', 0.5],
    ['p95', 0.95],
  ] as const) {
    const goal = rank === 0.95;
    const title = `${lines.toLocaleString('en')} lines, ${what}`;
    rows(changes, title, measured, (each) => quantile(each.change, rank), goal ? change : undefined);
    rows(completions, title, measured, (each) => quantile(each.completion, rank), goal ? completion : undefined);
    rows(halves, title, measured, (each) => quantile(each.half, rank), goal ? completion : undefined);
  }
  rows(memory, `${lines.toLocaleString('en')} lines`, measured, ({ megabytes }) => megabytes, most);
}
print('from an edit to findings, one process each, in turn', 'ms', changes);
print('from an edit to completions at the edited place', 'ms', completions);
print('from the first letter of a key to completions of it', 'ms', halves);
print('resident memory after the edits, in MB', '', memory);

const starts = new Map<Subject, number[]>(subjects.map((subject) => [subject, []]));
for (let round = 0; round < 7; round += 1) {
  for (const [subject, times] of starts) {
    const began = performance.now();
    const server = new ServerUnderTest(subject.words, uri);
    await server.open(textOf(200));
    times.push(performance.now() - began);
    await server.end();
  }
}
const begun: Row[] = [];
const byStart = new Map([...starts].map(([subject, times]) => [subject, times] as const));
for (const peer of peers.length === 0 ? [undefined] : peers) {
  begun.push({
    what: 'median of seven',
    ours: quantile(byStart.get(polc)!, 0.5),
    target: 250,
    ...(peer === undefined ? {} : { peer: { name: peer.name, value: quantile(byStart.get(peer)!, 0.5) } }),
  });
}
print('from the start of the process to the first findings, 200 lines', 'ms', begun);

/** All servers are edited in turn, so that what else the machine does falls on all alike. */
async function measure(text: string, rounds: number): Promise<ReadonlyMap<Subject, Measured>> {
  const servers = new Map<Subject, ServerUnderTest>();
  const results = new Map<Subject, Measured>();
  for (const subject of subjects) {
    const server = new ServerUnderTest(subject.words, uri);
    await server.open(text);
    await server.quiet(1000);
    servers.set(subject, server);
    results.set(subject, { change: [], completion: [], half: [], megabytes: 0 });
  }
  const all = text.split('\n');
  for (let round = 0; round < rounds; round += 1) {
    // Somewhere in the list of teams: `    tier: standard`.
    let line = Math.floor(all.length * (0.3 + (0.6 * ((round * 37) % 41)) / 41));
    while (!all[line]!.startsWith('    tier')) line += 1;
    const key: Place = { line, character: '    tier'.length };
    const end: Place = { line, character: all[line]!.length };
    for (const [subject, server] of servers) {
      const { change, completion, half } = results.get(subject)!;
      // A key that is none, and is one again: half of the texts are wrong.
      change.push(await server.change(key, key, 'x'));
      await server.quiet(20);
      change.push(await server.change(key, { ...key, character: key.character + 1 }, ''));
      await server.quiet(20);
      const behind: Place = { line: line + 1, character: 4 };
      const { milliseconds, offers } = await server.complete(end, '\n    ', behind);
      if (offers === 0) throw new Error(`${subject.name} offers nothing`);
      completion.push(milliseconds);
      await server.quiet(20);
      const letter: Place = { ...behind, character: behind.character + 1 };
      const halfWritten = await server.complete(behind, 'o', letter);
      if (halfWritten.offers === 0 && subject === polc) throw new Error(`${subject.name} offers nothing for a letter`);
      half.push(halfWritten.milliseconds);
      await server.change(end, letter, '');
      await server.quiet(20);
    }
  }
  for (const [subject, server] of servers) {
    results.get(subject)!.megabytes = server.megabytes();
    await server.end();
  }
  return results;
}

/** One row for each peer; without any, one that stands alone. */
function rows(
  into: Row[],
  what: string,
  measured: ReadonlyMap<Subject, Measured>,
  figure: (measured: Measured) => number,
  target: number | undefined,
): void {
  const ours = figure(measured.get(polc)!);
  const goal = target === undefined ? {} : { target };
  if (peers.length === 0) into.push({ what, ours, ...goal });
  for (const peer of peers) {
    into.push({ what, ours, peer: { name: peer.name, value: figure(measured.get(peer)!) }, ...goal });
  }
}

function quantile(values: readonly number[], rank: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * rank))]!;
}

function print(title: string, unit: Unit, table: readonly Row[]): void {
  printTable(title, unit, table);
}

function yamlLanguageServers(): readonly Subject[] {
  const script = join(root, 'vscode-extension/node_modules/yaml-language-server/bin/yaml-language-server');
  if (!existsSync(script)) {
    console.log('absent: yaml-language-server is not installed; run `npm ci` in vscode-extension/');
    return [];
  }
  return [
    { name: 'yaml-language-server', words: [process.execPath, script, '--stdio'] },
    {
      name: 'the same without its wait',
      words: [process.execPath, '--require', impatient, script, '--stdio'],
    },
  ];
}
