import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { cacheFolder, cacheKey, openCache } from '../../cli/cache.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('cache');

const bytes = (text: string) => Buffer.from(text);
const none = () => null;
const key = cacheKey(['policy', 'target', '0.1.0']);

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

test('what was put is got, from another process too', () =>
  withFolder((folder) => {
    const cache = openCache(folder);
    assert.is(cache.get(key, none), undefined);
    cache.put(key, [], bytes('result'));
    cache.close();
    assert.equal(Buffer.from(openCache(folder).get(key, none) ?? []), bytes('result'));
    assert.is(openCache(folder).get(cacheKey(['policy', 'target', '0.1.1']), none), undefined);
  }));

test('an entry counts only while what was pulled in is the same', () =>
  withFolder((folder) => {
    const cache = openCache(folder);
    const present = new Map<string, string | null>([
      ['base.yaml', 'aa'],
      ['absent.yaml', null],
    ]);
    const digestOf = (path: string) => present.get(path) ?? null;
    cache.put(
      key,
      [...present].map(([path, digest]) => ({ path, digest })),
      bytes('result'),
    );
    assert.ok(cache.get(key, digestOf) !== undefined);
    present.set('absent.yaml', 'bb');
    assert.is(cache.get(key, digestOf), undefined);
    present.set('absent.yaml', null);
    present.set('base.yaml', null);
    assert.is(cache.get(key, digestOf), undefined);
  }));

test('any damaged byte and any cut is noticed, and the entry is thrown away', () =>
  withFolder((folder) => {
    const cache = openCache(folder);
    cache.put(key, [{ path: 'a', digest: 'b' }], bytes('result'));
    const [file = ''] = filesIn(folder);
    const whole = readFileSync(file);
    const damaged = [
      ...Array.from(whole, (_, at) => {
        const copy = Buffer.from(whole);
        copy[at]! ^= 1;
        return copy;
      }),
      ...Array.from(whole, (_, at) => whole.subarray(0, at)),
      Buffer.concat([whole, bytes('x')]),
    ];
    for (const content of damaged) {
      writeFileSync(file, content);
      assert.is(
        cache.get(key, () => 'b'),
        undefined,
      );
      assert.equal(filesIn(folder), []);
    }
    writeFileSync(file, whole);
    assert.ok(cache.get(key, () => 'b') !== undefined);
  }));

test('keys of different parts differ, wherever the parts are divided', () => {
  const lists = [['ab', 'c'], ['a', 'bc'], ['abc'], ['abc', ''], ['', 'abc'], ['a","b'], ['a', 'b'], ['a\\","b']];
  const keys = lists.map((parts) => cacheKey(parts));
  assert.is(new Set(keys).size, keys.length);
});

test('the least recently used entries go first', () =>
  withFolder((folder) => {
    // Keys with one first byte share a folder, which holds a 256th of the whole.
    const inShard = (index: number) => `00${index.toString(16).padStart(62, '0')}`;
    const cache = openCache(folder, 256 * 1000);
    for (let index = 0; index < 10; index++) {
      cache.put(inShard(index), [], Buffer.alloc(150));
      const time = 1_700_000_000 + index;
      utimesSync(join(folder, '00', inShard(index).slice(2)), time, time);
    }
    // A use makes an entry young again.
    assert.ok(cache.get(inShard(0), none) !== undefined);
    cache.close();
    const left = filesIn(folder).reduce((sum, file) => sum + statSync(file).size, 0);
    assert.ok(left <= 1000 && left > 700);
    assert.ok(cache.get(inShard(0), none) !== undefined);
    assert.is(cache.get(inShard(1), none), undefined);
    assert.ok(cache.get(inShard(9), none) !== undefined);
  }));

test('a shard holds its share of 1 GiB', () =>
  withFolder((folder) => {
    const cache = openCache(folder);
    const keys = [0, 1, 2, 3, 4].map((index) => `00${index.toString(16).padStart(62, '0')}`);
    for (const each of keys) cache.put(each, [], Buffer.alloc(1_000_000));
    cache.close();
    for (const each of keys.slice(1)) assert.is(cache.get(each, none)?.length, 1_000_000);
    assert.is(filesIn(folder).length, 4);
  }));

test('writers in several processes leave whole entries and nothing else', () =>
  withFolder((folder) => {
    const script = `
      for (const round of [1, 2, 3, 4, 5, 6, 7, 8]) {
        const { openCache } = await import(process.argv[1]);
        const cache = openCache(process.argv[2]);
        for (let n = 0; n < 20; n++) cache.put(${JSON.stringify(key)}, [], Buffer.alloc(20000, round));
        const seen = cache.get(${JSON.stringify(key)}, () => null);
        if (seen === undefined || seen.length !== 20000 || seen.some((byte) => byte !== seen[0])) process.exit(9);
      }`;
    const module = join(folder, 'cache.mjs');
    execFileSync(join(process.env.POLC_ROOT ?? '.', 'node_modules/.bin/esbuild'), [
      join(process.env.POLC_ROOT ?? '.', 'cli/cache.ts'),
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--log-level=error',
      `--outfile=${module}`,
    ]);
    const writers = `for i in 1 2 3; do ${process.execPath} --input-type=module -e "$1" "$2" "$3" & pids="$pids $!"; done`;
    const command = `${writers}; for pid in $pids; do wait $pid || exit $?; done`;
    execFileSync('bash', ['-c', command, 'bash', script, `file://${module}`, join(folder, 'cache')]);
    assert.is(filesIn(join(folder, 'cache')).length, 1);
  }));

test('a folder that cannot be written is one problem, not a failure', () =>
  withFolder((folder) => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const cache = openCache(join(file, 'below'));
    cache.put(key, [], bytes('x'));
    cache.put(key, [], bytes('x'));
    cache.close();
    assert.match(cache.problem?.reason ?? '', /ENOTDIR/);
    assert.is(cache.get(key, none), undefined);
  }));

test('entries are the owner’s alone', () =>
  withFolder((folder) => {
    chmodSync(folder, 0o755);
    mkdirSync(join(folder, 'c'));
    openCache(join(folder, 'c')).put(key, [], bytes('x'));
    const [file = ''] = filesIn(folder);
    assert.is(statSync(file).mode & 0o077, 0);
  }));

test('the folder follows the platform, and XDG_CACHE_HOME where it is absolute', () => {
  assert.is(cacheFolder({ XDG_CACHE_HOME: '/c' }, 'linux', '/h'), '/c/polc');
  assert.is(cacheFolder({ XDG_CACHE_HOME: 'c' }, 'linux', '/h'), '/h/.cache/polc');
  assert.is(cacheFolder({}, 'darwin', '/h'), '/h/Library/Caches/polc');
  assert.match(cacheFolder({ LOCALAPPDATA: '/l' }, 'win32', '/h'), /^.l.polc.cache$/);
});

run();
