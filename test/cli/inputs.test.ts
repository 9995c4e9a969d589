import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { findInputs } from '../../cli/build/inputs.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('inputs');

test('a path is relative below the current folder only, however names begin', () =>
  withFolder((root) => {
    const cwd = join(root, 'web');
    for (const path of ['web/a.yaml', 'web/..b.yaml', 'web/deep/c.yml', 'web-more/d.yaml', 'we/e.yaml']) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), '');
    }
    const pathOf = (word: string) => findInputs([word], undefined, cwd).files[0]?.path;
    assert.is(pathOf(join(root, 'web/a.yaml')), 'a.yaml');
    assert.is(pathOf(`${root}/web/deep/../a.yaml`), 'a.yaml');
    assert.is(pathOf(join(root, 'web/..b.yaml')), '..b.yaml');
    assert.is(pathOf(join(root, 'web/deep/c.yml')), 'deep/c.yml');
    for (const outside of ['web-more/d.yaml', 'we/e.yaml'])
      assert.is(pathOf(join(root, outside)), `${root}/${outside}`);
    const inProject = { path: undefined, folder: root, config: undefined, diagnostics: [], ok: true };
    assert.is(findInputs([join(root, 'web-more/d.yaml')], inProject, cwd).files[0]?.path, '../web-more/d.yaml');
    assert.is(findInputs([join(root, 'web/a.yaml')], inProject, cwd).files[0]?.workspace, '..');
  }));

run();
