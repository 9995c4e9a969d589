import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { equal, is, ok } from 'uvu/assert';
import {
  type Argument,
  buffer,
  type Call,
  hardened,
  moduleOf,
  policyOf,
  programText,
  runCalls,
  transfer,
} from '../support/guest.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('guest random');

const secret = 'KEPT SECRET';

const often = (weight: number, ...names: readonly string[]) => ({ weight, arbitrary: fc.constantFrom(...names) });
const path = fc
  .array(fc.oneof(often(8, 'a', 'b', 'c'), often(4, 'file'), often(4, 'up', 'link'), often(1, '.', '..', '')), {
    minLength: 1,
    maxLength: 3,
  })
  .map((names) => names.join('/'));
/** A folder of the host, or a descriptor that an earlier call may have been given. */
const folder: fc.Arbitrary<Argument> = fc.oneof(
  fc.constantFrom(3, 4),
  fc.nat(3).map((from) => ({ from })),
);
const flags = fc.constantFrom(0, 1);
const forFolder = ((1n << 28n) - 1n) & ~((1n << 0n) | (1n << 6n) | (1n << 8n) | (1n << 22n));
const rights = fc.constantFrom(2n, 1n << 6n, (1n << 6n) | 2n, forFolder);

const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(folder, flags, path, fc.constantFrom(0, 1, 2, 5, 8, 9), rights, fc.nat(3))
      .map(
        ([fd, follow, at, oflags, base, out]): Call => [
          'path_open',
          fd,
          follow,
          at,
          oflags,
          base,
          (1n << 28n) - 1n,
          0,
          { out },
        ],
      ),
  },
  fc.nat(3).map((from): Call => ['fd_read', { from }, ...transfer]),
  fc.nat(3).map((from): Call => ['fd_write', { from }, ...transfer]),
  fc.nat(3).map((from): Call => ['fd_readdir', { from }, ...buffer, 0n, { out: 9 }]),
  fc.nat(3).map((from): Call => ['fd_close', { from }]),
  fc.tuple(fc.nat(3), folder).map(([from, to]): Call => ['fd_renumber', { from }, to]),
  fc.tuple(folder, path).map(([fd, at]): Call => ['path_create_directory', fd, at]),
  fc.tuple(folder, path).map(([fd, at]): Call => ['path_remove_directory', fd, at]),
  fc.tuple(folder, path).map(([fd, at]): Call => ['path_unlink_file', fd, at]),
  {
    weight: 2,
    arbitrary: fc
      .tuple(folder, path, folder, path)
      .map(([fd, from, to, at]): Call => ['path_rename', fd, from, to, at]),
  },
  fc
    .tuple(folder, flags, path, folder, path)
    .map(([fd, follow, from, to, at]): Call => ['path_link', fd, follow, from, to, at]),
  fc.tuple(path, folder, path).map(([to, fd, at]): Call => ['path_symlink', to, fd, at]),
  fc.tuple(folder, flags, path).map(([fd, follow, at]): Call => ['path_filestat_set_times', fd, follow, at, 1n, 1n, 5]),
);

/** Two folders of the host, of which the policy names what lies in one, with links that lead out. */
function world(): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'polc-guest-')));
  for (const each of ['rw/a/b/c', 'rw/b', 'rw/c', 'ro/a', 'outside/a/b', 'outside/c'])
    mkdirSync(join(root, each), { recursive: true });
  for (const each of ['outside/file', 'outside/a/file', 'outside/a/b/file', 'secret'])
    writeFileSync(join(root, each), secret);
  for (const each of ['rw/file', 'rw/a/file', 'ro/file', 'ro/a/file']) writeFileSync(join(root, each), 'given');
  symlinkSync('../outside', join(root, 'rw/up'));
  symlinkSync('../../outside/file', join(root, 'rw/a/link'));
  symlinkSync('../../outside', join(root, 'rw/c/up'));
  symlinkSync('../../outside', join(root, 'rw/b/a'));
  symlinkSync('../outside', join(root, 'ro/up'));
  return root;
}

/** Every name below a folder, links not followed, with the content of files. */
function contents(root: string): readonly string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const at = join(entry.parentPath, entry.name);
      return `${at.slice(root.length)} ${entry.isFile() ? readFileSync(at, 'utf8') : ''}`;
    })
    .sort();
}

/** What every guest begins with: some folders and a file, open. */
const beginning: readonly Call[] = ['a', 'c', '.'].map(
  (each, out): Call => ['path_open', 3, 0, each, 2, forFolder, (1n << 28n) - 1n, 0, { out }],
);

let done = 0;

/** Makes the calls in a new world; throws where one reached what it should not have. */
async function attempt(random: readonly Call[], guarded: boolean): Promise<void> {
  const root = world();
  try {
    // Of links to names that lead out Node itself dies: it frees what it never had (uvwasi, path_link).
    const calls = [...beginning, ...random.filter(([name]) => guarded || name !== 'path_link')];
    const policy = policyOf(`security: { landlock: { paths: [
    { path: ${root}/rw, access: read-write }, { path: ${root}/ro, access: read-only } ] } }`);
    const outside = contents(join(root, 'outside'));
    const readOnly = contents(join(root, 'ro'));
    const preopens = { [join(root, 'rw')]: join(root, 'rw'), [join(root, 'ro')]: join(root, 'ro') };
    const plain = await moduleOf(programText(calls));
    const { errors, memory } = runCalls(guarded ? hardened(plain, policy) : plain, calls, preopens);
    done += errors.slice(beginning.length).filter((error) => error === 0).length;
    is(Buffer.from(memory).includes(secret), false, 'the secret was read');
    equal(contents(join(root, 'outside')), outside);
    equal(contents(join(root, 'ro')), readOnly);
    ok(existsSync(join(root, 'secret')));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const sequences = fc.array(call, { minLength: 4, maxLength: 14 });

test('no calls in any order reach what the policy does not allow', async () => {
  await fc.assert(
    fc.asyncProperty(sequences, (calls) => attempt(calls, true)),
    { numRuns: 80 },
  );
  ok(done > 40, `only ${done} calls did anything`);
});

test('without the guard some soon do', async () => {
  const { failed } = await fc.check(
    fc.asyncProperty(sequences, (calls) => attempt(calls, false)),
    { numRuns: 80, endOnFailure: true },
  );
  ok(failed);
});

run();
