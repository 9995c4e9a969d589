// Templates that people really have, where they lie beside the repository: each is read, with the mistakes that it has.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { compile } from '../../compiler/compile.ts';
import { suite } from '../support/harness.ts';
import { filesHost } from '../support/templates.ts';

const { test, skip, run } = suite('template-corpus');
const folder = join(process.env.POLC_ROOT ?? '.', '..', 'shared', 'corpus', 'templates');

/** What is found in each but for what backends say; nothing in those that are not named. */
const findings: Readonly<Record<string, readonly string[]>> = {
  // One image id for four regions, for each architecture.
  'prism__amazon-linux-2023-server.yml': ['POL5319', 'POL5319'],
  'prism__deep-learning-gpu.yml': ['POL5319', 'POL5319'],
  'prism__community__ubuntu-python-r-ml.yml': ['POL5327'],
  'prismdoc__SAGEMAKER_INTEGRATION_DESIGN__1.yaml': ['POL5330'],
  'prismdoc__SAGEMAKER_INTEGRATION_DESIGN__2.yaml': ['POL5330'],
};

/** Templates that are not for instances, and a file of another kind. */
const others = /^autguardrails|INSTITUTIONAL/;

if (existsSync(folder)) {
  const names = readdirSync(folder).filter((name) => !others.test(name));

  test('there are templates', () => {
    assert.ok(names.length >= 14);
    assert.equal(
      Object.keys(findings).filter((name) => !names.includes(name)),
      [],
    );
  });

  for (const name of names) {
    test(name, () => {
      const text = readFileSync(join(folder, name), 'utf8');
      const { dialect, diagnostics, lowered } = compile(name, text, filesHost(new Map([[name, text]])), {
        emit: ['ir'],
      });
      assert.is(dialect, 'template');
      const codes = diagnostics.map(({ code }) => code).filter((code) => !/^POL6/.test(code));
      assert.equal(codes, findings[name] ?? []);
      if (codes.includes('POL5330')) return;
      const start = lowered?.obligations.find((each) => each.kind === 'start-instance');
      if (start?.kind !== 'start-instance') throw new Error('nothing is started');
      // Every package that the file names stands in the script.
      for (const [, item] of text.matchAll(/^ {4}- "?([a-z][\w.=-]*)"?\s*(?:#.*)?$/gm)) {
        assert.ok(start.script.includes(item!), item);
      }
      assert.not(start.script.includes('_MINUTES}}'));
    });
  }
} else skip('templates of others', 'they do not lie beside the repository');

run();
