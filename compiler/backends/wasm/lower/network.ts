import { parseNetwork } from '../../../expressions/network.ts';
import { goTo, type Outcome } from './jumps.ts';
import { type Operands, RECORD } from './operands.ts';

/** Addresses are sixteen bytes in the order of the network, those of IPv4 as `::ffff:a.b.c.d`. */
export function testNetwork(name: string, text: string, operands: Operands, outcome: Outcome): void {
  const { code } = operands;
  const network = parseNetwork(text)!;
  const offset = operands.addressOffset(name);
  const four = network.family === 4;
  const prefix = four ? 96 + network.prefix : network.prefix;
  const bits = four ? (0xffffn << 32n) | network.bits : network.bits;
  const half = (at: 0 | 8): void => {
    const length = Math.min(Math.max(prefix - 8 * at, 0), 64);
    if (length === 0) return;
    const all = (1n << 64n) - 1n;
    const mask = all ^ (all >> BigInt(length));
    const wanted = (at === 0 ? bits >> 64n : bits) & mask;
    code.get(RECORD);
    code.aligned('i64.load', offset + at);
    if (length < 64) {
      code.i64(reversed(mask));
      code.op('i64.and');
    }
    code.i64(reversed(wanted));
    code.op('i64.ne');
    code.branchIf(outcome.whenFalse);
  };
  half(0);
  half(8);
  if (!four && prefix < 96 && containsMapped(bits, prefix)) {
    // An IPv4 address is in no network of IPv6.
    const six = code.block();
    code.get(RECORD);
    code.aligned('i64.load', offset);
    code.i64(0n);
    code.op('i64.ne');
    code.branchIf(six);
    code.get(RECORD);
    code.aligned('i32.load', offset + 8);
    code.i32(reversedWord);
    code.op('i32.eq');
    code.branchIf(outcome.whenFalse);
    code.end();
  }
  goTo(code, outcome, true);
}

/** The third word of `::ffff:a.b.c.d`: the bytes 0, 0, ff, ff, read as a little-endian number. */
const reversedWord = 0xffff_0000 | 0;

function containsMapped(bits: bigint, prefix: number): boolean {
  const beyond = BigInt(128 - prefix);
  return (0xffffn << 32n) >> beyond === bits >> beyond;
}

/** The number whose little-endian bytes are the big-endian ones of the given one. */
function reversed(value: bigint): bigint {
  let result = 0n;
  for (let at = 0n; at < 64n; at += 8n) result = (result << 8n) | ((value >> at) & 0xffn);
  return result;
}
