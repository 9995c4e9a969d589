import * as assert from 'node:assert';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workspaceHost } from '../../cli/workspace-host.ts';
import { compile } from '../../compiler/compile.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('the files of a workspace');

test('a list ends where it has more than was asked for', () =>
  withFolder((folder) => {
    mkdirSync(join(folder, 'below'));
    for (let index = 0; index < 300; index += 1) {
      writeFileSync(join(folder, `${index}.yaml`), '');
      writeFileSync(join(folder, 'below', `${index}.yml`), '');
    }
    const host = workspaceHost();
    assert.equal(host.list?.(folder), undefined);
    assert.equal(host.list?.(folder, 600)?.length, 600);
    assert.equal(host.list?.(folder, 599), undefined);
  }));

test('a template is found by its name among a thousand', () =>
  withFolder((folder) => {
    for (let index = 0; index < 999; index += 1) {
      writeFileSync(join(folder, `${index}.yaml`), `name: Machine ${index}\nbase: ubuntu-22.04\n`);
    }
    const text = 'name: Own\ninherits: [Machine 7]\n';
    const path = join(folder, 'own.yaml');
    writeFileSync(path, text);
    const { diagnostics, contents } = compile(path, text, workspaceHost(), { maximumMilliseconds: 0 });
    assert.deepEqual(
      diagnostics.map(({ code }) => code),
      [],
    );
    assert.deepEqual([...contents.keys()], [path, join(folder, '7.yaml')]);
  }));

run();
