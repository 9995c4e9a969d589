import fc from 'fast-check';
import { equal, is, ok } from 'uvu/assert';
import { type Call, hardened, memoryOf, moduleOf, policyOf, preview1, programText } from '../support/guest.ts';
import { suite } from '../support/harness.ts';

/** What a hardened guest knows of descriptors, by whatever numbers its host gives them. */
const { test, run } = suite('guest descriptors');

const most = 10;
const policy = policyOf(`security: { landlock: { paths: [
  { path: /rw, access: read-write }, { path: /ro, access: read-only } ] } }
resources: { rlimits: { nofile: ${most} } }`);
const folders = ['/rw', '/ro'] as const;

/** The number of the next descriptor, of those that are not open. */
type Numbering = (isOpen: (fd: number) => boolean) => number;

const lowest: Numbering = (isOpen) => {
  let fd = 0;
  while (isOpen(fd)) fd += 1;
  return fd;
};

/** A host that does what it is asked for, and notes what it would have written to. */
class Host {
  /** What each open descriptor is: a stream, a folder, or a file in the folder of that name. */
  readonly open = new Map<number, string>([0, 1, 2].map((fd) => [fd, 'stream'] as const));
  readonly written: string[] = [];
  readonly #next: Numbering;
  readonly #memory: () => WebAssembly.Memory;

  constructor(next: Numbering, memory: () => WebAssembly.Memory) {
    this.#next = next;
    this.#memory = memory;
    folders.forEach((folder, at) => {
      this.open.set(3 + at, `folder ${folder}`);
    });
  }

  imports(): WebAssembly.ModuleImports {
    const view = () => new DataView(this.#memory().buffer);
    const facts = (at: number, inode: number, type: number) => {
      view().setBigUint64(at + 8, BigInt(inode), true);
      view().setUint8(at + 16, type);
      return 0;
    };
    return {
      fd_prestat_get: (fd: number, at: number) => {
        if (folders[fd - 3] === undefined) return 8;
        view().setUint32(at + 4, folders[fd - 3]!.length, true);
        return 0;
      },
      fd_prestat_dir_name: (fd: number, at: number) => {
        new TextEncoder().encodeInto(folders[fd - 3]!, new Uint8Array(this.#memory().buffer, at, 8));
        return 0;
      },
      fd_filestat_get: (fd: number, at: number) => facts(at, fd, 3),
      path_filestat_get: (_fd: number, _flags: number, _path: number, _length: number, at: number) => facts(at, 99, 4),
      path_open: (...[fd, , , , , , , , at]: number[]) => {
        const number = this.#next((each) => this.open.has(each));
        this.open.set(number, folders[fd! - 3] ?? 'nothing');
        view().setUint32(at!, number, true);
        return 0;
      },
      fd_write: (fd: number) => {
        this.written.push(this.open.get(fd) ?? 'nothing');
        return 0;
      },
      fd_close: (fd: number) => (this.open.delete(fd) ? 0 : 8),
      fd_renumber: (from: number, to: number) => {
        const what = this.open.get(from);
        if (what === undefined || !this.open.has(to)) return 8;
        this.open.delete(from);
        this.open.set(to, what);
        return 0;
      },
      fd_fdstat_get: () => 8,
    };
  }
}

const open = (fd: number, out: number): Call => ['path_open', fd, 0, 'file', 0, 1n << 1n, 0n, 0, { out }];
const write = (from: number): Call => ['fd_write', { from }, 0, 0, 0];

async function ran(
  calls: readonly Call[],
  next: Numbering,
): Promise<{ readonly errors: readonly number[]; readonly host: Host }> {
  const bytes = hardened(await moduleOf(programText(calls)), policy);
  const host: Host = new Host(next, () => memoryOf(instance));
  const instance: WebAssembly.Instance = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes)), {
    [preview1]: host.imports(),
  });
  const { _start: start } = instance.exports;
  if (typeof start === 'function') start();
  const errors = new DataView(memoryOf(instance).buffer, 1024);
  return { errors: calls.map((_, at) => errors.getUint32(at * 4, true)), host };
}

const place = fc.nat(4);
const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom(3, 4), place).map(([fd, out]) => open(fd, out)) },
  { weight: 2, arbitrary: place.map((from): Call => ['fd_close', { from }]) },
  { weight: 2, arbitrary: place.map(write) },
  fc.tuple(place, place).map(([from, to]): Call => ['fd_renumber', { from }, { from: to }]),
  fc
    .nat(most + 2)
    .filter((fd) => fd !== 3 && fd !== 4)
    .map((fd): Call => ['fd_close', fd]),
  fc.nat(most + 2).map((fd): Call => ['fd_write', fd, 0, 0, 0]),
);
/** Low numbers, numbers near the most, some that come again, and any. */
const number = fc.oneof(
  fc.nat(most - 1),
  fc.integer({ min: most - 1, max: most + 3 }),
  fc.constantFrom(500, 501),
  fc.nat(0x7fffffff),
);

test('a guest writes to nothing but what was opened where it may, whatever numbers its host gives', async () => {
  const seen = { written: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { minLength: 6, maxLength: 30 }),
      fc.array(number, { minLength: 40, maxLength: 40 }),
      async (calls, numbers) => {
        let at = 0;
        const { errors, host } = await ran(calls, (isOpen) => {
          while (at < numbers.length && isOpen(numbers[at]!)) at += 1;
          return numbers[at++] ?? lowest(isOpen);
        });
        is(
          host.written.find((what) => !['/rw', 'folder /rw', 'stream'].includes(what)),
          undefined,
          'it wrote elsewhere',
        );
        ok(host.open.size <= most, 'too many are open');
        seen.written += host.written.length;
        calls.forEach(([name], each) => {
          if (name === 'fd_write' && errors[each] !== 0) seen.refused += 1;
        });
      },
    ),
    { numRuns: 60, endOnFailure: true },
  );
  ok(seen.written > 0 && seen.refused > 0, JSON.stringify(seen));
});

test('what a host opens is known until it is closed, by low numbers and by any', async () => {
  const high: Numbering = (isOpen) => 1_000_000 + lowest((fd) => isOpen(1_000_000 + fd));
  for (const next of [lowest, high]) {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.constantFrom('open', 'close', 'renumber'), place, place), { maxLength: 20 }),
        async (steps) => {
          const calls: Call[] = [];
          const wanted: number[] = [];
          // What each place holds: whether a descriptor was opened into it that is still open.
          const held = new Map<number, boolean>();
          const expect = (each: Call, error: number) => {
            calls.push(each);
            wanted.push(error);
          };
          for (const [what, one, other] of steps) {
            if (what === 'open' && held.get(one) !== true) {
              const fits = [...held.values()].filter(Boolean).length < most - 5;
              expect(open(3, one), fits ? 0 : 33);
              held.set(one, fits);
            } else if (what === 'close' && held.get(one) === true) {
              expect(['fd_close', { from: one }], 0);
              held.set(one, false);
            } else if (what === 'renumber' && one !== other && held.get(one) === true && held.get(other) === true) {
              expect(['fd_renumber', { from: one }, { from: other }], 0);
              held.set(one, false);
            }
            for (const [each, isOpen] of held) if (isOpen) expect(write(each), 0);
          }
          const { errors } = await ran(calls, next);
          is(errors.join(), wanted.join());
        },
      ),
      { numRuns: 20, endOnFailure: true },
    );
  }
});

test('a low number comes to be known where a high one was, and not while that is open', async () => {
  const numbered = (numbers: readonly number[]): Numbering => {
    const left = [...numbers];
    return () => left.shift()!;
  };
  const high = 1_000_000;
  const first = 3 + folders.length;
  const after = [open(3, 0), ['fd_close', { from: 0 }], open(3, 1), write(1), write(0)] as const;
  equal((await ran(after, numbered([high, first]))).errors, [0, 0, 0, 0, 8]);
  const beside = [open(3, 0), open(3, 1), write(1), write(0)] as const;
  const { errors, host } = await ran(beside, numbered([high, first]));
  equal(errors, [0, 33, 8, 0]);
  is(host.open.has(first), false, 'what the guest is not given is open still');
  equal(
    (await ran([open(3, 0), ['fd_close', { from: 0 }], open(3, 0), write(0)], numbered([high, high]))).errors,
    [0, 0, 0, 0],
  );
  // A number that comes again takes no second slot: as many as there may be still fit.
  const close = (from: number): Call => ['fd_close', { from }];
  const again = [open(3, 0), open(3, 1), close(0), close(1), ...[0, 1, 2, 3, 4].map((out) => open(3, out)), open(3, 5)];
  const numbers = [0, 1, 1, 2, 3, 4, 5, 6].map((each) => high + each);
  equal((await ran(again, numbered(numbers))).errors, [...Array(9).fill(0), 33]);
});

run();
