/** An instruction with the ways that lead on from it. */
export interface Decoded {
  /** From the beginning of the program, in units of 8 bytes. */
  readonly slot: number;
  readonly opcode: number;
  readonly destination: number;
  readonly source: number;
  readonly offset: number;
  readonly immediate: number;
  /** The slots that may come next. */
  readonly next: readonly number[];
  /** The helper that it calls. */
  readonly call?: number;
}

/** Reads the code of a program; the second slot of a load of 64 bits is no instruction. */
export function decodeInstructions(
  code: Uint8Array,
): { readonly instructions: readonly Decoded[] } | { readonly slot: number; readonly reason: string } {
  const view = new DataView(code.buffer, code.byteOffset, code.length);
  const count = code.length / 8;
  const instructions: Decoded[] = [];
  for (let slot = 0; slot < count; ) {
    const at = slot * 8;
    const opcode = view.getUint8(at);
    const offset = view.getInt16(at + 2, true);
    const registers = view.getUint8(at + 1);
    const kind = opcode & 7;
    const wide = opcode === 0x18;
    if (wide && slot + 1 >= count) return { slot, reason: 'is cut off' };
    const operation = opcode & 0xf0;
    const jumps = kind === 5 || kind === 6;
    const leaves = kind === 5 && operation === 0x90;
    const calls = kind === 5 && operation === 0x80;
    const always = kind === 5 && operation === 0;
    const following = slot + (wide ? 2 : 1);
    const target = following + offset;
    const next = leaves ? [] : !jumps || calls ? [following] : always ? [target] : [following, target];
    const immediate = view.getInt32(at + 4, true);
    instructions.push({
      slot,
      opcode,
      destination: registers & 15,
      source: registers >> 4,
      offset,
      immediate,
      next,
      ...(calls ? { call: immediate } : {}),
    });
    slot = following;
  }
  return instructions.length === 0 ? { slot: 0, reason: 'is missing' } : { instructions };
}
