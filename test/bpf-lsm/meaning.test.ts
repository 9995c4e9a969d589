import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { Frame } from '../../compiler/backends/bpf-lsm/hook/frame.ts';
import { planTexts } from '../../compiler/backends/bpf-lsm/hook/texts.ts';
import { bpfLsm } from '../../compiler/backends/bpf-lsm/index.ts';
import { mostPatterns, textAutomaton } from '../../compiler/backends/bpf-lsm/text-automaton.ts';
import { patternsOf, type TextPredicate } from '../../compiler/backends/bpf-lsm/text-pattern.ts';
import { compile } from '../../compiler/compile.ts';
import { evaluate } from '../../compiler/expressions/evaluate.ts';
import { attribute, compare, inSet, literal } from '../../compiler/expressions/predicate.ts';
import { defaultTarget, type KernelVersion, type Target } from '../../compiler/target.ts';
import { validateBpf } from '../../compiler/verify/bpf-lsm/index.ts';
import { suite } from '../support/harness.ts';
import { program, programText } from '../support/hook-programs.ts';

const { test, run } = suite('bpf-lsm meaning');

const on = (kernel: KernelVersion): Target => ({ ...defaultTarget, kernel });

function compiled(text: string, target: Target) {
  const { outputs, policy, diagnostics } = compile('hooks.bpf', text, nodeHost, {
    target,
    backends: [bpfLsm],
    emit: ['bpf-lsm'],
    maximumMilliseconds: 0,
  });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  return {
    artifacts: outputs[0]?.artifacts ?? [],
    policy,
    errors: errors.map(({ message }) => message),
    warnings: warnings.map(({ message }) => message),
  };
}

test('programs decide, count and record as the reference evaluator does, on random texts', () => {
  let emitted = 0;
  fc.assert(
    fc.property(program, fc.constantFrom(5, 6), (random, major) => {
      const text = programText(random);
      const target = on({ major, minor: major === 5 ? 15 : 12 });
      const { artifacts, policy, errors } = compiled(text, target);
      assert.equal(errors, [], text);
      if (artifacts.length === 0 || policy === undefined) return;
      emitted += 1;
      const { status, counterexample } = validateBpf(policy, target, artifacts, 40);
      assert.is(status, 'tested', `${counterexample}\n${text}`);
    }),
    { numRuns: 80 },
  );
  assert.ok(emitted > 40, `${emitted} objects`);
});

/** Texts near the patterns: of few characters, so that many match. */
const texts = fc.array(fc.constantFrom('/', 'a', 'b', 'é', '𝄞', '.'), { maxLength: 8 }).map((parts) => parts.join(''));
const absolute = fc
  .array(fc.array(fc.constantFrom('a', 'b', 'é', '𝄞'), { minLength: 1, maxLength: 3 }), { maxLength: 4 })
  .map((components) => `/${components.map((each) => each.join('')).join('/')}`);
const globs = fc.array(fc.constantFrom('a', 'b', 'é', '*', '?', '/'), { maxLength: 6 }).map((parts) => parts.join(''));
const absolutePatterns = fc
  .array(fc.array(fc.constantFrom('a', 'b', 'é', '*', '?'), { minLength: 1, maxLength: 3 }), { maxLength: 4 })
  .map((components) => `/${components.map((each) => each.join('')).join('/')}`);
const term = attribute('text');
const predicates: fc.Arbitrary<TextPredicate> = fc.oneof(
  globs.map((pattern): TextPredicate => ({ kind: 'glob', term, pattern })),
  absolutePatterns.map((pattern): TextPredicate => ({ kind: 'beneath', term, pattern })),
  fc.array(texts, { minLength: 1, maxLength: 3 }).map((values) => inSet(term, values) as TextPredicate),
  texts.map((text) => compare(term, '==', literal(text)) as TextPredicate),
);

test('an automaton answers every pattern as the evaluator does', () => {
  fc.assert(
    fc.property(
      fc.array(predicates, { minLength: 1, maxLength: 6 }),
      fc.array(fc.oneof(texts, absolute), { minLength: 1, maxLength: 20 }),
      (asked, read) => {
        const automaton = textAutomaton(asked.map(patternsOf));
        assert.ok(automaton);
        const view = new DataView(automaton.table.buffer);
        for (const text of read) {
          let place = automaton.start;
          for (const byte of [...new TextEncoder().encode(text), 0, 0]) {
            place = view.getUint16(place + automaton.classes[byte]!, true) & automaton.placeMask;
          }
          const mask = view.getUint32(place, true);
          for (const [bit, predicate] of asked.entries()) {
            const wanted = evaluate(predicate, { attribute: () => text, parameter: () => undefined });
            assert.is((mask & (1 << bit)) !== 0, wanted, `${JSON.stringify(predicate)} on ${JSON.stringify(text)}`);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('an automaton knows nothing of a text that is not in UTF-8, where it counts characters', () => {
  const automaton = textAutomaton([patternsOf({ kind: 'glob', term, pattern: 'a?' })])!;
  const view = new DataView(automaton.table.buffer);
  for (const bytes of [
    [97, 0x80],
    [97, 0xc3],
    [97, 0xff],
    [0xe2, 0x28, 0xa1],
  ]) {
    let place = automaton.start;
    for (const byte of bytes) place = view.getUint16(place + automaton.classes[byte]!, true);
    assert.is(view.getUint32(place, true) >>> mostPatterns, 1, String(bytes));
  }
});

test('what no program can hold is said with its reason, and is no program', () => {
  const {
    artifacts,
    errors,
    warnings: many,
  } = compiled('hook file_open\n  deny when name like "*a?????????????????"\n', defaultTarget);
  assert.equal(artifacts, []);
  assert.match(many.join('\n'), /`file_open`: the patterns for `name` are too many/);
  assert.match(errors.join('\n'), /is enforced by no backend/);
  const { warnings } = compiled('hook file_truncate\n  deny when name == "x"\n', on({ major: 6, minor: 1 }));
  assert.match(warnings.join('\n'), /Linux 6\.2/);
});

test('who asks at path_truncate alone is warned where less comes to it', () => {
  const [old, recent] = [on({ major: 6, minor: 1 }), on({ major: 6, minor: 2 })];
  const warned = (text: string, target: Target) =>
    compiled(text, target).warnings.some((each) => /truncate\(2\)/.test(each));
  const both = ['path', 'file'].map((each) => `hook ${each}_truncate\n  deny when uid == 5\n`);
  assert.is(warned(both[0]!, recent), true);
  assert.is(warned(both[0]!, old), false);
  assert.is(warned(both[1]!, recent), false);
  assert.is(warned(both.join(''), recent), false);
});

test('the same text gives the same bytes', () => {
  const text =
    'hook file_open\n  audit deny when path beneath "/etc" && uid != 0\nhook task_kill\n  deny when sig == SIGKILL\n';
  const [first, second] = [1, 2].map(() => compiled(text, defaultTarget).artifacts);
  assert.equal(first, second);
  assert.is(first?.length, 3);
});

/** What changes an object's meaning: every comparison, result and constant of its code, one at a time. */
function* mutants(
  bytes: Uint8Array,
  code: { readonly start: number; readonly length: number },
): Generator<[string, Uint8Array]> {
  for (let at = code.start; at < code.start + code.length; at += 8) {
    const opcode = bytes[at]!;
    const changed = (what: string, change: (copy: Uint8Array) => void): [string, Uint8Array] => {
      const copy = bytes.slice();
      change(copy);
      return [`${what} at ${(at - code.start) / 8}`, copy];
    };
    const kind = opcode & 7;
    const operation = opcode & 0xf0;
    const negated: Readonly<Record<number, number>> = { 16: 0x50, 80: 0x10, 32: 0xb0, 176: 0x20, 160: 0x30, 48: 0xa0 };
    if ((kind === 5 || kind === 6) && negated[operation] !== undefined) {
      yield changed('a comparison negated', (copy) => {
        copy[at] = (opcode & 0x0f) | negated[operation]!;
      });
    }
    if ((kind === 5 || kind === 6) && negated[operation] !== undefined && (opcode & 8) === 0) {
      yield changed('a comparison with another number', (copy) => {
        copy[at + 4]! ^= 1;
      });
    }
    if (kind === 1) {
      yield changed('a load from elsewhere', (copy) => {
        copy[at + 2]! ^= 8;
      });
    }
    if (opcode === 0xb7 && (bytes[at + 1]! & 15) === 0) {
      yield changed('another result', (copy) => {
        copy[at + 4]! ^= 1;
      });
    }
    if (opcode === 0x18) at += 8;
  }
}

test('the validator refuses objects that mean something else', () => {
  const text = `hook file_open
  counter opens by uid per 10s
  audit deny when path beneath "/etc/ssh"
  errno EROFS when flags & O_ACCMODE != O_RDONLY && !(path beneath "/tmp")
  deny when opens > 2 && comm == "sh"
hook socket_connect
  deny when address in "10.0.0.0/8" && port == 443
`;
  const { artifacts, policy } = compiled(text, defaultTarget);
  const object = artifacts.find(({ path }) => path.endsWith('.o'))!;
  const bytes = object.content as Uint8Array;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const sections = Number(view.getBigUint64(40, true));
  let tried = 0;
  const survivors: string[] = [];
  // The programs are the first sections.
  for (const index of [1, 2]) {
    const header = sections + index * 64;
    const code = {
      start: Number(view.getBigUint64(header + 24, true)),
      length: Number(view.getBigUint64(header + 32, true)),
    };
    for (const [what, content] of mutants(bytes, code)) {
      tried += 1;
      const changed = artifacts.map((artifact) => (artifact === object ? { ...artifact, content } : artifact));
      if (validateBpf(policy!, defaultTarget, changed, 250).status !== 'refused') survivors.push(`${index}: ${what}`);
    }
  }
  assert.is(validateBpf(policy!, defaultTarget, artifacts, 60).status, 'tested');
  assert.ok(tried > 60, `${tried} mutants`);
  // What survives looks for errors that the kernel does not make here, or for texts that no pattern tells apart.
  assert.ok(survivors.length < tried * 0.25, `${survivors.length} of ${tried} mutants: ${survivors.join(', ')}`);
});

test('of more patterns than a stack has answers for there is no program, without trying them all', () => {
  const stack = new Frame();
  const conditions = Array.from(
    { length: 130 * mostPatterns },
    (_, at) => compare(attribute('name'), '==', literal(`n${at}`)) as TextPredicate,
  );
  assert.is(planTexts(conditions, stack), undefined);
  assert.is(stack.taken, 128 * 8);
});

run();
