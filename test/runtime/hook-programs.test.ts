import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { nodeHost } from '../../cli/host.ts';
import { bpfLsm } from '../../compiler/backends/bpf-lsm/index.ts';
import { compile } from '../../compiler/compile.ts';
import { decodeObject } from '../../compiler/verify/bpf-lsm/object.ts';
import { readBuilt } from '../../runtime/hook-programs/built-programs.ts';
import { eventOf, followEvents } from '../../runtime/hook-programs/events.ts';
import { pinPrograms, unpin, unpinWhole } from '../../runtime/hook-programs/pinned.ts';
import { isRefusal, verifierRefusal } from '../../runtime/hook-programs/refusal.ts';
import { debugRecords, relocated } from '../../runtime/hook-programs/relocate.ts';
import { Bpf } from '../../runtime/kernel/bpf.ts';
import { KernelRefusal, type SystemCalls } from '../../runtime/kernel/system-calls.ts';
import { sha256 } from '../../runtime/sha256.ts';
import { writeProgramBundle } from '../support/bundle-folder.ts';
import { withFolder } from '../support/folder.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('hook programs that are loaded');

const network = 'network: { mode: host, outbound: ["127.0.0.0/30:9", "192.0.2.0/24"] }\n';

test('a record becomes an event with the policy’s line, and what is none becomes nothing', () => {
  const path = '/t/é';
  const record = new DataView(new ArrayBuffer(64 + 5 + 3));
  record.setUint32(0, 1, true);
  record.setUint32(4, 1, true);
  record.setBigUint64(8, 5_000_000_000n, true);
  record.setBigUint64(16, 2n ** 40n + 7n, true);
  for (const [at, value] of [
    [24, 11],
    [28, 12],
    [32, 1000],
    [36, 4_294_967_295],
    [44, 5],
  ] as const) {
    record.setUint32(at, value, true);
  }
  record.setInt32(40, -13, true);
  new Uint8Array(record.buffer).set(Buffer.from('cat'), 48);
  new Uint8Array(record.buffer).set(Buffer.from(path), 64);
  const rules = [
    { id: 'hook/otherwise', topic: 'x' },
    { id: 'hook/file_open/0', topic: 'y', file: 'a.bpf', line: 3, text: 'audit deny' },
  ];
  // Ten milliseconds after the record.
  const told = () => eventOf(record, 'web', rules, 5_010_000_000n, Date.UTC(2026, 0, 1));
  assert.equal(told(), {
    time: '2025-12-31T23:59:59.990Z',
    policy: 'web',
    rule: 'hook/file_open/0',
    hook: 'file_open',
    file: 'a.bpf',
    line: 3,
    text: 'audit deny',
    answer: 'refused',
    error: 'EACCES',
    path,
    command: 'cat',
    pid: 12,
    thread: 11,
    uid: 1000,
    gid: 4_294_967_295,
    cgroup: '1099511627783',
  });
  record.setInt32(40, 0, true);
  assert.is(told()?.answer, 'allowed');
  assert.is(told()?.error, undefined);
  record.setInt32(40, 1, true);
  assert.is(told()?.answer, 'recorded');
  record.setUint32(44, 0, true);
  assert.is(told()?.path, undefined);
  record.setUint32(4, 9, true);
  assert.is(told(), undefined);
  record.setUint32(4, 0, true);
  assert.is(told()?.hook, undefined);
  record.setUint32(0, 2, true);
  assert.is(told(), undefined);
});

test('what the verifier refuses is told in our words, with the line that the instruction comes from', () => {
  const program = {
    section: 'lsm_cgroup/file_open',
    lines: [
      { offset: 0, file: 'file_open', text: '', line: 0, words: [0, 0, 0] },
      { offset: 16, file: 'a.bpf', text: 'deny when a', line: 2, words: [0, 0, 0] },
      { offset: 40, file: 'a.bpf', text: 'deny when b', line: 3, words: [0, 0, 0] },
    ],
  } as never;
  const log = (last: string, slot: number) =>
    `func#0 @0\n0: R1=ctx() R10=fp0\n; deny @ a.bpf:2\n${slot}: (79) r1 = *(u64 *)(r0 +0)\n${last}\nprocessed 12 insns (limit 1000000) max_states_per_insn 0\nverification time 12 usec\n`;
  const known = verifierRefusal(program, 'EACCES', log("R0 invalid mem access 'scalar'", 4));
  assert.match(
    known.problem,
    /`lsm_cgroup\/file_open`: it may read or write outside .*\(R0 invalid mem access 'scalar'\)/,
  );
  assert.equal(known.line, { file: 'a.bpf', line: 2, text: 'deny when a' });
  assert.match(known.help, /a\.bpf:2/);
  assert.equal(verifierRefusal(program, 'EACCES', log('x', 5)).line?.line, 3);
  assert.is(verifierRefusal(program, 'EACCES', log('x', 1)).line, undefined);
  assert.match(
    verifierRefusal(program, 'E2BIG', log('BPF program is too large. Processed 1000001 insn', 5)).problem,
    /more ways through it/,
  );
  assert.match(verifierRefusal(program, 'EINVAL', log('never heard of', 5)).problem, /: never heard of$/);
});

/** The only program of a text. */
function programOf(text: string) {
  const { outputs } = compile('a.bpf', text, nodeHost, {
    backends: [bpfLsm],
    emit: ['bpf-lsm'],
    maximumMilliseconds: 0,
  });
  const content = outputs[0]?.artifacts.find(({ path }) => path === 'policy.bpf.o')?.content;
  if (!(content instanceof Uint8Array)) throw new Error('there is no object');
  const decoded = decodeObject(content);
  if (typeof decoded === 'string') throw new Error(decoded);
  return decoded.programs[0]!;
}

test('fields and maps of this machine are put into code, and nothing else is changed', () => {
  const compiled = programOf('hook file_open\n  audit deny when owner == 7 && path beneath "/t"\n');
  // As of a compiler that leaves the kind of an address to the loader.
  const bare = Uint8Array.from(compiled.code);
  for (const slot of compiled.addresses.keys()) bare[slot * 8 + 1]! &= 15;
  const program = { ...compiled, code: bare };
  assert.ok(program.fields.length > 2);
  const moved = 0x1008;
  const code = relocated(program, {
    fieldOffset: (structure, members) => (structure === 'file' && members[0] === 'f_inode' ? moved : 24),
    map: (name) => ({ scratch: 70, events: 71 })[name],
    constants: 72,
  });
  assert.instance(code, Uint8Array);
  const words = (bytes: Uint8Array) => new DataView(bytes.slice().buffer);
  const [before, after] = [words(program.code), words(code as Uint8Array)];
  const touched = new Set<number>();
  for (const { offset, structure, members } of program.fields) {
    const place = structure === 'file' && members[0] === 'f_inode' ? moved : 24;
    const memory = (before.getUint8(offset) & 7) < 4;
    assert.is(memory ? after.getInt16(offset + 2, true) : after.getInt32(offset + 4, true), place);
    for (const at of memory ? [2, 3] : [4, 5, 6, 7]) touched.add(offset + at);
  }
  for (const [slot, address] of program.addresses) {
    const at = slot * 8;
    const isMap = 'map' in address;
    assert.is(after.getUint8(at + 1) >> 4, isMap ? 1 : 2);
    assert.is(after.getInt32(at + 4, true), isMap ? { scratch: 70, events: 71 }[address.map] : 72);
    assert.is(after.getInt32(at + 12, true), isMap ? 0 : address.constant);
    for (const each of [1, 4, 5, 6, 7, 12, 13, 14, 15]) touched.add(at + each);
  }
  assert.ok([...program.addresses.values()].some((address) => 'constant' in address));
  for (let at = 0; at < before.byteLength; at += 1) {
    if (!touched.has(at)) assert.is(after.getUint8(at), before.getUint8(at), `byte ${at}`);
  }
  const places = { fieldOffset: () => undefined, map: () => 1, constants: 1 };
  assert.match(String(relocated(program, places)), /reads `\w+\.[\w.]+`, which this kernel does not have/);
  const [first, ...others] = program.fields;
  const wrong = { ...program, fields: [{ ...first!, local: first!.local + 4 }, ...others] };
  assert.match(String(relocated(wrong, { ...places, fieldOffset: () => 8 })), /where its types have/);
  const lost = relocated(program, { ...places, fieldOffset: () => 8, map: () => undefined });
  assert.match(String(lost), /a map that the object does not have/);
  const { functions, lines } = debugRecords(program);
  assert.equal([...new Uint32Array(functions.buffer)], [0, program.type]);
  assert.is(new Uint32Array(lines.buffer)[0], 0);
  assert.is(lines.length, program.lines.length * 16);
});

test('only what was built, and is as it was built, is loaded', () =>
  withFolder((folder) => {
    writeProgramBundle(folder, network);
    const object = join(folder, 'bpf-lsm/policy.bpf.o');
    const good = readFileSync(object);
    const built = readBuilt(folder);
    if (isRefusal(built)) throw new Error(built.problem);
    assert.is(built.policy, 'web');
    assert.equal(Buffer.from(built.programs.object), good);
    assert.equal(isRefusal(readBuilt(object)), false);
    const refused = (bytes: Uint8Array): string => {
      writeFileSync(object, bytes);
      const result = readBuilt(object);
      writeFileSync(object, good);
      return isRefusal(result) && result.by === 'object' ? result.problem : 'it is taken';
    };
    const changed = (at: number, value: number) => {
      const bytes = Buffer.from(good);
      bytes[at] = value;
      return bytes;
    };
    assert.match(refused(Buffer.from('text')), /is no ELF file/);
    assert.match(refused(changed(5, 2)), /is big-endian/);
    assert.match(refused(changed(4, 1)), /is of 32 bits/);
    assert.match(refused(changed(18, 62)), /is for the machine 62/);
    assert.match(refused(good.subarray(0, good.length - 200)), /is cut off/);
    const name = good.indexOf('.BTF\0');
    assert.match(refused(changed(name, 0x2d)), /has no types/);
    // A sound object that is another one.
    const code = good.indexOf(Buffer.from([0x95, 0, 0, 0, 0, 0, 0, 0]));
    assert.match(refused(changed(code - 4, 1)), /is not what was built/);
    writeFileSync(object, '');
    truncateSync(object, 17 * 1024 * 1024);
    const large = readBuilt(object);
    assert.match(isRefusal(large) ? large.problem : '', /has 17825792 bytes, more than 16777216/);
    writeFileSync(object, good);
    const description = join(folder, 'bpf-lsm/policy.bpf.json');
    const text = readFileSync(description, 'utf8');
    writeFileSync(description, text.replace('"line"', '"lime"').replace('"topic"', '"tropic"'));
    const other = readBuilt(folder);
    assert.match(isRefusal(other) ? other.problem : '', /another digest of policy\.bpf\.json/);
    rmSync(description);
    const alone = readBuilt(folder);
    assert.match(isRefusal(alone) ? alone.problem : '', /has no policy\.bpf\.json beside it/);
    writeFileSync(description, text);
    rmSync(join(folder, 'manifest.json'));
    const lost = readBuilt(object);
    assert.match(isRefusal(lost) ? lost.problem : '', /lies in no bundle/);
    const foreign = join(folder, 'bpf-lsm/foreign.o');
    execFileSync('gcc', ['-c', '-x', 'c', '-o', foreign, '-'], { input: 'int x;' });
    const another = readBuilt(foreign);
    assert.match(isRefusal(another) ? another.problem : '', /is for the machine 62/);
  }));

test('a bundle that somebody has written by hand is taken where it describes its object, and else refused in words', () =>
  withFolder((folder) => {
    writeProgramBundle(folder, network);
    const files = ['manifest.json', 'bpf-lsm/policy.bpf.json'].map((name) => join(folder, name));
    const [manifestFile = '', descriptionFile = ''] = files;
    const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
    const description = JSON.parse(readFileSync(descriptionFile, 'utf8'));
    const answer = (told: unknown, bundle = manifest): string => {
      const text = JSON.stringify(told);
      const artifacts = bundle?.artifacts?.map((each: { path: string } | null) =>
        each?.path === 'bpf-lsm/policy.bpf.json' ? { ...each, sha256: sha256(Buffer.from(text)) } : each,
      );
      writeFileSync(descriptionFile, text);
      writeFileSync(manifestFile, JSON.stringify(bundle === null ? null : { ...bundle, artifacts }));
      const result = readBuilt(folder);
      return isRefusal(result) ? result.problem.replace(/^`.*?` /, '') : 'it is taken';
    };
    assert.is(answer(description), 'it is taken');
    const [first, ...others] = description.programs;
    for (const told of [
      { version: 1 },
      { ...description, rules: null },
      { ...description, rules: [{ id: 5, topic: 'a' }] },
      { ...description, programs: others },
      { ...description, programs: [null, ...others] },
      // The kind says what the machine has to have: a hook's program would be loaded where none is ever asked.
      { ...description, programs: [{ ...first, attach: 'lsm' }, ...others] },
      { ...description, programs: [{ ...first, section: 'lsm/file_open', attach: 'lsm' }, ...others] },
    ]) {
      assert.is(answer(told), 'has a policy.bpf.json that does not describe it');
    }
    assert.match(answer(null), 'of a version that this polc does not know');
    for (const bundle of [
      null,
      { ...manifest, artifacts: [null, ...manifest.artifacts] },
      { ...manifest, policy: '../../etc' },
      { ...manifest, policy: 5 },
    ]) {
      assert.match(answer(description, bundle), 'lies in no bundle');
    }
  }));

test('nothing is pinned where others could take it away', () =>
  withFolder((folder) => {
    const places = { pins: join(folder, 'pins'), records: join(folder, 'records') };
    const unused = (): never => {
      throw new Error('nothing is asked of the kernel');
    };
    const bpf = new Bpf({ call: unused, wait: unused, address: unused, memory: unused });
    const object = { programs: [], maps: new Map(), close() {} };
    const record = {
      ...{
        version: 1,
        name: 'web',
        policy: 'web',
        file: 'web.yaml',
        hash: '',
        loaded: '',
        cgroup: '/',
        ownGroup: false,
      },
      description: { version: 1, programs: [], maps: [], rules: [] },
    } as unknown as Parameters<typeof pinPrograms>[3];
    const pin = () => pinPrograms(bpf, object, { links: [], detach() {} }, record, places);
    mkdirSync(places.pins);
    chmodSync(places.pins, 0o777);
    assert.match(pin()?.problem ?? '', /^others may change .*pins, /);
    assert.not(existsSync(join(places.pins, 'web')));
    rmSync(places.pins, { recursive: true });
    symlinkSync(folder, places.pins);
    assert.match(pin()?.problem ?? '', /^others may change /);
    assert.not(existsSync(join(folder, 'web')));
    rmSync(places.pins);
    assert.is(pin(), undefined);
    assert.ok(existsSync(join(places.pins, 'web')));
    unpin('web', places);
    assert.not(existsSync(places.pins));
  }));

test('where no file system takes pins it is said how to mount one', () => {
  const [bpf, object, record] = [{}, { maps: new Map() }, { name: 'web' }] as unknown as [
    Parameters<typeof pinPrograms>[0],
    Parameters<typeof pinPrograms>[1],
    Parameters<typeof pinPrograms>[3],
  ];
  // As in sysfs, a folder can be made nowhere in it, and the answer is ENOENT though the folder above is there.
  for (const above of ['/proc/self', '/no/such/folder']) {
    const places = { pins: `${above}/polc`, records: '/no/such/records' };
    const refusal = pinPrograms(bpf, object, { links: [], detach() {} }, record, places);
    assert.match(refusal?.problem ?? '', `nothing can be pinned at ${above}/polc/web: ENOENT`);
    assert.match(refusal?.help ?? '', 'mount -t bpf bpf /sys/fs/bpf');
  }
});

test('what the programs of several levels recorded is given in the order of its time', async () => {
  const bytes = 4096;
  const recordBytes = 64;
  /** What writers share of a ring buffer: their position, after a page the records, one for each time. */
  const ringOf = (times: readonly bigint[], size: number): ArrayBuffer => {
    const page = size - 2 * bytes;
    const memory = new ArrayBuffer(size);
    const view = new DataView(memory);
    for (const [index, time] of times.entries()) {
      const record = page + index * (recordBytes + 8);
      view.setUint32(record, recordBytes, true);
      view.setUint32(record + 8, 1, true);
      view.setBigUint64(record + 8 + 8, time, true);
      view.setUint32(record + 8 + 28, Number(time), true);
    }
    view.setBigUint64(0, BigInt(times.length * (recordBytes + 8)), true);
    return memory;
  };
  const times = [[1n, 4n], [2n, 3n, 5n], []];
  let waits = 0;
  const calls: SystemCalls = {
    call(name, ...[, , , , map, offset]) {
      if (name === 'eventfd2') return openSync('/dev/null', 'w');
      if (name === 'mmap') return Number(map) * 2 + (offset === 0 ? 0 : 1);
      return 0;
    },
    async wait() {
      waits += 1;
      return 0;
    },
    address: () => 0n,
    // The reader's position lies in memory of its own.
    memory: (address, size) => (address % 2 === 0 ? new ArrayBuffer(size) : ringOf(times[(address - 1) / 2]!, size)),
  };
  const sources = times.map((_, descriptor) => ({
    map: { name: 'events', descriptor, entries: bytes },
    rules: [{ id: `${descriptor}/hook/file_open/0`, topic: 'hooks' }],
  }));
  const seen: [string, number][] = [];
  const following = followEvents(calls, sources, 'web', ({ rule, pid }) => seen.push([rule.slice(0, 1), pid]));
  await following.end();
  assert.is(waits, 1, 'one thread waits for all');
  assert.equal(seen, [
    ['0', 1],
    ['1', 2],
    ['1', 3],
    ['0', 4],
    ['1', 5],
  ]);
});

test('what is unpinned is waited for until its programs are given up, which a kernel does after it has detached them', () =>
  withFolder(async (folder) => {
    const places = { pins: join(folder, 'pins'), records: join(folder, 'records') };
    const asked: string[] = [];
    /** A kernel that forgets a link at the second question and a program at the third, or never. */
    const kernel = (never: string): Bpf => {
      const looks = new Map<string, number>();
      const there = (what: string, of: string, most: number) => {
        asked.push(of);
        looks.set(what, (looks.get(what) ?? 0) + 1);
        return of === never || looks.get(what)! < most;
      };
      return new Bpf({
        call(name, command, attributes) {
          assert.is(name, 'bpf');
          if (!(attributes instanceof DataView)) throw new Error('no attributes');
          const word = attributes.getUint32(0, true);
          switch (command) {
            case 7:
              return openSync('/dev/null', 'r');
            case 15: {
              rooms.get(attributes.getBigUint64(8, true))?.setUint32(4, 71, true);
              rooms.get(attributes.getBigUint64(8, true))?.setUint32(8, 72, true);
              return 0;
            }
            case 13:
              if (there(`program ${word}`, 'program', 3)) return openSync('/dev/null', 'r');
              break;
            case 30:
              if (there(`link ${word}`, 'link', 2)) return openSync('/dev/null', 'r');
          }
          throw new KernelRefusal('bpf', constants.errno.ENOENT);
        },
        wait: () => Promise.reject(new Error('nobody waits')),
        address(view) {
          const at = BigInt(rooms.size + 1);
          rooms.set(at, new DataView(view.buffer, view.byteOffset, view.byteLength));
          return at;
        },
        memory: () => new ArrayBuffer(0),
      });
    };
    const rooms = new Map<bigint, DataView>();
    const unpinned = (never = '') => {
      asked.length = 0;
      mkdirSync(join(places.pins, 'web'), { recursive: true, mode: 0o700 });
      writeFileSync(join(places.pins, 'web/file_open'), '');
      return unpinWhole(kernel(never), 'web', places);
    };
    assert.is(await unpinned(), true);
    assert.equal(asked, ['link', 'link', 'program', 'program', 'program']);
    const clock = performance.now;
    let now = 0;
    performance.now = () => {
      now += 1000;
      return now;
    };
    try {
      assert.is(await unpinned('program'), true);
      assert.is(await unpinned('link'), false);
      assert.not.ok(asked.includes('program'));
    } finally {
      performance.now = clock;
    }
  }));

test('pins are taken away where polc has made their folder, and no link is followed', () =>
  withFolder((folder) => {
    const places = { pins: join(folder, 'pins'), records: join(folder, 'records') };
    const kept = join(folder, 'kept');
    mkdirSync(kept);
    writeFileSync(join(kept, 'file'), '');
    const refusal = () => {
      try {
        unpin('web', places);
        return 'nothing';
      } catch (error) {
        return String(error);
      }
    };
    mkdirSync(places.pins, { mode: 0o700 });
    symlinkSync(kept, join(places.pins, 'web'));
    assert.match(refusal(), /web is no folder, and nothing of it was touched/);
    rmSync(places.pins, { recursive: true });
    mkdirSync(join(kept, 'web'));
    writeFileSync(join(kept, 'web/file'), '');
    symlinkSync(kept, places.pins);
    assert.match(refusal(), /others may change .*pins/);
    rmSync(places.pins);
    mkdirSync(join(places.pins, 'web'), { recursive: true });
    symlinkSync(join(kept, 'file'), join(places.pins, 'web/file_open'));
    chmodSync(places.pins, 0o777);
    assert.match(refusal(), /others may change .*pins/);
    assert.ok(existsSync(join(places.pins, 'web/file_open')));
    chmodSync(places.pins, 0o700);
    assert.is(refusal(), 'nothing');
    assert.not(existsSync(places.pins));
    assert.ok(existsSync(join(kept, 'file')) && existsSync(join(kept, 'web/file')));
  }));

run();
