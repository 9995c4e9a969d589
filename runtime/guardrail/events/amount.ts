import { report } from '../../../compiler/diagnostics/report.ts';
import { shorten } from '../../../compiler/schema/scalars.ts';
import type { Span } from '../../../compiler/source/span.ts';
import type { Reading } from './reading.ts';

/** `$`, `US$` and `USD`, in front or, the last two, behind. */
const dollars = /^(?:US ?\$|USD ?\$?|\$)\s?(?<front>.*)$|^(?<behind>.*?)\s?(?:US ?\$|USD)$/s;
/** As AWS writes it: groups of three by commas or none, then a dot. */
const unambiguous = /^(?:[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.[0-9]{1,8})?$/;
/** What AWS writes nearly always; the other expressions take milliseconds to compile. */
const usual = /^\$(?:[0-9]{1,15}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.[0-9]{1,8})?$/;
const numberLike = /^[0-9.,' \u00a0\u2019\u202f]*[0-9][0-9.,' \u00a0\u2019\u202f]*$/;

/** What AWS counts in budgets of usage, as in `730 Hrs` and `1.5 GB-Mo`. */
const usageUnit =
  /(?:^|\s|[0-9])(?:[KMGTP]i?B|[kMGT]?[bB]ytes?|h(?:ou)?rs?|secs?|seconds?|minutes?|days?|requests?|counts?|instances?|units?|vcpus?|events?|messages?|quer(?:y|ies)|iops|lcus?|acus?|objects?|executions?|notifications?|GB-?(?:mo(?:nth)?s?|seconds?|hours?)|hrs)\b/i;

/**
 * Reads an amount of US dollars as AWS Budgets writes it: `$1,234.56`. Another currency is refused, and so is what
 * people of different countries read as different amounts.
 */
export function readDollars(written: string, span: Span, reading: Reading): number | undefined {
  const text = written.trim();
  if (usual.test(text)) return Number(text.slice(1).replaceAll(',', ''));
  const amount = shorten(text);
  const refuse = (code: 'POL2045' | 'POL2046' | 'POL2047') => {
    reading.diagnostics.push(report(code, span, { amount }));
    return undefined;
  };
  if (/%$/.test(text) || usageUnit.test(text)) {
    const what = /%$/.test(text) ? 'a percentage' : 'usage';
    reading.diagnostics.push(report('POL2048', span, { what, amount }));
    return undefined;
  }
  const negative = /^\(.*\)$|^\s*[-\u2212]|^[^0-9]*[-\u2212]\s*[0-9]|[0-9]\s*-$/.test(text);
  const bare = negative ? text.replace(/[()\-\u2212]/g, '').trim() : text;
  const { front, behind } = dollars.exec(bare)?.groups ?? {};
  const number = (front ?? behind)?.trim();
  // Without digits there is no amount at all.
  if (!/[0-9]/.test(text)) return refuse('POL2046');
  if (number === undefined || !numberLike.test(number)) return refuse('POL2045');
  if (negative) return refuse('POL2047');
  return unambiguous.test(number) ? Number(number.replaceAll(',', '')) : refuse('POL2046');
}
