import fc from 'fast-check';
import { is, ok } from 'uvu/assert';
import { type PathAutomaton, pathAutomaton } from '../../compiler/guest/path-automaton.ts';
import { ends } from '../support/hang-guard.ts';
import { suite } from '../support/harness.ts';
import { rightsOf } from '../support/path-rights.ts';
import { decisionOf, deny, pathRule } from '../support/policies.ts';

const { test, run } = suite('guest paths');

const pattern = fc
  .array(fc.stringMatching(/^[abé*?😀]{1,4}$/u), { maxLength: 3 })
  .map((names) => `/${names.join('/')}`);
const rights = fc.subarray(['read_file', 'write_file', 'make_reg', 'refer'], { minLength: 1 });
const decisions = fc.array(fc.tuple(pattern, rights), { maxLength: 4 }).map((rules) =>
  decisionOf(
    'path',
    'union-of-allows',
    rules.map(([each, names]) => pathRule(each, names)),
    deny,
  ),
);
const path = fc.array(fc.stringMatching(/^[abé😀]{1,4}$/u), { maxLength: 4 }).map((names) => `/${names.join('/')}`);

/** The state after a canonical path. */
function stateOf({ states, start }: PathAutomaton, text: string): number {
  return [...new TextEncoder().encode(text === '/' ? '' : text)].reduce(
    (state, byte) => states[state]!.next[byte]!,
    start,
  );
}

test('the automaton gives the rights that the reference evaluator gives', () => {
  fc.assert(
    fc.property(decisions, fc.array(path, { minLength: 1, maxLength: 8 }), (decision, paths) => {
      const automaton = pathAutomaton(decision)!;
      for (const each of paths) is(automaton.states[stateOf(automaton, each)]!.rights, rightsOf(decision, each), each);
    }),
    { numRuns: 300 },
  );
});

test('where it says that all beneath has the same rights, all beneath has', () => {
  let flat = 0;
  fc.assert(
    fc.property(decisions, path, fc.array(path, { minLength: 1, maxLength: 8 }), (decision, folder, beneath) => {
      const automaton = pathAutomaton(decision)!;
      const state = automaton.states[stateOf(automaton, folder)]!;
      if (!state.flat) return;
      flat += 1;
      const base = folder === '/' ? '' : folder;
      for (const each of beneath)
        if (each !== '/') is(rightsOf(decision, base + each), rightsOf(decision, folder), base + each);
    }),
    { numRuns: 300 },
  );
  ok(flat > 20);
});

test('where it says that nothing beneath is allowed, nothing is', () => {
  fc.assert(
    fc.property(decisions, path, path, (decision, folder, beneath) => {
      const automaton = pathAutomaton(decision)!;
      if (stateOf(automaton, folder) !== 0) return;
      const each = beneath === '/' ? folder : (folder === '/' ? '' : folder) + beneath;
      is(rightsOf(decision, each), 0);
    }),
    { numRuns: 300 },
  );
});

test('a thousand patterns that begin alike have an automaton, or are given up', () => {
  const rules = Array.from({ length: 1000 }, (_, at) => pathRule(`/srv/tenant-${at}/data`, ['read_file']));
  const automaton = ends(() => pathAutomaton(decisionOf('path', 'union-of-allows', rules, deny)));
  ok(automaton === undefined || automaton.states[stateOf(automaton, '/srv/tenant-7/data/x')]!.rights !== 0);
});

run();
