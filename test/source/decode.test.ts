import * as assert from 'node:assert';
import { decodeUtf8 } from '../../compiler/source/decode.ts';
import { parseYaml } from '../../compiler/source/parse-yaml.ts';
import { quotableSource } from '../../compiler/source/quotable.ts';
import { suite } from '../support/harness.ts';

const { test, run } = suite('decoding bytes');

const encode = (text: string) => new TextEncoder().encode(text);

test('a byte order mark is taken off and remembered, and spans count without it', () => {
  const { source, byteOrderMark, diagnostic } = decodeUtf8('policy.yaml', encode('\ufeffa: [\n'));
  assert.equal(byteOrderMark, true);
  assert.equal(diagnostic, undefined);
  assert.equal(parseYaml(source).diagnostics[0]?.span.start, 3);
});

test('an object and a module are told from text, and no line of them is shown', () => {
  const kinds = [
    [[0x7f, 0x45, 0x4c, 0x46, 2, 1], 'an object or a program (ELF)', 'polc sandbox load'],
    [[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], 'a WebAssembly module', 'polc wasm harden'],
  ] as const;
  for (const [bytes, what, verb] of kinds) {
    const { diagnostic } = decodeUtf8('a', Uint8Array.from(bytes));
    assert.equal(diagnostic?.message, `the file is ${what}, not a policy`);
    assert.ok(diagnostic?.help.includes(verb));
    assert.equal(quotableSource('a', Uint8Array.from(bytes)).text, '');
  }
  assert.equal(quotableSource('a', Uint8Array.of(0x61, 0, 0x62)).text, 'a\0b');
});

test('the first bad byte is named, at the offset of its character', () => {
  const { source, diagnostic } = decodeUtf8('policy.yaml', new Uint8Array([...encode('é😀: '), 0xff, 0x61]));
  assert.ok(diagnostic?.code === 'POL1001');
  assert.equal(diagnostic.span.start, 'é😀: '.length);
  assert.ok(diagnostic.message.includes('0xFF at offset 8'), diagnostic.message);
  assert.equal(source.text, 'é😀: \ufffda');
});

test('overlong forms, surrogates and values beyond U+10FFFF are refused', () => {
  for (const bytes of [
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xe2, 0x82],
    [0x80],
  ]) {
    assert.equal(decodeUtf8('policy.yaml', new Uint8Array(bytes)).diagnostic?.code, 'POL1001');
  }
});

test('UTF-16 is named', () => {
  const { diagnostic } = decodeUtf8('policy.yaml', new Uint8Array([0xff, 0xfe, 0x61, 0x00]));
  assert.ok(diagnostic?.message.includes('UTF-16'));
});

test('control and direction characters and lone carriage returns are refused, with their offset', () => {
  for (const [text, code, at] of [
    ['a: \0', 'POL1003', 3],
    ['a: \x1f', 'POL1003', 3],
    ['a: \u0085', undefined, 0],
    ['a: \x9b', 'POL1003', 3],
    ['# \u202e', 'POL1004', 2],
    ['a: b\u2066', 'POL1004', 4],
    ['a: b\rc: d', 'POL1005', 4],
    ['a: b\r\nc: d', undefined, 0],
    ['a: \ufeff', 'POL1003', 3],
  ] as const) {
    const { diagnostic } = decodeUtf8('policy.yaml', encode(text));
    assert.equal(diagnostic?.code, code, JSON.stringify(text));
    if (code !== undefined) assert.equal(diagnostic?.span.start, at);
  }
});

run();
