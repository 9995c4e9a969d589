import type { TextRange } from '../../grammars/conditions/tree.ts';
import { parseHookProgram } from '../../grammars/hook-programs/parse.ts';
import type { Expression, Section, Statement, Verdict, Word } from '../../grammars/hook-programs/tree.ts';
import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { replace } from '../expressions/argument-problems.ts';
import { always, type Predicate } from '../expressions/predicate.ts';
import type { Effect } from '../ir/policy.ts';
import { shorten } from '../schema/scalars.ts';
import type { Span } from '../source/span.ts';
import type { SourceText } from '../source/text.ts';
import type { Architecture } from '../tables/architectures.ts';
import { errnoNames, errnoValue } from '../tables/errno.ts';
import { hookField } from '../tables/hook-fields.ts';
import { refusesWith } from '../tables/lsm-hooks.ts';
import type { Target } from '../target.ts';
import type { CheckedAudit, CheckedCounter, CheckedProgram, CheckedRule, CheckedSection } from './checked.ts';
import { conditionOf } from './conditions.ts';
import { counterKeys } from './counter-keys.ts';
import { hookOf } from './names.ts';
import type { Context } from './operand.ts';
import { syntaxReport } from './syntax-problems.ts';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const longestWindow = 24 * 3_600_000;

/**
 * Reads a hook program and says what is wrong with it. Never throws. What could not be read is missing in the result, so that
 * after an error it says less than the text.
 */
export function checkHookProgram(source: SourceText, target: Target, diagnostics: Diagnostic[]): CheckedProgram {
  const { tree, problems } = parseHookProgram(source.text);
  const spanOf = ({ start, end }: TextRange): Span => ({ file: source.path, start, end });
  for (const problem of problems) diagnostics.push(syntaxReport(problem, spanOf));
  if (tree.sections.length === 0 && problems.length === 0) {
    diagnostics.push(report('POL1147', spanOf({ start: 0, end: 0 }), {}));
  }
  const architectures = kernelArchitectures(target.architectures);
  const sections: CheckedSection[] = [];
  const seen = new Map<string, Span>();
  for (const section of tree.sections) {
    if (section.hook.text === '') continue;
    const hook = hookOf(section.hook.text, section.hook.range, { spanOf, diagnostics });
    if (hook === undefined) continue;
    const span = spanOf(section.hook.range);
    const first = seen.get(hook);
    if (first !== undefined) {
      const related = [{ span: first, label: 'the first one' }];
      diagnostics.push(report('POL3164', span, { hook }, { related }));
    } else seen.set(hook, span);
    const isRead = !problems.some(({ range }) => range.start >= section.range.start && range.end <= section.range.end);
    sections.push(checkSection(hook, section, isRead, { text: source.text, architectures, diagnostics, spanOf }));
  }
  const truncate = seen.get('path_truncate');
  if (truncate !== undefined && !seen.has('file_truncate') && hasFileTruncate(target)) {
    diagnostics.push(report('POL5197', truncate, {}));
  }
  return { sections };
}

/** Whether open(2) with O_TRUNC and ftruncate(2) come to a hook of their own, "security: Create file_truncate hook". */
function hasFileTruncate({ kernel: { major, minor } }: Target): boolean {
  return major > 6 || (major === 6 && minor >= 2);
}

/** 32-bit programs and x32 run on the kernel of another architecture, whose constants those of its inside are. */
function kernelArchitectures(architectures: readonly Architecture[]): readonly Architecture[] {
  const own = architectures.filter((each) => each !== 'x86' && each !== 'x32');
  return own.length === 0 ? ['x86_64'] : own;
}

type Surroundings = Pick<Context, 'text' | 'architectures' | 'diagnostics' | 'spanOf'>;

/** @param isRead whether nothing of the section is wrong as far as its syntax goes */
function checkSection(hook: string, section: Section, isRead: boolean, around: Surroundings): CheckedSection {
  const { diagnostics, spanOf } = around;
  const found = diagnostics.length;
  const declared = counterNames(hook, section.statements, around);
  const asked = new Set<string>();
  const context: Context = { ...around, hook, counters: new Set(declared.keys()), asked };
  const counters: CheckedCounter[] = [];
  const rules: CheckedRule[] = [];
  const audits: CheckedAudit[] = [];
  let otherwise: CheckedSection['otherwise'];
  for (const statement of section.statements) {
    const span = spanOf(statement.range);
    if (otherwise !== undefined && (statement.kind === 'rule' || statement.kind === 'otherwise')) {
      const related = [{ span: otherwise.span, label: 'this decides what no rule has decided' }];
      diagnostics.push(report('POL5191', span, {}, { related }));
    }
    switch (statement.kind) {
      case 'counter': {
        const counter = checkCounter(statement, { ...context, counters: new Set() });
        if (counter !== undefined) counters.push(counter);
        break;
      }
      case 'rule': {
        const when = optionalCondition(statement.when, context);
        const effect = effectOf(statement.verdict, statement.audit, context);
        if (when !== undefined && effect !== undefined) rules.push({ effect, when, span });
        break;
      }
      case 'audit': {
        const when = conditionOf(statement.when, context);
        if (when !== undefined) audits.push({ when, span });
        break;
      }
      case 'otherwise': {
        const effect = effectOf(statement.verdict, statement.audit, context);
        if (effect !== undefined) otherwise ??= { effect, span };
        break;
      }
      case 'unreadable':
        break;
      default:
        statement satisfies never;
    }
  }
  const nameSpan = spanOf(section.hook.range);
  // What cannot be read may be the rule, and may ask the counter.
  if (isRead && section.statements.length === 0) diagnostics.push(report('POL5192', nameSpan, { hook }));
  if (isRead && !diagnostics.slice(found).some(({ severity }) => severity === 'error')) {
    for (const [name, span] of declared) {
      if (!asked.has(name)) diagnostics.push(report('POL5193', span, { name }));
    }
  }
  return { hook, span: nameSpan, counters, rules, audits, ...(otherwise === undefined ? {} : { otherwise }) };
}

/** The counters of a section by name: they may be asked in front of where they stand. */
function counterNames(
  hook: string,
  statements: readonly Statement[],
  { diagnostics, spanOf }: Surroundings,
): ReadonlyMap<string, Span> {
  const declared = new Map<string, Span>();
  for (const statement of statements) {
    if (statement.kind !== 'counter' || statement.name.text === '') continue;
    const { text: name, range } = statement.name;
    const span = spanOf(range);
    const first = declared.get(name);
    if (first !== undefined || hookField(hook, name) !== undefined || /^[A-Z]/.test(name)) {
      const what =
        first !== undefined ? 'another counter' : /^[A-Z]/.test(name) ? 'constants' : `a field of \`${hook}\``;
      const related = first === undefined ? [] : [{ span: first, label: 'the other one' }];
      diagnostics.push(report('POL3163', span, { name, what }, { related }));
    } else declared.set(name, span);
  }
  return declared;
}

function checkCounter(
  statement: Extract<Statement, { kind: 'counter' }>,
  context: Context,
): CheckedCounter | undefined {
  const { diagnostics, spanOf } = context;
  const by: string[] = [];
  for (const { text, range } of statement.by) {
    if (text === '') continue;
    if (counterKeys.includes(text) && hookField(context.hook, text) !== undefined) {
      if (!by.includes(text)) by.push(text);
      continue;
    }
    const span = spanOf(range);
    const suggestion = nearest(text, counterKeys);
    const fixes = suggestion === undefined ? [] : [replace(span, suggestion, false)];
    diagnostics.push(report('POL3162', span, { name: shorten(text) }, { fixes }));
  }
  const windowMilliseconds = windowOf(statement, context);
  const when = optionalCondition(statement.when, context);
  if (statement.name.text === '' || windowMilliseconds === undefined || when === undefined) return undefined;
  return { name: statement.name.text, by, windowMilliseconds, when, span: spanOf(statement.range) };
}

function windowOf(
  { name, per, by }: Extract<Statement, { kind: 'counter' }>,
  { diagnostics, spanOf }: Context,
): number | undefined {
  if (per === undefined) {
    const end = spanOf((by.at(-1) ?? name).range).end;
    const at = { ...spanOf(name.range), start: end, end };
    const fix = { title: 'count for 10 seconds', certain: false, edits: [{ span: at, newText: ' per 10s' }] };
    diagnostics.push(report('POL5190', spanOf(name.range), { name: name.text }, { fixes: [fix] }));
    return undefined;
  }
  if (per.text === '') return undefined;
  const [, digits, unit] = /^([0-9]{1,9})(ms|s|m|h)$/.exec(per.text) ?? [];
  const milliseconds = digits === undefined ? 0 : Number(digits) * units[unit!]!;
  if (milliseconds >= 1 && milliseconds <= longestWindow) return milliseconds;
  diagnostics.push(report('POL4171', spanOf(per.range), { text: shorten(per.text) }));
  return undefined;
}

function optionalCondition(when: Expression | undefined, context: Context): Predicate | undefined {
  return when === undefined ? always : conditionOf(when, context);
}

function effectOf(verdict: Verdict, audit: boolean, context: Context): Effect | undefined {
  const audited = audit ? ({ audit: true } as const) : {};
  if (verdict.kind !== 'errno') return { kind: verdict.kind, ...audited };
  const errno = errnoOf(verdict.error, context);
  if (errno === undefined) return undefined;
  if (refusesWith(context.hook, errno)) return { kind: 'errno', errno, ...audited };
  const { text, range } = verdict.error;
  context.diagnostics.push(report('POL5198', context.spanOf(range), { hook: context.hook, name: text }));
  return undefined;
}

function errnoOf({ text, range }: Word, { diagnostics, spanOf }: Context): number | undefined {
  if (text === '') return undefined;
  // -4095 is the least that a program may return (MAX_ERRNO, include/linux/err.h).
  const value = /^[0-9]/.test(text) ? (/^[1-9][0-9]{0,3}$/.test(text) ? Number(text) : 0) : errnoValue(text);
  if (value !== undefined && value >= 1 && value <= 4095) return value;
  const span = spanOf(range);
  const suggestion = nearest(text, errnoNames());
  const fixes = suggestion === undefined ? [] : [replace(span, suggestion, false)];
  const help = suggestion === undefined ? {} : { help: `did you mean \`${suggestion}\`?` };
  diagnostics.push(report('POL3167', span, { name: shorten(text) }, { fixes, ...help }));
  return undefined;
}
