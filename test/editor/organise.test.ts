import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { applyEdits } from '../../compiler/diagnostics/fixes.ts';
import { openDocument } from '../../compiler/editor/document.ts';
import { organiseEdits } from '../../compiler/editor/organise.ts';
import { groupingsAt } from '../../compiler/editor/organise-groups.ts';
import { printPolicy } from '../../compiler/ir/print.ts';
import { groupMembers, groupNames } from '../../compiler/tables/syscall-groups.ts';
import { syscallNumber } from '../../compiler/tables/syscalls.ts';
import { hostOf, meanings, type Texts } from '../support/editor-workspace.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('organise');
const root = process.env.POLC_ROOT ?? '.';
const folder = '/policies';

const examples: readonly Texts[] = readdirSync(join(root, 'examples'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => new Map([[`${folder}/${name}`, readFileSync(join(root, 'examples', name), 'utf8')]]));

test('a group in the place of all its calls means the same', () => {
  let grouped = 0;
  const both = ['x86_64', 'aarch64'] as const;
  const exists = (name: string) => both.some((each) => syscallNumber(each, name) !== undefined);
  for (const group of groupNames()) {
    const members = groupMembers(group)!.filter(exists);
    if (group === '@known' || members.length < 3) continue;
    const names = ['exit_group', ...members].filter((each, index, all) => all.indexOf(each) === index);
    for (const list of [`[${names.join(', ')}]`, `\n${names.map((each) => `      - ${each}\n`).join('')}`]) {
      const text = `profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    default: errno(EPERM)\n    allow: ${list}`;
      const path = `${folder}/web.yaml`;
      const [first] = groupingsAt(openDocument(path, text, 1), text.indexOf(names[1]!), both).filter(
        (each) => each.group === group,
      );
      assert.ok(first !== undefined, group);
      const after = applyEdits(text, first.edits);
      assert.ok(after.length < text.length);
      const calls = (of: string) => {
        const { lowered, diagnostics } = compile(path, of, hostOf(new Map()), { maximumMilliseconds: 0 });
        assert.equal(
          diagnostics.filter(({ code, severity }) => severity === 'error' && /^POL[1-4]/.test(code)),
          [],
        );
        const printed = printPolicy(lowered!).replace(/\n {6}/g, ' ');
        const named = [...printed.matchAll(/: allow when (?:arch in \{[^}]*\} && )?syscall in \{([^}]*)\}/g)];
        return [...new Set(named.flatMap((match) => match[1]!.split(', ')))].filter(exists).sort();
      };
      assert.equal(calls(after), calls(text), group);
      grouped += 1;
    }
  }
  assert.ok(grouped > 20, `only ${grouped}`);
});

test('a group stays out where a comment would lose its call, or one call is missing', () => {
  const members = groupMembers('@timer')!.filter((each) => syscallNumber('x86', each) !== undefined);
  const policy = (lines: readonly string[]) =>
    `profile: web\nmode: sandbox\nsecurity:\n  seccomp:\n    allow:\n${lines.map((each) => `      - ${each}\n`).join('')}`;
  const groups = (text: string) =>
    groupingsAt(openDocument('web.yaml', text, 1), text.length - 3, ['x86']).map((each) => each.group);
  assert.ok(groups(policy(members)).includes('@timer'));
  assert.equal(groups(policy(members.slice(1))), []);
  assert.equal(groups(policy(members.map((each, index) => (index === 2 ? `${each} # as it must` : each)))), []);
});

test('lists that are sorted mean the same', () => {
  /** The rules without their numbers, in any order. */
  const rules = (texts: Texts) =>
    meanings(texts, folder)
      .join('\n')
      .replace(/\n {6}/g, ' ')
      .split('\n')
      .map((line) => line.replace(/\/\d+(?=:)|\[\d+\]/g, ''))
      .sort();
  let sorted = 0;
  for (const texts of examples) {
    const [path, text] = [...texts][0]!;
    const document = openDocument(path, text, 1);
    const edits = organiseEdits(document);
    if (edits.length === 0) continue;
    sorted += 1;
    const after = applyEdits(text, edits);
    assert.equal(rules(new Map([[path, after]])), rules(texts), path);
    assert.equal(organiseEdits(openDocument(path, after, 1)), [], 'once is enough');
  }
  assert.ok(sorted > 1);
});

run();
