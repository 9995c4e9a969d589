import type { Architecture } from '../../tables/architectures.ts';
import { slotCount, slots } from './bit-order.ts';
import { architectureOf, nameOfNumber } from './number-space.ts';

/** `x86_64 openat (257) with arg2 0x40`: an input whose words are given by slot; arguments of zero are left out. */
export function describeInput(words: Uint32Array, served: ReadonlySet<Architecture>): string {
  const audit = words[slots.architecture]!;
  const number = words[slots.number]!;
  const architecture = architectureOf(audit, number, served);
  const name = nameOfNumber(architecture, number);
  const called = name.startsWith('#') ? `call number ${number}` : `${name} (${number})`;
  const values: string[] = [];
  for (let slot = slots.pointerHigh; slot < slotCount; slot += 2) {
    const value = (BigInt(words[slot]!) << 32n) | BigInt(words[slot + 1]!);
    if (value === 0n) continue;
    const index = (slot - slots.argumentHigh) / 2;
    values.push(`${index < 0 ? 'instruction pointer' : `arg${index}`} 0x${value.toString(16)}`);
  }
  const where = architecture === 'other' ? `audit architecture 0x${audit.toString(16).padStart(8, '0')}` : architecture;
  return `${where} ${called}${values.length === 0 ? ', all arguments 0' : ` with ${values.join(', ')}`}`;
}
