import type * as Generated from './iam-actions.generated.ts';

/** The level of access that AWS's Service Authorization Reference gives an action. */
export type IamAccess = 'List' | 'Read' | 'Write' | 'Tagging' | 'Permissions management';

/** The actions and resource types of one service. */
export interface IamService {
  /** Whole names (`ec2:RunInstances`), those of one kind of access side by side, in no other order. */
  readonly names: readonly string[];
  /** The same in lower case. */
  readonly lower: readonly string[];
  /** How the actions are accessed, undecoded; each for the names before the place in `ends`, from that of the one before. */
  readonly kinds: readonly string[];
  readonly ends: readonly number[];
  /** The resource types, undecoded. */
  readonly types: readonly string[];
  /** Sets of numbers of types, base 36, with commas between. */
  readonly typeSets: readonly string[];
}

export interface IamResourceType {
  readonly name: string;
  /** With `*` for each variable part. */
  readonly arn: string;
}

type Table = typeof Generated;

const accessLevels: readonly IamAccess[] = ['List', 'Read', 'Write', 'Tagging', 'Permissions management'];
const accessLetters = 'LRWTP';

/** By the same table: its verbs, and the value of each digit by its code unit. */
interface Codes {
  readonly verbs: readonly { readonly text: string; readonly form: number }[];
  readonly values: Uint8Array;
  /** How many digits there are. */
  readonly digits: number;
}

/** How a verb's noun is written: as it is, with an `s`, with `ies` for `y`. */
const plain = 0;
const plural = 1;
const pluralOfY = 2;
const forms = ['', '+', '~'];

const smallA = 0x61;

let codes: Codes | undefined;

function codesOf({ verbs, digits }: Table): Codes {
  if (codes === undefined) {
    const values = new Uint8Array(128);
    for (let at = 0; at < digits.length; at++) values[digits.charCodeAt(at)] = at;
    codes = { verbs: verbs.split(' ').map(decodeVerb), values, digits: digits.length };
  }
  return codes;
}

function decodeVerb(verb: string): Codes['verbs'][number] {
  const form = Math.max(plain, forms.indexOf(verb.slice(-1), plural));
  return { text: form === plain ? verb : verb.slice(0, -1), form };
}

/**
 * Decodes a service's line of the generated table: `prefix|types|sets|group|group…`.
 *
 * - types: `name=ARN`, by `;`, the ARN in full or as the number of its head and the rest, with `~` for the name; a name
 *   alone is `0~/*`.
 * - sets: numbers of types in base 36, by `,`, several sets by `;`.
 * - group: what is done to each of its nouns, a blank, the nouns with a blank between. What is done is a sequence of a
 *   digit for the verb and a kind: a small letter of `LRWTP` for an action without types, the capital and a digit for
 *   one with the one type of that number; 0 to 4, or 5 to 9 for the second 90 sets, and a digit for a set of types.
 */
export function decodeService(table: Table, prefix: string, line: string): IamService {
  const { verbs, values } = codesOf(table);
  const [, types = '', sets = '', ...groups] = line.split('|');
  const texts: string[] = [];
  const kinds: string[] = [];
  const ends: number[] = [];
  let count = 0;
  for (const group of groups) {
    const blank = group.indexOf(' ');
    const nouns = group.slice(blank + 1).split(' ');
    for (let at = 0; at < blank; ) {
      const { text, form } = verbs[values[group.charCodeAt(at)]!]!;
      const end = at + (group.charCodeAt(at + 1) >= smallA ? 2 : 3);
      kinds.push(group.slice(at + 1, end));
      count += nouns.length;
      ends.push(count);
      texts.push(joined(`${prefix}:${text}`, nouns, form));
      at = end;
    }
  }
  // Few long strings are made and cut in a fraction of the time that many short ones take.
  const text = texts.join('\n');
  return {
    names: text.split('\n'),
    lower: text.toLowerCase().split('\n'),
    kinds,
    ends,
    types: types === '' ? [] : types.split(';'),
    typeSets: sets.split(';'),
  };
}

function joined(start: string, nouns: readonly string[], form: number): string {
  if (form === pluralOfY) return nouns.map((noun) => `${start}${noun.slice(0, -1)}ies`).join('\n');
  const ending = form === plural ? 's' : '';
  return start + nouns.join(`${ending}\n${start}`) + ending;
}

/** The resource types of a service. */
export function decodeTypes(table: Table, prefix: string, { types }: IamService): readonly IamResourceType[] {
  return types.map((type) => decodeType(table, prefix, type));
}

function decodeType({ arnHeads }: Table, prefix: string, text: string): IamResourceType {
  const name = typeName(text);
  const short = name.length === text.length ? '0~/*' : text.slice(name.length + 1);
  const head = arnHeads[short.charCodeAt(0) - 0x30];
  return { name, arn: head === undefined ? short : head.replace('@', prefix) + short.slice(1).replace('~', name) };
}

function typeName(text: string): string {
  const equals = text.indexOf('=');
  return equals < 0 ? text : text.slice(0, equals);
}

/** The level of access and the resource types, sorted, of the name at `place`. */
export function decodeAccess(
  table: Table,
  { types, typeSets, kinds, ends }: IamService,
  place: number,
): { readonly access: IamAccess; readonly resources: readonly string[] } {
  const kind = kinds[ends.findIndex((end) => place < end)]!;
  const first = kind.charAt(0);
  if (kind.length === 1) return { access: accessOf(first.toUpperCase()), resources: [] };
  const { digits, values } = codesOf(table);
  const digit = values[kind.charCodeAt(1)]!;
  if (accessLetters.includes(first)) return { access: accessOf(first), resources: [typeName(types[digit]!)] };
  const page = Number(first);
  const places = typeSets[digit + (page < 5 ? 0 : digits)]!.split(',');
  return {
    access: accessLevels[page % 5]!,
    resources: places.map((each) => typeName(types[Number.parseInt(each, 36)]!)).sort(),
  };
}

function accessOf(letter: string): IamAccess {
  return accessLevels[accessLetters.indexOf(letter)]!;
}
