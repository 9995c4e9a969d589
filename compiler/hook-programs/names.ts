import type { TextRange } from '../../grammars/conditions/tree.ts';
import { report } from '../diagnostics/report.ts';
import { nearest } from '../diagnostics/suggest.ts';
import { replace } from '../expressions/argument-problems.ts';
import { shorten } from '../schema/scalars.ts';
import { constantNames, constantValue } from '../tables/constants.ts';
import { hookField, hookFields } from '../tables/hook-fields.ts';
import { kernelConstants } from '../tables/hook-structures.ts';
import { hookAlias, hookNames, hookReturnsVerdict, refusingHooks } from '../tables/lsm-hooks.ts';
import type { Context, Operand } from './operand.ts';

/** What a name in a condition means: a field of the hook, a counter or a constant. */
export function nameOf(name: string, range: TextRange, context: Context): Operand | undefined {
  const field = hookField(context.hook, name);
  if (field !== undefined) return { kind: 'field', field, attribute: name, range };
  if (context.counters.has(name)) {
    context.asked.add(name);
    return {
      kind: 'field',
      field: { name, type: 'integer', bits: 64 },
      attribute: `counter:${context.hook}/${name}`,
      range,
    };
  }
  // Constants are in capitals, fields are not.
  if (/^[A-Z]/.test(name)) return constantOf(name, range, context);
  reportField(name, range, context);
  return undefined;
}

function constantOf(name: string, range: TextRange, context: Context): Operand | undefined {
  const span = context.spanOf(range);
  const own = Object.hasOwn(kernelConstants, name) ? kernelConstants[name] : undefined;
  const values = context.architectures.map((architecture) => own ?? constantValue(name, architecture));
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) {
    const suggestion = nearest(name, [...Object.keys(kernelConstants), ...constantNames()]);
    context.diagnostics.push(
      report('POL3161', span, { name: shorten(name) }, suggestion === undefined ? {} : suggesting(suggestion, span)),
    );
    return undefined;
  }
  if (known.length < values.length || known.some((value) => value !== known[0])) {
    const each = context.architectures.map(
      (architecture, at) => `${values[at] === undefined ? 'none' : `0x${values[at].toString(16)}`} on ${architecture}`,
    );
    context.diagnostics.push(report('POL5194', span, { name, values: each.join(', ') }));
    return undefined;
  }
  return { kind: 'number', value: known[0]!, names: [{ name, range }], range };
}

function reportField(name: string, range: TextRange, context: Context): void {
  const span = context.spanOf(range);
  const { hook } = context;
  const elsewhere = refusingHooks().filter((other) => hookField(other, name) !== undefined);
  const notes =
    elsewhere.length === 0
      ? []
      : [
          `\`${name}\` is a field of ${elsewhere
            .slice(0, 4)
            .map((other) => `\`${other}\``)
            .join(', ')}${elsewhere.length > 4 ? ` and ${elsewhere.length - 4} more` : ''}`,
        ];
  const suggestion = nearest(name, [...hookFields(hook).map((field) => field.name), ...context.counters]);
  const options = suggestion === undefined ? {} : suggesting(suggestion, span);
  const fields = hookFields(hook).map((field) => `\`${field.name}\``);
  context.diagnostics.push(
    report('POL3160', span, { hook, name: shorten(name), fields: fields.join(', ') }, { ...options, notes }),
  );
}

function suggesting(suggestion: string, span: Parameters<typeof replace>[0]) {
  return {
    help: `did you mean \`${suggestion}\`?`,
    fixes: [replace(span, suggestion, false)],
  };
}

/** The hook that a name stands for; undefined, and reported, where a program can refuse nothing there. */
export function hookOf(name: string, range: TextRange, context: Pick<Context, 'spanOf' | 'diagnostics'>) {
  const span = context.spanOf(range);
  const alias = hookAlias(name);
  if (alias !== undefined) {
    context.diagnostics.push(
      report('POL3008', span, { name, current: alias }, { fixes: [replace(span, alias, true)] }),
    );
    return alias;
  }
  if (hookReturnsVerdict(name)) return name;
  const suggestion = nearest(name, refusingHooks());
  const misspelt = !hookNames().includes(name);
  const fixes = suggestion === undefined ? [] : [replace(span, suggestion, misspelt)];
  const help = suggestion === undefined ? {} : { help: `did you mean \`${suggestion}\`?` };
  context.diagnostics.push(
    misspelt
      ? report('POL3007', span, { name: shorten(name) }, { fixes, ...help })
      : report('POL3009', span, { name }, { fixes }),
  );
  return undefined;
}
