import type { Environment } from '../../expressions/cel/environment.ts';
import { type CelType, formatType, optionalValue } from '../../expressions/cel/types.ts';
import { celAttributeDoc, celFunctionDoc } from '../../tables/cel-docs.ts';
import type { EditorDocument } from '../document.ts';
import { type Call, globalCalls, memberCalls, signatureOf } from '../expressions/cel-members.ts';
import { componentOf, operandType, scopeAt } from '../expressions/cel-scope.ts';
import { operandStart, tokensBefore } from '../expressions/cel-tokens.ts';
import type { Embedded } from '../expressions/embedded.ts';
import type { Place } from '../locate.ts';
import type { Completions, Offer } from './offer.ts';

/** Attributes, functions, macros and their variables; behind a dot what the value before it has. */
export function completeCel(document: EditorDocument, place: Place, embedded: Embedded): Completions | undefined {
  const { text, at } = embedded;
  const { tokens, isInText, word, before } = tokensBefore(text, at);
  if (isInText) return undefined;
  const last = tokens[before - 1];
  // Behind a number or a closed value only an operator can follow.
  if (last !== undefined && (last.name === 'BadNumber' || last.end > at)) return undefined;
  const scope = scopeAt(text, tokens, before, componentOf(document, place));
  const isMember = last?.name === 'Dot' || (last?.name === 'Question' && tokens[before - 2]?.name === 'Dot');
  const offers = isMember
    ? membersAt(text, tokens, last?.name === 'Dot' ? before - 1 : before - 2, scope)
    : globals(scope);
  return offers.length === 0 ? undefined : { span: embedded.span(word.start, word.end), offers, isIncomplete: false };
}

function membersAt(
  text: string,
  tokens: Parameters<typeof operandType>[1],
  dot: number,
  scope: Environment,
): readonly Offer[] {
  const type = operandType(text, tokens, dot, scope);
  const start = operandStart(tokens, dot);
  if (type === undefined || start === undefined) return [];
  const inner = optionalValue(type) ?? type;
  const path = text.slice(tokens[start]!.start, tokens[dot]!.start).trim();
  const inSpace = callOffers(
    globalCalls(scope).filter(({ name }) => name.startsWith(`${path}.`)),
    path.length + 1,
  );
  // A space of names, such as `optional`, is no value.
  if (inSpace.length > 0 && !scope.variables.has(path)) return inSpace;
  return [
    ...(inner.kind === 'object'
      ? Object.entries(inner.fields).map(([name, field]) => attribute('field', name, field, `${path}.${name}`))
      : []),
    ...callOffers(memberCalls(type, scope)),
  ];
}

function globals(scope: Environment): readonly Offer[] {
  return [
    ...[...scope.variables].map(([name, type]) => attribute('variable', name, type, name)),
    ...callOffers(globalCalls(scope)),
    ...['true', 'false', 'null', 'in'].map((label): Offer => ({ label, kind: 'keyword', newText: label })),
  ];
}

function attribute(kind: 'field' | 'variable', name: string, type: CelType, path: string): Offer {
  const doc = celAttributeDoc(path);
  const shown = type.kind === 'object' ? 'object' : formatType(type);
  return {
    label: name,
    kind,
    detail: shown,
    newText: name,
    explain: () => [`\`${path}\`: ${shown}`, ...(doc === undefined ? [] : [doc])].join('\n\n'),
  };
}

/** One offer for each name, however many ways there are to call it. */
function callOffers(calls: readonly Call[], skipped = 0): readonly Offer[] {
  const byName = new Map<string, Call[]>();
  for (const call of calls) byName.set(call.name, [...(byName.get(call.name) ?? []), call]);
  return [...byName].map(([name, ways]) => {
    const [first] = ways;
    const label = name.slice(skipped);
    const stops = first!.parameters.map((parameter, index) => `\${${index + 1}:${parameter.replace(/:.*/, '')}}`);
    const doc = celFunctionDoc(name);
    return {
      label,
      kind: 'function',
      detail: signatureOf(first!),
      newText: label,
      snippet: `${label}(${stops.join(', ')})`,
      explain: () =>
        [...ways.map((way) => `\`${signatureOf(way)}\``), ...(doc === undefined ? [] : [doc])].join('\n\n'),
    };
  });
}
