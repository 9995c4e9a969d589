import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { checkObjectFile } from '../../compiler/hook-programs/object-file.ts';
import { readBtf } from '../../compiler/verify/bpf-lsm/btf.ts';
import { readObject } from '../../compiler/verify/bpf-lsm/elf.ts';
import { decodeObject } from '../../compiler/verify/bpf-lsm/object.ts';
import { suite } from '../support/harness.ts';
import { compileHooks } from '../support/hook-object.ts';
import { kernelTarget } from '../support/machine-files.ts';

const { test, run } = suite('objects that nobody has made for a kernel');

const made = compileHooks(
  'hook file_open\n  counter opens by uid per 9s\n  audit deny when path beneath "/x" && opens > 3\n',
  kernelTarget('6.12'),
);
assert.ok(made);
const { object } = made;

/** The object with bytes of a section changed. */
function changed(name: string, change: (section: DataView) => void): Uint8Array {
  const bytes = Uint8Array.from(object);
  const file = readObject(bytes);
  assert.ok(typeof file !== 'string');
  const content = file.sections.find((section) => section.name === name)?.content;
  assert.ok(content);
  change(new DataView(content.buffer, content.byteOffset, content.length));
  return bytes;
}

test('records that are smaller than what is read of them are refused, as often as they say that they are there', () => {
  assert.ok(typeof decodeObject(object) !== 'string');
  // Of functions, of lines, of fields.
  for (const part of [8, 16, 24]) {
    for (const size of [0, 1, 7]) {
      const bytes = changed('.BTF.ext', (view) => {
        const at = view.getUint32(4, true) + view.getUint32(part, true);
        view.setUint32(at, size, true);
        view.setUint32(at + 8, 0xffff_ffff, true);
      });
      assert.match(String(decodeObject(bytes)), 'have an extension that is cut off', `${part} ${size}`);
    }
    const short = changed('.BTF.ext', (view) => {
      view.setUint32(part, view.byteLength - view.getUint32(4, true) - 2, true);
      view.setUint32(part + 4, 2, true);
    });
    assert.match(String(decodeObject(short)), 'have an extension that is cut off');
  }
});

test('an array of itself has no size', () => {
  const bytes = changed('.BTF', (view) => {
    const btf = readBtf(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    assert.ok(typeof btf !== 'string');
    let at = view.getUint32(4, true);
    for (const [id, { kind, members }] of btf.types.entries()) {
      if (id === 0) continue;
      if (kind === 3) view.setUint32(at + 12, id, true);
      at += 12 + ({ 1: 4, 3: 12, 14: 4, 17: 4 }[kind] ?? 0);
      at += kind === 4 || kind === 5 ? members.length * 12 : [6, 13, 15, 19].includes(kind) ? size(view, at, kind) : 0;
    }
  });
  const decoded = decodeObject(bytes);
  assert.ok(typeof decoded !== 'string');
  assert.ok(decoded.maps.length > 1);
});

/** Bytes behind the header of a type that has members of another kind. */
function size(view: DataView, body: number, kind: number): number {
  return (view.getUint32(body - 8, true) & 0xffff) * (kind === 6 || kind === 13 ? 8 : 12);
}

/** An object of so many sections, whose last two hold so many symbols and names without an end. */
function withoutEnds(sections: number, symbols: number, names: number): Uint8Array {
  const table = 64;
  const symbolsAt = table + sections * 64;
  const namesAt = symbolsAt + symbols * 24;
  const bytes = new Uint8Array(namesAt + names);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 1, true);
  view.setUint16(18, 247, true);
  view.setBigUint64(40, BigInt(table), true);
  view.setUint16(58, 64, true);
  view.setUint16(60, sections, true);
  view.setUint16(62, sections - 1, true);
  const section = (index: number, type: number, offset: number, length: number) => {
    view.setUint32(table + index * 64 + 4, type, true);
    view.setBigUint64(table + index * 64 + 24, BigInt(offset), true);
    view.setBigUint64(table + index * 64 + 32, BigInt(length), true);
    view.setUint32(table + index * 64 + 40, sections - 1, true);
  };
  section(sections - 2, 2, symbolsAt, symbols * 24);
  section(sections - 1, 3, namesAt, names);
  return bytes.fill(0x61, namesAt);
}

test('texts without an end cost no more than the object has bytes', () => {
  assert.is(decodeObject(withoutEnds(3, 300_000, 4 << 20)), 'has texts that have no end');
  assert.is(decodeObject(withoutEnds(60_000, 0, 4 << 20)), 'has texts that have no end');
  const many = withoutEnds(30_000, 0, 2 << 20);
  const diagnostic = checkObjectFile('a.bpf.o', 'file_open', many, { file: 'p.yaml', start: 0, end: 0 });
  assert.is(diagnostic?.code, 'POL5196');
});

test('sections that lie over each other are refused', () => {
  const bytes = withoutEnds(3, 1, 100);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(64 + 64 + 24, 0n, true);
  view.setBigUint64(64 + 64 + 32, BigInt(bytes.length), true);
  assert.is(decodeObject(bytes), 'has sections that lie over each other');
});

test('an object with any bytes changed is decoded, or it is said what is wrong', () => {
  const change = fc.tuple(
    fc.nat(object.length - 1),
    fc.constantFrom(0, 1, 0x7f, 0x80, 0xff),
    fc.integer({ min: 1, max: 8 }),
  );
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(object.length), (changes, length) => {
      const bytes = object.slice(0, length % 3 === 0 ? length : object.length);
      for (const [at, value, count] of changes) bytes.fill(value, at, at + count);
      const decoded = decodeObject(bytes);
      assert.ok(typeof decoded === 'string' ? decoded !== '' : decoded.programs.length > 0);
    }),
    { numRuns: 3000 },
  );
});

run();
