// Parsing the label expression of a Kuadrant policy into a tree with ranges, and the same with a mistake in it.
import { parse as parsePeer } from '@bufbuild/cel';
import { parse as parseMarcbachmann } from '@marcbachmann/cel-js';
import { parseCel } from '../compiler/expressions/cel/parse.ts';
import { interleaved, warmUp } from './support/rounds.ts';
import { printTable } from './support/table.ts';

const text = "auth.identity.metadata.labels['maas/team-id'] == 'data-science'";
const broken = "auth.identity.metadata.labels['maas/team-id'] = 'data-science' && (request.path";

/** Microseconds of one call, over calls that take about 200 ms. */
function microseconds(work: () => unknown): number {
  let calls = 0;
  const start = performance.now();
  const end = start + 200;
  for (; performance.now() < end; calls += 100) for (let turn = 0; turn < 100; turn += 1) work();
  return ((performance.now() - start) * 1000) / calls;
}

const subjects = [
  () => parseCel(text),
  () => parseMarcbachmann(text),
  () => parsePeer(text),
  () => parseCel(broken),
] as const;
for (const subject of subjects) warmUp(300, subject);
const [ours = 0, marcbachmann = 0, bufbuild = 0, wrong = 0] = interleaved(
  9,
  subjects.map((subject) => () => microseconds(subject)),
);
printTable('parsing the label expression with ranges (4 us is 250,000 a second)', 'us', [
  { what: 'well formed', ours, peer: { name: '@marcbachmann/cel-js', value: marcbachmann }, target: 4 },
  { what: 'well formed', ours, peer: { name: '@bufbuild/cel', value: bufbuild }, target: 4 },
  { what: 'three mistakes', ours: wrong },
]);
