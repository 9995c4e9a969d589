import fc from 'fast-check';
import { equal, is, ok } from 'uvu/assert';
import type { Decision } from '../../compiler/ir/policy.ts';
import { nameInWasmEdge } from '../../compiler/verify/wasmedge-names.ts';
import { type Call, hardened, memoryOf, moduleOf, preview1, programText } from '../support/guest.ts';
import { suite } from '../support/harness.ts';
import { rightsOf } from '../support/path-rights.ts';
import { decisionOf, deny, limitOf, pathRule, policyOf } from '../support/policies.ts';

/** What a hardened guest makes of the names by which its host calls folders. */
const { test, run } = suite('guest names');

/** A folder as a host gives it: what it calls it, and which it is. */
interface Given {
  readonly name: string;
  readonly inode: number;
}

const rightNames = ['read_file', 'write_file'] as const;
const bits = { read_file: 4, write_file: 2 } as const;
const most = 6;

const calls: readonly Call[] = Array.from({ length: most }, (_, at) => at).flatMap((folder): readonly Call[] => [
  ['path_open', 3 + folder, 0, 'file', 0, 1n << 1n, 0n, 0, { out: folder }],
  ['path_open', 3 + folder, 0, 'file', 0, 1n << 6n, 0n, 0, { out: folder }],
]);
const program = moduleOf(programText(calls));

/** Beyond those of the folders and what is opened in them no guest here needs any. */
const fewDescriptors = limitOf('rlimit:nofile', 'count', 3 + 3 * most);

/** A host that has a file wherever it is asked for one, and refuses nothing. */
function hostOf(folders: readonly Given[], memory: () => WebAssembly.Memory): WebAssembly.ModuleImports {
  const names = folders.map(({ name }) => new TextEncoder().encode(name));
  const view = () => new DataView(memory().buffer);
  let next = 3 + folders.length;
  const facts = (at: number, inode: number, type: number) => {
    view().setBigUint64(at, 1n, true);
    view().setBigUint64(at + 8, BigInt(inode), true);
    view().setUint8(at + 16, type);
    return 0;
  };
  return {
    fd_prestat_get: (fd: number, at: number) => {
      const name = names[fd - 3];
      if (name === undefined) return 8;
      view().setUint32(at, 0, true);
      view().setUint32(at + 4, name.length, true);
      return 0;
    },
    fd_prestat_dir_name: (fd: number, at: number) => {
      new Uint8Array(memory().buffer).set(names[fd - 3]!, at);
      return 0;
    },
    fd_filestat_get: (fd: number, at: number) => facts(at, folders[fd - 3]!.inode, 3),
    path_filestat_get: (_fd: number, _flags: number, _path: number, _length: number, at: number) => facts(at, 99, 4),
    path_open: (...[, , , , , , , , at]: number[]) => {
      view().setUint32(at!, next++, true);
      return 0;
    },
    fd_close: () => 0,
    fd_fdstat_get: () => 8,
  };
}

/** The rights that the guest has on the file in each folder. */
async function rightsIn(folders: readonly Given[], decision: Decision): Promise<readonly number[]> {
  const bytes = hardened(await program, policyOf({ decisions: [decision], limits: [fewDescriptors] }));
  const instance: WebAssembly.Instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), {
    [preview1]: hostOf(folders, () => memoryOf(instance)),
  });
  const { _start: start } = instance.exports;
  if (typeof start !== 'function') throw new Error('no such export');
  start();
  const errors = new DataView(memoryOf(instance).buffer, 1024);
  return folders.map((_, folder) =>
    rightNames.reduce((mask, right, at) => {
      const error = errors.getUint32((2 * folder + at) * 4, true);
      return error === 0 ? mask | bits[right] : mask;
    }, 0),
  );
}

const sameFolder = (names: readonly string[]): readonly Given[] => names.map((name) => ({ name, inode: 7 }));

/** The rights that the policy gives on the file in a folder. */
function allowed(decision: Decision, folder: string): number {
  return rightsOf(decision, `${folder === '/' ? '' : folder}/file`) & (bits.read_file | bits.write_file);
}

const component = fc.constantFrom('a', 'b', '.x', 'é', '..y', '...');
const patterns = fc.array(fc.constantFrom('a', 'b', '.x', '.*', '?', '*', '**'), { maxLength: 3 });
const decisions = fc
  .array(fc.tuple(patterns, fc.subarray([...rightNames], { minLength: 1 })), { minLength: 1, maxLength: 4 })
  .map((rules) =>
    decisionOf(
      'path',
      'union-of-allows',
      rules.map(([names, rights]) => pathRule(`/${names.join('/')}`, rights)),
      deny,
    ),
  );
const path = fc.array(component, { maxLength: 4 }).map((names) => `/${names.join('/')}`);

/** What a host may call anything: the path where it is one from `/` without doubt, and whether that is so. */
function read(name: string): { readonly path: string; readonly whole: boolean } | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..') || /[\0\\]/.test(name)) return undefined;
  if (parts.length === 0 && !name.startsWith('/')) return undefined;
  return { path: `/${parts.join('/')}`, whole: /^\.?\//.test(name) };
}

const anyName = fc
  .tuple(
    fc.constantFrom('', '/', './', '//', './/', '././', '/./'),
    fc.array(fc.oneof({ weight: 6, arbitrary: component }, fc.constantFrom('.', '..', '', '\\', 'a\\..', 'a\0b')), {
      maxLength: 4,
    }),
    fc.constantFrom('', '/', '/.'),
  )
  .map(([before, names, behind]) => before + names.join('/') + behind);

test('a name from `/` gives what the policy gives there, and what is no such name gives nothing', async () => {
  const seen = { some: 0, none: 0, bare: 0 };
  await fc.assert(
    fc.asyncProperty(decisions, fc.array(anyName, { minLength: most, maxLength: most }), async (decision, names) => {
      const found = await rightsIn(sameFolder(names), decision);
      names.forEach((name, at) => {
        const rights = found[at]!;
        const meant = read(name);
        const wanted = meant === undefined ? 0 : allowed(decision, meant.path);
        if (meant === undefined || meant.whole || rights !== 0) is(rights, wanted, name);
        if (meant?.whole === false && rights !== 0) seen.bare += 1;
        if (meant === undefined) seen.none += 1;
        else if (rights !== 0) seen.some += 1;
      });
    }),
    { numRuns: 60 },
  );
  ok(seen.some > 0 && seen.none > 0 && seen.bare > 0, JSON.stringify(seen));
});

test('by the name that WasmEdge makes of a path a guest gains no right, and behind `./` it has them all', async () => {
  const seen = { left: 0, given: 0 };
  await fc.assert(
    fc.asyncProperty(decisions, path, async (decision, folder) => {
      const wanted = allowed(decision, folder);
      const behindDot = folder === '/' || folder.startsWith('/.') ? [] : [nameInWasmEdge(`.${folder}`)];
      const names = [nameInWasmEdge(folder), nameInWasmEdge(`${folder}//`), ...behindDot];
      const found = await rightsIn(sameFolder(names), decision);
      found.forEach((rights, at) => {
        is(rights & ~wanted, 0, `${folder} is called ${names[at]}`);
        if (at === 2) is(rights, wanted, `${folder} is called ${names[at]}`);
        if (rights !== wanted) seen.left += 1;
        else if (wanted !== 0) seen.given += 1;
      });
    }),
    { numRuns: 60 },
  );
  ok(seen.left > 0 && seen.given > 0, JSON.stringify(seen));
});

test('a name that lies in a folder beneath which all have the same rights is one from `/`', async () => {
  const decision = decisionOf('path', 'union-of-allows', [pathRule('/srv', ['read_file'])], deny);
  const give = async (names: readonly string[], wanted: number, by: Decision) => {
    for (let at = 0; at < names.length; at += most) {
      const some = names.slice(at, at + most);
      equal(await rightsIn(sameFolder(some), by), Array(some.length).fill(wanted), some.join(' '));
    }
  };
  await give(['srv', 'srv/', 'srv/a/b', './srv', '/srv'], 4, decision);
  await give(['srvx', 'a/srv', '.', './', '', '..', 'srv/../srv', 's', 'srv\\a', '/srv\\a'], 0, decision);
  const deeper = decisionOf('path', 'union-of-allows', [pathRule('/srv/a', ['read_file'])], deny);
  await give(['srv/a', 'srv/./a'], 0, deeper);
  await give(['./srv/a', '././/srv/a/', '/srv/a'], 4, deeper);
  const everywhere = decisionOf('path', 'union-of-allows', [pathRule('/', ['read_file'])], deny);
  await give(['/', '//', '/.', '/./', 'a', './a'], 4, everywhere);
  await give(['', '.', './', './.', './/'], 0, everywhere);
});

test('a name of 512 bytes is read, a longer one is none of the policy', async () => {
  const decision = decisionOf('path', 'union-of-allows', [pathRule('/srv', ['read_file'])], deny);
  const long = `/srv/${'a'.repeat(507)}`;
  equal(await rightsIn(sameFolder([long, `${long}a`]), decision), [4, 0]);
});

test('folders of which several have one name are none of the policy, unless they are one folder', async () => {
  let several = 0;
  await fc.assert(
    fc.asyncProperty(
      decisions,
      fc.array(
        fc.tuple(fc.constantFrom('/a', '/b', '/.x/a'), fc.constantFrom('', '/', '/.'), fc.integer({ min: 1, max: 2 })),
        {
          minLength: 2,
          maxLength: most,
        },
      ),
      async (decision, each) => {
        const folders = each.map(([folder, behind, inode], at) => ({
          folder,
          inode,
          name: (at % 2 === 0 && !folder.startsWith('/.') ? '.' : '') + folder + behind,
        }));
        const rights = await rightsIn(folders, decision);
        folders.forEach(({ folder, inode }, at) => {
          const alike = folders.some((other) => other.folder === folder && other.inode !== inode);
          is(rights[at], alike ? 0 : allowed(decision, folder), JSON.stringify(folders));
          if (alike && allowed(decision, folder) !== 0) several += 1;
        });
      },
    ),
    { numRuns: 60 },
  );
  ok(several > 0, `${several}`);
});

test('what the guest`s memory held is there again when folders have been read', async () => {
  const marks = 'abcdefgh'.repeat(80);
  const text = programText([['path_open', 3, 0, 'file', 0, 2n, 0n, 0, { out: 0 }]]).replace(
    '(func (export "_start")',
    `(data (i32.const 0) "${marks}") (func (export "_start")`,
  );
  const decision = decisionOf('path', 'union-of-allows', [pathRule('/a', ['read_file'])], deny);
  const bytes = hardened(await moduleOf(text), policyOf({ decisions: [decision] }));
  const folders = [1, 2, 3].map((inode) => ({ name: '/a', inode }));
  const instance: WebAssembly.Instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), {
    [preview1]: hostOf(folders, () => memoryOf(instance)),
  });
  const { _start: start } = instance.exports;
  if (typeof start === 'function') start();
  is(Buffer.from(memoryOf(instance).buffer, 0, marks.length).toString(), marks);
});

run();
