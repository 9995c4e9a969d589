import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { nodeHost } from '../../cli/host.ts';
import { type Compilation, compile } from '../../compiler/compile.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('never-throws');
const root = process.env.POLC_ROOT ?? '.';
const limit = { interruptAfterTimeLimit: 4000, numRuns: 100_000, markInterruptAsFailure: false };

const policies = [
  ...['sandbox', 'guardrail', 'kuadrant', 'tenancy', 'template'].flatMap((suite) =>
    readdirSync(join(root, 'test/fixtures', suite), { recursive: true, encoding: 'utf8' })
      .filter((name) =>
        /(^|\/)[^/]+\/(policy|limits|auth|stream|windows|planned-.*|principals-.*|extends|seed-003-.*)[^/]*\.yaml$/.test(
          name,
        ),
      )
      .map((name) => join(root, 'test/fixtures', suite, name)),
  ),
  ...readdirSync(join(root, 'examples'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(root, 'examples', name)),
].map((path) => readFileSync(path, 'utf8'));

/** Words that mean something to the compiler, and values at the edges of what it takes. */
const words = [
  ...new Set(policies.flatMap((text) => text.match(/[\w@./*-]+:?/g) ?? [])),
  '0',
  '-1',
  '1e309',
  '9007199254740993',
  '18446744073709551616',
  '0x7fffffffffffffff',
  'null',
  '~',
  '""',
  "''",
  '[]',
  '{}',
  '*a',
  '&a',
  '!!binary',
  '!x',
  '|',
  '>',
  '<<:',
  '? ',
  '- ',
  '\t',
  '\u0000',
  '\ud83d\ude00',
  '%',
  '@',
  '`',
  '..',
  '/**',
  '/',
  '://',
  '[::1]:1',
  'arg0 &',
  'arg9 == 1',
  '!!arg0',
  'arg0 in [1..]',
  '((((',
  'arg0 & ~0 == 1 || arg1',
  '__proto__',
  'constructor',
  'toString',
];

function check(result: Compilation): void {
  const bug = result.diagnostics.find(({ code }) => code.startsWith('POL9'));
  if (bug !== undefined) throw new Error(`${bug.message}\n${bug.notes.join('\n')}`);
  for (const { code, help, span } of result.diagnostics) {
    if (help === '') throw new Error(`${code} has no next step`);
    const { start, end } = span;
    if (!(start >= 0 && start <= end)) throw new Error(`${code} has the span ${start} to ${end}`);
  }
  if (!result.ok && result.files.length > 0) throw new Error('a policy with errors has files');
  if (!result.ok && !result.diagnostics.some(({ severity }) => severity === 'error'))
    throw new Error('refused without an error');
}

const host = { ...nodeHost, read: () => undefined, now: () => 0 };

test('bytes of any kind give a result', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => check(compile('x.yaml', bytes, host, {}))),
    limit,
  );
});

test('policies with words deleted, doubled, replaced and moved give a result', () => {
  const edit = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('delete', 'insert', 'replace', 'indent', 'double'),
    word: fc.constantFrom(...words),
  });
  fc.assert(
    fc.property(fc.constantFrom(...policies), fc.array(edit, { minLength: 1, maxLength: 6 }), (policy, edits) => {
      const tokens = policy.split(/(?<=[\s,:[\]{}])/);
      for (const { at, kind, word } of edits) {
        const index = at % tokens.length;
        if (kind === 'delete') tokens.splice(index, 1);
        else if (kind === 'insert') tokens.splice(index, 0, word);
        else if (kind === 'replace') tokens[index] = word;
        else if (kind === 'indent') tokens[index] = `  ${tokens[index]}`;
        else tokens.splice(index, 0, tokens[index]!, tokens[index]!);
      }
      check(compile('x.yaml', tokens.join(''), host, {}));
    }),
    limit,
  );
});

test('every prefix of every policy gives a result', () => {
  for (const policy of policies) {
    for (let end = 0; end <= policy.length; end += Math.max(1, Math.floor(policy.length / 60))) {
      check(compile('x.yaml', policy.slice(0, end), host, {}));
    }
  }
});

run();
