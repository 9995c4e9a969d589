import { report } from '../../../diagnostics/report.ts';
import { nearest } from '../../../diagnostics/suggest.ts';
import type { Located } from '../../../schema/shape.ts';
import { scalarMap } from '../../../source/scalar-map.ts';
import { type Lowering, last } from './lowering.ts';
import { valueProblem, valueText } from './parameters.ts';

/** The minutes of `idle_detection`, by the names under which scripts ask for them. */
const idleNames = {
  IDLE_THRESHOLD_MINUTES: ['idle_threshold_minutes', 15],
  HIBERNATE_THRESHOLD_MINUTES: ['hibernate_threshold_minutes', 60],
  CHECK_INTERVAL_MINUTES: ['check_interval_minutes', 5],
} as const;

/** Where pages of the machine listen: people reach them through a tunnel of SSH. */
const builtIn: readonly (readonly [string, string])[] = [['WebInterfaceBindIP', '127.0.0.1']];

const placeholder = /\{\{\s*\.?([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;

export interface Filler {
  /** The text with the value of each placeholder in its place, which is not looked at again. */
  fill(text: Located<string>): string;
  /** Whether a text that was filled asks for the minutes of `idle_detection`. */
  asksForIdle(): boolean;
}

/**
 * Fills `{{.name}}` in scripts. Where a template has neither parameters nor variables, a name that nobody knows stays as it
 * is: other programs write their own templates so (`docker ps --format '{{.Names}}'`).
 */
export function fillerOf(lowering: Lowering): Filler {
  const { layers, own, diagnostics } = lowering;
  const values = new Map<string, string>(builtIn);
  const idle = last(lowering, ({ idle_detection: of }) => of)?.value;
  for (const [name, [key, otherwise]] of Object.entries(idleNames)) {
    values.set(name, String(idle?.[key]?.value ?? otherwise));
  }
  const declared = new Set<string>();
  for (const layer of layers) {
    for (const { key, value } of layer.document.variables?.value ?? []) {
      declared.add(key.value);
      values.set(key.value, value.value);
    }
    for (const { key, value } of layer.document.parameters?.value ?? []) {
      declared.add(key.value);
      const text = valueText(value.value);
      if (text !== undefined) values.set(key.value, text);
      const problem = layer === own ? valueProblem(value) : undefined;
      if (problem !== undefined) diagnostics.push(problem);
    }
  }
  let asked = false;
  return {
    fill: (text) =>
      text.value.replace(placeholder, (written, name: string, at: number) => {
        if (Object.hasOwn(idleNames, name)) asked = true;
        const value = values.get(name);
        if (value !== undefined) return value;
        if (declared.size === 0 || isForeign(text)) return written;
        const span = spanOf(text, at, written.length);
        if (declared.has(name)) {
          diagnostics.push(report('POL5324', span, { name }));
          return written;
        }
        const better = nearest(name, [...values.keys()]);
        const edit = better === undefined ? undefined : { span, newText: `{{.${better}}}` };
        diagnostics.push(
          report(
            'POL3205',
            span,
            { name },
            edit === undefined
              ? {}
              : {
                  help: `did you mean \`${edit.newText}\`?`,
                  fixes: [{ title: `change to \`${edit.newText}\``, certain: true, edits: [edit] }],
                },
          ),
        );
        return written;
      }),
    asksForIdle: () => asked,
  };

  /** What is wrong with an inherited script is said where it is written. */
  function isForeign({ span }: Located<string>): boolean {
    return span.file !== own.source.path;
  }

  function spanOf({ node, span }: Located<string>, at: number, length: number) {
    if (node.kind !== 'scalar') return span;
    return scalarMap(own.source, node).span(at, at + length);
  }
}
