import { helperByNumber } from './helpers.ts';
import { arithmetic, classes, fromRegister, type Instruction, jumps, widths } from './instruction.ts';

/** One instruction as a line in the manner of the kernel's own listings; jumps name the slot that they lead to. */
export function disassemble(instruction: Instruction, slot: number): string {
  const { opcode, destination, source, offset, immediate, high } = instruction;
  if (high !== undefined) {
    const value = (BigInt(high >>> 0) << 32n) | BigInt(immediate >>> 0);
    return `r${destination} = 0x${value.toString(16)} ll`;
  }
  const kind = opcode & 7;
  switch (kind) {
    case classes.ldx:
      return `r${destination} = *(${widthName(opcode)} *)(r${source} ${signed(offset)})`;
    case classes.st:
      return `*(${widthName(opcode)} *)(r${destination} ${signed(offset)}) = ${immediate}`;
    case classes.stx:
      if ((opcode & 0xe0) === 0xc0)
        return `r${source} = fetch_add((u64 *)(r${destination} ${signed(offset)}), r${source})`;
      return `*(${widthName(opcode)} *)(r${destination} ${signed(offset)}) = r${source}`;
    case classes.alu32:
    case classes.alu64:
      return calculation(instruction, kind === classes.alu64 ? 'r' : 'w');
    default:
      return jump(instruction, slot, kind === classes.jump ? 'r' : 'w');
  }
}

const symbols: Readonly<Record<number, string>> = {
  [arithmetic.add]: '+=',
  [arithmetic.sub]: '-=',
  [arithmetic.mul]: '*=',
  [arithmetic.div]: '/=',
  [arithmetic.or]: '|=',
  [arithmetic.and]: '&=',
  [arithmetic.lsh]: '<<=',
  [arithmetic.rsh]: '>>=',
  [arithmetic.mod]: '%=',
  [arithmetic.xor]: '^=',
  [arithmetic.mov]: '=',
  [arithmetic.arsh]: 's>>=',
};

function calculation({ opcode, destination, source, immediate }: Instruction, prefix: string): string {
  const operation = opcode & 0xf0;
  const to = `${prefix}${destination}`;
  if (operation === arithmetic.end) return `r${destination} = be${immediate} r${destination}`;
  if (operation === arithmetic.neg) return `${to} = -${to}`;
  return `${to} ${symbols[operation]} ${(opcode & fromRegister) === 0 ? immediate : `${prefix}${source}`}`;
}

const comparisons = new Map<number, string>(Object.entries(jumps).map(([text, code]) => [code, text]));
const widthNames = new Map<number, string>(
  Object.entries(widths).map(([bytes, code]) => [code, `u${Number(bytes) * 8}`]),
);

function jump({ opcode, destination, source, offset, immediate }: Instruction, slot: number, prefix: string): string {
  const operation = opcode & 0xf0;
  const to = slot + 1 + offset;
  if (operation === jumps.exit) return 'exit';
  if (operation === jumps.always) return `goto ${to}`;
  if (operation === jumps.call) return `call ${helperByNumber(immediate)?.name ?? immediate}`;
  const right = (opcode & fromRegister) === 0 ? immediate : `${prefix}${source}`;
  return `if ${prefix}${destination} ${comparisons.get(operation)} ${right} goto ${to}`;
}

function widthName(opcode: number): string {
  return widthNames.get(opcode & 0x18) ?? '';
}

function signed(offset: number): string {
  return offset < 0 ? `- ${-offset}` : `+ ${offset}`;
}
