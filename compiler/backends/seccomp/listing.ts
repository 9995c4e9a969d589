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
  const lines = [`# ${title}: ${instructions.length} instructions`, ' line  OP   JT   JF   K', '='.repeat(33)];
  instructions.forEach(({ code, jt, jf, k }, index) => {
    const raw = `${byte(code)} ${byte(jt)} ${byte(jf)} 0x${k.toString(16).padStart(8, '0')}`;
    const line = ` ${position(index)}: ${raw}   ${texts[index]}`;
    const rules = rulesOf(index);
    lines.push(rules.length === 0 ? line : `${line.padEnd(rulesColumn)} ; ${ruleText(rules, describe)}`);
  });
  return `${lines.join('\n')}\n`;
}

function ruleText(rules: readonly string[], describe: ListingOptions['describe']): string {
  const shown = rules.slice(0, listedRules).map((rule) => {
    const description = describe?.(rule);
    return description === undefined ? rule : `${rule} ${description}`;
  });
  const more = rules.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

function byte(value: number): string {
  return `0x${value.toString(16).padStart(2, '0')}`;
}
