import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { abandonStaging, type OutputFolder, openStaging, stager } from '../../cli/staging.ts';
import { publish } from '../../cli/write.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('staging');

const web = (text: string): OutputFolder => ({ name: 'web', files: [{ path: 'ir/policy.ir', content: text }] });

test('two writers of one name have folders of their own; the output has neither before it is published', () =>
  withFolder((root) => {
    const out = join(root, 'a/b');
    const staging = openStaging(out);
    const [first, second] = [1, 2].map((owner) => stager(staging, owner)(web(`${owner}`)));
    assert.not(existsSync(join(out, 'web')));
    assert.is.not(first!.slot, second!.slot);
    assert.is(publish(out, [], { begun: { staging, folders: [second!] } }), undefined);
    assert.is(readFileSync(join(out, 'web/ir/policy.ir'), 'utf8'), '2');
    const { size, mtimeMs } = statSync(join(out, 'web/ir/policy.ir'));
    assert.equal(second!.marks, ['ir/policy.ir', size, mtimeMs]);
    assert.equal(readdirSync(out), ['web']);
  }));

test('what is there already is not staged, and its marks are those on the disk', () =>
  withFolder((out) => {
    publish(out, [web('same')]);
    const staging = openStaging(out);
    const { size, mtimeMs } = statSync(join(out, 'web/ir/policy.ir'));
    assert.equal(stager(staging, 1)(web('same')), {
      name: 'web',
      slot: undefined,
      marks: ['ir/policy.ir', size, mtimeMs],
    });
    assert.is.not(stager(staging, 1)(web('else')).slot, undefined);
    abandonStaging(staging);
    assert.equal(readdirSync(out), ['web']);
  }));

test('a staging folder that is abandoned takes with it what was made for it, and nothing else', () =>
  withFolder((root) => {
    mkdirSync(join(root, 'there'));
    const staging = openStaging(join(root, 'there/new/out'));
    stager(staging, 1)(web('x'));
    abandonStaging(staging);
    assert.equal(readdirSync(join(root, 'there')), []);
    const shared = openStaging(join(root, 'there/new/out'));
    writeFileSync(join(root, 'there/new/mine'), '');
    abandonStaging(shared);
    assert.equal(readdirSync(join(root, 'there/new')), ['mine']);
  }));

test('a link that somebody has laid in the staging folder is not followed', () =>
  withFolder((root) => {
    const elsewhere = join(root, 'elsewhere');
    mkdirSync(elsewhere);
    const staging = openStaging(join(root, 'out'));
    symlinkSync(elsewhere, join(staging.folder, 'new/1-0'));
    assert.throws(() => stager(staging, 1)(web('x')), /EEXIST/);
    assert.equal(readdirSync(elsewhere), []);
    abandonStaging(staging);
  }));

run();
