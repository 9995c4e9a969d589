import type * as Generated from './iam-actions.generated.ts';

/** The level of access that AWS's Service Authorization Reference gives an action. */
export type IamAccess = 'List' | 'Read' | 'Write' | 'Tagging' | 'Permissions management';

/** An action as AWS's Service Authorization Reference lists it. */
export interface IamAction {
  /** `ec2:RunInstances`, in the case of the reference; IAM itself ignores case. */
  readonly name: string;
  readonly access: IamAccess;
  /** The resource types that a statement for it may name, sorted, empty where it only takes `*`. */
  readonly resources: readonly string[];
}

/** A service's line of the generated table. */
export interface ServiceLine {
  readonly prefix: string;
  readonly text: string;
  readonly lower: string;
  /** Where the first group starts. */
  readonly groups: number;
  /** The resource types, undecoded, by number. */
  readonly types: readonly string[];
  /** Sets of numbers of types. */
  readonly sets: readonly string[];
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
  readonly verbs: readonly { readonly text: string; readonly lower: string; readonly form: number }[];
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
  const text = form === plain ? verb : verb.slice(0, -1);
  return { text, lower: text.toLowerCase(), form };
}

/**
 * A service's line is `prefix|types|sets|group|group…`.
 *
 * - types: `name=ARN`, by `;`, the ARN in full or as the number of its head and the rest, with `~` for the name; a name
 *   alone is `0~/*`.
 * - sets: numbers of types in base 36, by `,`, several sets by `;`.
 * - group: what is done to each of its nouns, a blank, the nouns with a blank between. What is done is a sequence of a
 *   digit for the verb and a kind: a small letter of `LRWTP` for an action without types, the capital and a digit for
 *   one with the one type of that number; 0 to 4, or 5 to 9 for the second 90 sets, and a digit for a set of types.
 */
export function serviceLine(text: string): ServiceLine {
  const prefix = text.slice(0, text.indexOf('|'));
  const sets = text.indexOf('|', prefix.length + 1) + 1;
  const groups = text.indexOf('|', sets) + 1;
  return {
    prefix,
    text,
    lower: text.toLowerCase(),
    groups,
    types: sets === prefix.length + 2 ? [] : text.slice(prefix.length + 1, sets - 1).split(';'),
    sets: text.slice(sets, groups - 1).split(';'),
  };
}

/** The whole names of a service's actions, sorted. */
export function decodeNames(table: Table, { prefix, text, groups }: ServiceLine): readonly string[] {
  const { verbs, values } = codesOf(table);
  const texts: string[] = [];
  for (const group of text.slice(groups).split('|')) {
    const blank = group.indexOf(' ');
    const nouns = group.slice(blank + 1).split(' ');
    for (let at = 0; at < blank; at = kindEnd(group, at + 1)) {
      const verb = verbs[values[group.charCodeAt(at)]!]!;
      texts.push(joined(`${prefix}:${verb.text}`, nouns, verb.form));
    }
  }
  // Few long strings are made and cut in a fraction of the time that many short ones take.
  return texts.join('\n').split('\n').sort();
}

function joined(start: string, nouns: readonly string[], form: number): string {
  if (form === pluralOfY) return nouns.map((noun) => `${start}${noun.slice(0, -1)}ies`).join('\n');
  const ending = form === plural ? 's' : '';
  return start + nouns.join(`${ending}\n${start}`) + ending;
}

function kindEnd(text: string, start: number): number {
  return start + (text.charCodeAt(start) >= smallA ? 1 : 2);
}

/**
 * The action of a name (in lower case, without the prefix), found in the text: the first question of a process is most
 * often about a single action, and decoding all of EC2's takes a millisecond.
 */
export function findAction(table: Table, line: ServiceLine, action: string): IamAction | undefined {
  // What is between nouns would be found in the text as well.
  if (/[ |]/.test(action)) return undefined;
  const { verbs } = codesOf(table);
  for (let digit = 0; digit < verbs.length; digit++) {
    const { text, lower, form } = verbs[digit]!;
    if (!action.startsWith(lower)) continue;
    const noun = nounOf(action.slice(lower.length), form);
    if (noun === undefined) continue;
    const found = findNoun(line, noun, table.digits[digit]!);
    if (found === undefined) continue;
    const written = line.text.slice(found.start, found.start + noun.length);
    return { name: joined(`${line.prefix}:${text}`, [written], form), ...decodeAccess(table, line, found.kind) };
  }
  return undefined;
}

/** The noun, in lower case, that is written so behind a verb; undefined where none is. */
function nounOf(written: string, form: number): string | undefined {
  const noun =
    form === plain
      ? written
      : form === plural
        ? written.endsWith('s') && written.slice(0, -1)
        : written.endsWith('ies') && `${written.slice(0, -3)}y`;
  return noun || undefined;
}

function findNoun(
  { text, lower, groups }: ServiceLine,
  noun: string,
  verb: string,
): { readonly start: number; readonly kind: string } | undefined {
  const wanted = ` ${noun}`;
  for (let at = lower.indexOf(wanted, groups); at >= 0; at = lower.indexOf(wanted, at + 1)) {
    const after = text[at + wanted.length];
    if (after !== undefined && after !== ' ' && after !== '|') continue;
    const group = text.lastIndexOf('|', at) + 1;
    const blank = text.indexOf(' ', group);
    for (let pair = group; pair < blank; pair = kindEnd(text, pair + 1)) {
      if (text[pair] === verb) return { start: at + 1, kind: text.slice(pair + 1, kindEnd(text, pair + 1)) };
    }
  }
  return undefined;
}

/** The resource types of a service. */
export function decodeTypes(table: Table, line: ServiceLine): readonly IamResourceType[] {
  return line.types.map((type) => decodeType(table, line.prefix, type));
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

function decodeAccess(
  table: Table,
  { types, sets }: ServiceLine,
  kind: string,
): Pick<IamAction, 'access' | 'resources'> {
  const first = kind.charAt(0);
  if (kind.length === 1) return { access: accessOf(first.toUpperCase()), resources: [] };
  const { digits, values } = codesOf(table);
  const digit = values[kind.charCodeAt(1)]!;
  if (accessLetters.includes(first)) return { access: accessOf(first), resources: [typeName(types[digit]!)] };
  const page = Number(first);
  const places = sets[digit + (page < 5 ? 0 : digits)]!.split(',');
  return {
    access: accessLevels[page % 5]!,
    resources: places.map((each) => typeName(types[Number.parseInt(each, 36)]!)).sort(),
  };
}

function accessOf(letter: string): IamAccess {
  return accessLevels[accessLetters.indexOf(letter)]!;
}
