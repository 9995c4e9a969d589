import { grouped } from '../../diagnostics/grouped.ts';

/** What a text amounts to. */
export interface Explanation {
  /** A few words that may stand beside the text: `62 calls`. Absent where they would say nothing new. */
  readonly short?: string;
  /** Markdown, a paragraph each. */
  readonly paragraphs: readonly string[];
}

/** Of a longer list the rest is counted. */
const mostListed = 60;

/** Names in code, with commas between: all that fit, and how many more there are. */
export function listed(names: readonly string[], most = mostListed): string {
  const shown = names.slice(0, most).map((name) => `\`${name}\``);
  const rest = names.length - shown.length;
  return rest === 0 ? shown.join(', ') : `${shown.join(', ')} and ${rest} more`;
}

/** A message of the catalogue, with an ellipsis for each hole. */
export function withoutHoles(message: string): string {
  return message.replace(/\{\w+\}/g, '…');
}

/** `1 call`, `2 calls`. */
export function counted(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? '' : 's'}`;
}
