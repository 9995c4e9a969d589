import * as assert from 'uvu/assert';
import { applyFixes } from '../../compiler/diagnostics/fixes.ts';
import { compileText } from '../support/compile-text.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('start-fix');

const policies = {
  'a list in brackets': 'security:\n  seccomp:\n    default: deny\n    allow: [read]\n',
  'a list of lines': 'security:\n  seccomp:\n    default: deny\n    allow:\n      - read\n      - write\n',
  'an empty list': 'security:\n  seccomp:\n    default: deny\n    allow: []\n',
  'no list': 'security:\n  seccomp:\n    default: deny\n',
  'no list, in braces': 'security: { seccomp: { default: deny } }\n',
};

for (const [name, lines] of Object.entries(policies)) {
  test(`what a start needs is allowed where there is ${name}`, () => {
    const { diagnostics, sources } = compileText(lines);
    const found = diagnostics.filter(({ code }) => code === 'POL5010');
    assert.is(found.length, 1, diagnostics.map(({ code }) => code).join(' '));
    const text = applyFixes(found, (file) => sources.get(file), 'all').texts.get('web.yaml');
    assert.ok(text !== undefined);
    const after = compileText(text.replace('profile: web\nmode: sandbox\n', '')).diagnostics;
    assert.equal(
      after.filter(({ code, severity }) => code === 'POL5010' || severity === 'error').map(({ message }) => message),
      [],
    );
  });
}

run();
