import { disassemble, position } from './disassemble.ts';
import { decodeInstructions } from './instruction.ts';

export interface ListingOptions {
  readonly title: string;
  /** The rules that an instruction serves, by id. */
  readonly rulesOf: (index: number) => readonly string[];
  /** Says more of a rule than its id: its place in the policy and its words. */
  readonly describe?: (rule: string) => string | undefined;
}

/** Rules beyond this many are counted, not listed. */
const listedRules = 3;

/** How many lines of a listing come before its first instruction. */
export const listingHead = 3;

/** Column in which the rules begin. */
const rulesColumn = 84;

/**
 * A program for people: index, raw fields, mnemonic, and the rules beside them. INVARIANT: it is decoded from the bytes,
 * so what it shows is what the kernel would run.
 */
export function listing(bytes: Uint8Array, { title, rulesOf, describe }: ListingOptions): string {
  const instructions = decodeInstructions(bytes);
  const texts = disassemble(instructions);
  const names = new RuleNames(describe);
  let text = `# ${title}: ${instructions.length} instructions\n line  OP   JT   JF   K\n${'='.repeat(33)}\n`;
  for (let index = 0; index < instructions.length; index += 1) {
    const { code, jt, jf, k } = instructions[index]!;
    const raw = `${byte(code)} ${byte(jt)} ${byte(jf)} 0x${k.toString(16).padStart(8, '0')}`;
    const line = ` ${position(index)}: ${raw}   ${texts[index]}`;
    const rules = rulesOf(index);
    text += rules.length === 0 ? `${line}\n` : `${line.padEnd(rulesColumn)} ; ${names.of(rules)}\n`;
  }
  return text;
}

/** What stands beside an instruction; a rule is described once for all instructions that serve it. */
class RuleNames {
  readonly #describe: ListingOptions['describe'];
  readonly #known = new Map<string, string>();

  constructor(describe: ListingOptions['describe']) {
    this.#describe = describe;
  }

  of(rules: readonly string[]): string {
    let text = this.#name(rules[0]!);
    const shown = Math.min(rules.length, listedRules);
    for (let at = 1; at < shown; at += 1) text += `, ${this.#name(rules[at]!)}`;
    return rules.length > shown ? `${text} and ${rules.length - shown} more` : text;
  }

  #name(rule: string): string {
    let name = this.#known.get(rule);
    if (name === undefined) {
      const description = this.#describe?.(rule);
      name = description === undefined ? rule : `${rule} ${description}`;
      this.#known.set(rule, name);
    }
    return name;
  }
}

const hexDigits = '0123456789abcdef';

function byte(value: number): string {
  if (value > 0xff) return `0x${value.toString(16)}`;
  return `0x${hexDigits[value >>> 4]}${hexDigits[value & 15]}`;
}
