import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { equal, ok } from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { compile } from '../../compiler/compile.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('determinism');
const name = 'examples/python-ai-turbo.yaml';
const policy = readFileSync(join(process.env.POLC_ROOT ?? '.', name));

function digests(now: () => number): readonly string[] {
  const result = compile(name, policy, { ...nodeHost, now }, { maximumMilliseconds: 0 });
  ok(result.ok);
  return result.files.map(({ path, content }) => `${path} ${createHash('sha256').update(content).digest('hex')}`);
}

test('the same policy gives the same bytes, whatever the clock, the zone and the order of compilations', () => {
  const first = digests(() => 0);
  compile('other.yaml', 'profile: other\nmode: sandbox\nresources: { pids: 4 }\n', nodeHost, {});
  process.env.TZ = 'Pacific/Chatham';
  equal(
    digests(() => performance.now()),
    first,
  );
});

test('the manifest lists every other file with its size and digest, and holds no time', () => {
  const result = compile(name, policy, nodeHost, { maximumMilliseconds: 0 });
  const manifest = JSON.parse(String(result.files.find(({ path }) => path === 'manifest.json')?.content));
  const listed = manifest.artifacts.map(
    ({ path, bytes, sha256 }: { path: string; bytes: number; sha256: string }) => `${path} ${bytes} ${sha256}`,
  );
  const there = result.files
    .filter(({ path }) => path !== 'manifest.json')
    .map(
      ({ path, content }) =>
        `${path} ${Buffer.from(content).length} ${createHash('sha256').update(content).digest('hex')}`,
    );
  equal([...listed].sort(), [...there].sort());
  equal(manifest.hash, createHash('sha256').update(policy).digest('hex'));
  ok(!/\d\d:\d\d:\d\d/.test(JSON.stringify(manifest)));
});

run();
