import type { Environment } from '../expressions/evaluate.ts';
import type { Predicate, Term } from '../expressions/predicate.ts';
import { decide } from '../ir/evaluate.ts';
import type { Decision } from '../ir/policy.ts';
import { fileSystemRights } from '../tables/landlock.ts';

/** What is known at the end of a path. */
export interface PathState {
  /** The rights on the path itself: a bit each, as Landlock numbers them. */
  readonly rights: number;
  /** Every path beneath it has the same rights. */
  readonly flat: boolean;
  /** The state after each byte; `dead` where nothing beneath has any right. */
  readonly next: readonly number[];
}

/**
 * A deterministic automaton that reads canonical paths in UTF-8 and knows after each what the policy allows there. The
 * root is the empty path: a path is a `/` before each component.
 */
export interface PathAutomaton {
  readonly states: readonly PathState[];
  readonly start: number;
}

/** The state in which, and beneath which, nothing is allowed. */
export const dead = 0;

/** The most states: a policy of hundreds of patterns that overlap would need more. */
const mostStates = 4096;

/** Whether the automaton of `decision` can be made: its conditions look at paths by what is enumerated here. */
export function isReadable(predicate: Predicate): boolean {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.every(isReadable);
    case 'not':
      return isReadable(predicate.of);
    case 'compare':
      return (
        (predicate.operator === '==' || predicate.operator === '!=') &&
        [predicate.left, predicate.right].every(({ kind }) => kind === 'literal' || kind === 'attribute')
      );
    case 'constant':
    case 'in-set':
    case 'beneath':
    case 'glob':
      return true;
    case 'in-ranges':
    case 'in-network':
      return false;
    default:
      return predicate satisfies never;
  }
}

/** One pattern that a condition compares paths with. */
interface Pattern {
  /** By bytes; -1 stands for any bytes but `/`, -2 for any bytes, -3 for one character but `/`, -4 for any character. */
  readonly items: readonly number[];
  /** Whether what lies beneath a path that matches does so too. */
  readonly beneath: boolean;
}

const anyBytes = -1;
const anyBytesAndSlashes = -2;
const oneCharacter = -3;
const oneCharacterOrSlash = -4;
const slash = 47;

/** The automaton of a decision at the point `path`; undefined where it would have more than `mostStates` states. */
export function pathAutomaton(decision: Decision): PathAutomaton | undefined {
  const patterns = [...new Map(decision.rules.flatMap((rule) => patternsOf(rule.when))).values()];
  const names = fileSystemRights();
  const numbers = new Map<string, number>();
  const found: Found[] = [];
  const stateOf = (set: readonly number[], at: Found['at'], witness: readonly number[]): number => {
    const key = `${set.join()} ${at}`;
    const known = numbers.get(key);
    if (known !== undefined) return known;
    numbers.set(key, found.length);
    found.push({ set, at, witness });
    return found.length - 1;
  };
  const places = patterns.map((_, at) => position(at, 0));
  const start = stateOf(closure(patterns, places), 'end', []);
  const edges: number[][] = [];
  for (let at = 0; at < found.length; at += 1) {
    if (found.length > mostStates) return undefined;
    const state = found[at]!;
    const own = new Set(state.set.map((each) => itemAt(patterns, each)));
    const ofClass = new Map<number, number>();
    edges.push(
      Array.from({ length: 256 }, (_, byte) => {
        const alike = byte === slash || own.has(byte) || isOddLead(byte) ? -byte : Math.max(byte >> 4, 7);
        const known = ofClass.get(alike);
        if (known !== undefined) return known;
        const place = following(state.at, byte);
        const set = place === 'no text' ? [] : state.set.flatMap((each) => step(patterns, each, byte));
        const next = stateOf(closure(patterns, set), place, [...state.witness, byte]);
        ofClass.set(alike, next);
        return next;
      }),
    );
  }
  const rights = found.map(({ at, witness }) =>
    at === 'end'
      ? names.reduce((mask, { name, bit }) => (allows(decision, witness, name) ? mask | Number(bit) : mask), 0)
      : 0,
  );
  const isEnd = found.map(({ at }) => at === 'end');
  return finish(edges, rights, isEnd, start);
}

/** A state: the places in patterns, where in the text it is, and the first text that leads there. */
interface Found {
  readonly set: readonly number[];
  /** A path may end there; behind a `/`; within a character; behind bytes that are no UTF-8. */
  readonly at: 'end' | 'slash' | Within | 'no text';
  readonly witness: readonly number[];
}

/** How many bytes of a character are to come, or which byte began it where that narrows the next (RFC 3629, section 4). */
type Within = 1 | 2 | 3 | 0xe0 | 0xed | 0xf0 | 0xf4;

/** Lead bytes that are none, or whose next byte is narrower than that of those beside them. */
function isOddLead(byte: number): boolean {
  return byte === 0xc0 || byte === 0xc1 || byte === 0xe0 || byte === 0xed || byte === 0xf0 || byte >= 0xf4;
}

function following(at: Found['at'], byte: number): Found['at'] {
  switch (at) {
    case 'no text':
      return at;
    case 'end':
    case 'slash':
      // No canonical path has two together, and one that had would stand for others as the first to lead here.
      if (byte === slash) return at === 'slash' ? 'no text' : 'slash';
      if (byte < 0x80) return 'end';
      if (byte < 0xc2 || byte > 0xf4) return 'no text';
      if (byte === 0xe0 || byte === 0xed || byte === 0xf0 || byte === 0xf4) return byte;
      return byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    case 1:
      return isBetween(byte, 0x80, 0xbf) ? 'end' : 'no text';
    case 2:
      return isBetween(byte, 0x80, 0xbf) ? 1 : 'no text';
    case 3:
      return isBetween(byte, 0x80, 0xbf) ? 2 : 'no text';
    case 0xe0:
      return isBetween(byte, 0xa0, 0xbf) ? 1 : 'no text';
    case 0xed:
      return isBetween(byte, 0x80, 0x9f) ? 1 : 'no text';
    case 0xf0:
      return isBetween(byte, 0x90, 0xbf) ? 2 : 'no text';
    case 0xf4:
      return isBetween(byte, 0x80, 0x8f) ? 2 : 'no text';
    default:
      return at satisfies never;
  }
}

function isBetween(byte: number, low: number, high: number): boolean {
  return byte >= low && byte <= high;
}

/** A place in a pattern; those within a character of several bytes have the bytes left to come. */
function position(pattern: number, item: number, left = 0): number {
  return (pattern * 4096 + item) * 4 + left;
}

/** The set with every place that is reached without a byte, sorted and without duplicates. */
function closure(patterns: readonly Pattern[], set: readonly number[]): readonly number[] {
  const all = new Set<number>();
  const pending = [...set];
  for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
    if (all.has(each)) continue;
    all.add(each);
    if (each % 4 !== 0) continue;
    const item = itemAt(patterns, each);
    if (item === anyBytes || item === anyBytesAndSlashes) pending.push(each + 4);
  }
  return [...all].sort((left, right) => left - right);
}

function itemAt(patterns: readonly Pattern[], place: number): number | undefined {
  const whole = Math.floor(place / 4);
  return patterns[Math.floor(whole / 4096)]!.items[whole % 4096];
}

function step(patterns: readonly Pattern[], place: number, byte: number): readonly number[] {
  const left = place % 4;
  if (left > 0) return byte >= 0x80 && byte < 0xc0 ? [left === 1 ? place - 1 + 4 : place - 1] : [];
  const item = itemAt(patterns, place);
  if (item === undefined) {
    // Past the end: what follows a `/` lies beneath, and whatever follows that.
    const { items, beneath } = patterns[Math.floor(place / 4 / 4096)]!;
    const past = Math.floor(place / 4) % 4096 > items.length;
    return beneath && (past || byte === slash) ? [past ? place : place + 4] : [];
  }
  switch (item) {
    case anyBytes:
      return byte === slash ? [] : [place];
    case anyBytesAndSlashes:
      return [place];
    case oneCharacter:
    case oneCharacterOrSlash: {
      if (byte === slash && item === oneCharacter) return [];
      if (byte < 0x80) return [place + 4];
      const more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
      return more === 0 ? [] : [place + more];
    }
    default:
      return item === byte ? [place + 4] : [];
  }
}

function patternsOf(predicate: Predicate): readonly (readonly [string, Pattern])[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.of.flatMap(patternsOf);
    case 'not':
      return patternsOf(predicate.of);
    case 'beneath': {
      const items = predicate.pattern === '/' ? [] : itemsOf(predicate.pattern, anyBytes, oneCharacter);
      return isPath(predicate.term) ? [[`b${predicate.pattern}`, { items, beneath: true }]] : [];
    }
    case 'glob': {
      const items = itemsOf(predicate.pattern, anyBytesAndSlashes, oneCharacterOrSlash);
      return isPath(predicate.term) ? [[`g${predicate.pattern}`, { items, beneath: false }]] : [];
    }
    case 'in-set':
      return isPath(predicate.term) ? predicate.values.map(exactly) : [];
    case 'compare': {
      const terms = [predicate.left, predicate.right];
      if (!terms.some(isPath)) return [];
      return terms.flatMap((term) =>
        term.kind === 'literal' && typeof term.value === 'string' ? [exactly(term.value)] : [],
      );
    }
    default:
      return [];
  }
}

function exactly(text: string): readonly [string, Pattern] {
  return [`e${text}`, { items: text === '/' ? [] : [...new TextEncoder().encode(text)], beneath: false }];
}

function isPath(term: Term): boolean {
  return term.kind === 'attribute' && term.name === 'path';
}

function itemsOf(pattern: string, star: number, question: number): readonly number[] {
  return [...pattern].flatMap((character) =>
    character === '*' ? [star] : character === '?' ? [question] : [...new TextEncoder().encode(character)],
  );
}

/** Asks the reference evaluator. */
function allows(decision: Decision, bytes: readonly number[], right: string): boolean {
  const path = new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  const attributes: Readonly<Record<string, string>> = { path: path === '' ? '/' : path, right };
  const environment: Environment = { attribute: (name) => attributes[name], parameter: () => undefined };
  const effect = decide(decision, environment)?.effect.kind;
  return effect === 'allow' || effect === 'log';
}

/** Puts the dead state first, with what can reach no right, and finds where everything beneath has the same rights. */
function finish(
  edges: readonly (readonly number[])[],
  rights: readonly number[],
  isEnd: readonly boolean[],
  start: number,
): PathAutomaton {
  const successors = edges.map((next) => [...new Set(next)]);
  const alive = rights.map((mask) => mask !== 0);
  const flat = rights.map(() => true);
  for (let changed = true; changed; ) {
    changed = false;
    successors.forEach((next, at) => {
      if (!alive[at] && next.some((each) => alive[each])) {
        alive[at] = true;
        changed = true;
      }
    });
  }
  // The rights beneath a state, where they are all the same: undefined as long as no end of a path was met.
  const beneath: (number | undefined)[] = rights.map((mask, at) => (isEnd[at] ? mask : undefined));
  for (let changed = true; changed; ) {
    changed = false;
    successors.forEach((next, at) => {
      for (const each of next) {
        const other = beneath[each];
        if (flat[at] && (!flat[each] || (other !== undefined && beneath[at] !== undefined && other !== beneath[at]))) {
          flat[at] = false;
          changed = true;
        }
        if (beneath[at] === undefined && other !== undefined) {
          beneath[at] = other;
          changed = true;
        }
      }
    });
  }
  const numbers = new Map<number, number>();
  alive.forEach((lives, at) => {
    if (lives) numbers.set(at, numbers.size + 1);
  });
  const states: PathState[] = [{ rights: 0, flat: true, next: Array.from({ length: 256 }, () => dead) }];
  for (const at of numbers.keys()) {
    const beneathIt = edges[at]![slash]!;
    const same = beneath[beneathIt] === undefined || beneath[beneathIt] === rights[at];
    states.push({
      rights: rights[at]!,
      flat: flat[beneathIt]! && same,
      next: edges[at]!.map((each) => numbers.get(each) ?? dead),
    });
  }
  return { states, start: numbers.get(start) ?? dead };
}
