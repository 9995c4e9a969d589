import { scan } from '../../../grammars/argument-rules/scan.ts';
import { constantNames } from '../../tables/constants.ts';
import { argumentNames } from '../../tables/syscall-arguments.ts';
import type { Embedded } from '../expressions/embedded.ts';
import { ruleCalls } from '../expressions/rule-calls.ts';
import type { Place } from '../locate.ts';
import { explainConstant } from '../meaning/kernel-names.ts';
import { mostLikely } from './most-likely.ts';
import type { Completions, Offer } from './offer.ts';
import { usualFirst } from './usual-constants.ts';

/** Behind these another operand stands; at the start of a rule too. */
const beforeOperand = new Set([
  'Equal',
  'NotEqual',
  'LessOrEqual',
  'GreaterOrEqual',
  'Less',
  'Greater',
  'And',
  'Or',
  'Not',
  'BitAnd',
  'BitOr',
  'Complement',
  'Minus',
  'Between',
  'Comma',
  'Open',
  'OpenList',
  'AndWord',
  'OrWord',
  'NotWord',
]);

/** Arguments of the rule's calls and constants of the kernel; behind a whole operand, operators. */
export function completeArgumentRule(place: Place, embedded: Embedded): Completions | undefined {
  const { text, at } = embedded;
  const { tokens } = scan(text);
  const current = tokens.findLast(
    ({ start, end, name }) => start < at && at <= end && (name === 'Name' || name === 'Argument' || name === 'In'),
  );
  const start = current?.start ?? at;
  const before = tokens.findLast(({ end }) => end <= start);
  const inside = tokens.find((token) => token.start < at && at < token.end);
  if (inside !== undefined && inside !== current) return undefined;
  const word = text.slice(start, at);
  const span = embedded.span(start, current?.end ?? at);
  if (before !== undefined && !beforeOperand.has(before.name)) {
    return word === '' || 'in'.startsWith(word) ? { span, offers: operators, isIncomplete: false } : undefined;
  }
  const constants = constantOffers(text);
  const isBitOperand =
    before?.name === 'BitAnd' || before?.name === 'BitOr' || before?.name === 'Comma' || before?.name === 'OpenList';
  const offers = isBitOperand ? constants : [...argumentOffers(place), ...constants];
  return { span, ...mostLikely(offers, word) };
}

const operators: readonly Offer[] = [
  ['==', 'is'],
  ['!=', 'is not'],
  ['<', 'is less than'],
  ['<=', 'is at most'],
  ['>', 'is greater than'],
  ['>=', 'is at least'],
  ['in [', 'is one of'],
  ['&', 'the bits that both have'],
  ['&&', 'and'],
  ['||', 'or'],
].map(([label = '', detail = '']) => ({
  label,
  kind: 'keyword',
  detail,
  newText: `${label}${label.endsWith('[') ? '' : ' '}`,
}));

/** `arg0` to `arg5`, as far as the calls of the rule have so many, with the kernel's names of them. */
function argumentOffers(place: Place): readonly Offer[] {
  const calls = ruleCalls(place);
  const names = calls.map((call) => argumentNames(call));
  const count =
    names.length === 0 || names.includes(undefined) ? 6 : Math.max(...names.map((each) => each?.length ?? 0));
  return Array.from({ length: count }, (_, index) => {
    const meant = [...new Set(names.flatMap((each) => each?.[index] ?? []))];
    const label = `arg${index}`;
    return { label, kind: 'variable', newText: label, ...(meant.length === 0 ? {} : { detail: meant.join(' or ') }) };
  });
}

/** Every constant; those of a family that the rule speaks of already come first: `AF_` beside `AF_UNIX`. */
function constantOffers(text: string): readonly Offer[] {
  const families = new Set([...text.matchAll(/\b([A-Z0-9]+_)[A-Z0-9_]+/g)].map(([, family]) => family));
  const isNear = (name: string) => families.has(name.slice(0, name.indexOf('_') + 1));
  const names = usualFirst(constantNames());
  const sorted = families.size === 0 ? names : [...names.filter(isNear), ...names.filter((name) => !isNear(name))];
  return sorted.map((label) => ({
    label,
    kind: 'constant',
    newText: label,
    explain: () => explainConstant(label)?.paragraphs.join('\n\n'),
  }));
}
