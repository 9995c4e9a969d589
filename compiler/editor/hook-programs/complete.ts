import { counterKeys } from '../../hook-programs/counter-keys.ts';
import { constantNames } from '../../tables/constants.ts';
import { errnoNames } from '../../tables/errno.ts';
import { hookField, hookFields } from '../../tables/hook-fields.ts';
import { kernelConstants } from '../../tables/hook-structures.ts';
import { refusingHooks } from '../../tables/lsm-hooks.ts';
import { mostLikely } from '../completion/most-likely.ts';
import type { Completions, Offer, OfferKind } from '../completion/offer.ts';
import { usualFirst } from '../completion/usual-constants.ts';
import type { EditorDocument } from '../document.ts';
import { cursorAt, expectedAt, type ProgramCursor } from './cursor.ts';
import { explainConstant, explainField, explainHook, wordDocs } from './explain.ts';

/** What may be written at an offset of a hook program. */
export function completeHookProgram({ source }: EditorDocument, offset: number): Completions | undefined {
  const { text, path } = source;
  const cursor = cursorAt(text, offset);
  if (cursor === undefined) return undefined;
  const { offers, isIncomplete } = mostLikely(offersAt(text, cursor), text.slice(cursor.start, offset));
  return { span: { file: path, start: cursor.start, end: cursor.end }, offers, isIncomplete };
}

function offersAt(text: string, cursor: ProgramCursor): readonly Offer[] {
  const { hook, counters, before } = cursor;
  const expected = expectedAt(text, before);
  // Behind what is whole a statement may begin.
  const isLineStart = /(?:^|\n)[ \t]*$/.test(text.slice(0, cursor.start));
  const statements = isLineStart ? statementOffers(hook) : [];
  switch (expected.what) {
    case 'statement':
      return statementOffers(hook);
    case 'hook':
      return refusingHooks().map((name) => ({ ...word(name, 'name'), explain: () => explainHook(name) }));
    case 'error':
      return errnoNames().map((name) => word(name, 'constant'));
    case 'key':
      return counterKeys.map((name) => ({ ...word(name, 'field'), ...explained(hook, name) }));
    case 'time':
      return ['1s', '10s', '1m', '1h'].map((name) => word(name, 'unit'));
    case 'counter':
    case 'nothing':
      return [];
    case 'verdict':
      return ['deny', 'allow', 'errno', ...(before.at(-1)!.name === 'Audit' ? ['when'] : ['audit'])].map(keyword);
    case 'when':
      return [...expected.words.map(keyword), ...statements];
    case 'operand':
      return operandOffers(hook, counters);
    case 'operator':
      return [...operatorOffers(hook, expected.field), ...statements];
    case 'constant':
      return constantOffers(hook, expected.field);
    default: {
      const unreachable: never = expected;
      return unreachable;
    }
  }
}

function statementOffers(hook: string | undefined): readonly Offer[] {
  if (hook === undefined) return [keyword('hook')];
  return ['deny', 'allow', 'errno', 'audit', 'counter', 'otherwise', 'hook'].map(keyword);
}

function operandOffers(hook: string | undefined, counters: readonly string[]): readonly Offer[] {
  const fields = hook === undefined ? [] : hookFields(hook);
  return [
    ...fields.map(({ name, doc }) => ({ ...word(name, 'field'), detail: doc, ...explained(hook, name) })),
    ...counters.map((name) => ({ ...word(name, 'variable'), detail: 'the counter' })),
  ];
}

function operatorOffers(hook: string | undefined, name: string | undefined): readonly Offer[] {
  const type = hook === undefined || name === undefined ? undefined : hookField(hook, name)?.type;
  const own: Readonly<Record<string, readonly string[]>> = {
    integer: ['==', '!=', '&', 'in', '<', '<=', '>', '>='],
    string: ['==', '!=', 'in', 'like'],
    path: ['beneath', 'like', '==', '!=', 'in'],
    address: ['in', '==', '!='],
  };
  return [...(type === undefined ? [] : (own[type] ?? [])), '&&', '||'].map(keyword);
}

function constantOffers(hook: string | undefined, name: string | undefined): readonly Offer[] {
  const field = hook === undefined || name === undefined ? undefined : hookField(hook, name);
  const prefixes = field?.constants;
  if (prefixes === undefined) return [];
  const known = [...Object.keys(kernelConstants), ...constantNames()];
  return usualFirst(known.filter((constant) => prefixes.some((prefix) => constant.startsWith(prefix)))).map(
    (constant) => ({ ...word(constant, 'constant'), explain: () => explainConstant(constant) }),
  );
}

function explained(hook: string | undefined, name: string): Pick<Offer, 'explain'> {
  return hook === undefined ? {} : { explain: () => explainField(hook, name) };
}

function keyword(text: string): Offer {
  const doc = wordDocs[text];
  return { ...word(text, 'keyword'), ...(doc === undefined ? {} : { explain: () => doc }) };
}

function word(text: string, kind: OfferKind): Offer {
  return { label: text, kind, newText: text };
}
