import { report } from '../../../diagnostics/report.ts';
import { and, attribute, inSet } from '../../../expressions/predicate.ts';
import type { Decision, Rule } from '../../../ir/policy.ts';
import { components, folded } from '../../../paths.ts';
import type { Located } from '../../../schema/shape.ts';
import { accessPresets, noAccess } from '../names.ts';
import { each, first, type Lowering, origin } from './lowering.ts';

/** The `path` decision: what may be done beneath which path, without what `access: none` takes away; all else is denied. */
export function lowerPaths(lowering: Lowering): Decision | undefined {
  const { layers, diagnostics } = lowering;
  const enabled = first(layers, (document) => document.security?.value.landlock?.value.enabled);
  const lists = each(layers, (document) => document.security?.value.landlock?.value.paths);
  const head = lists[0];
  if (enabled?.value === false || head === undefined) return undefined;
  const rules: Rule[] = [];
  for (const list of lists) {
    list.value.forEach((entry, index) => {
      const { path, access } = entry.value;
      const pattern = path === undefined ? undefined : normalise(path, lowering);
      if (pattern === undefined || access === undefined) return;
      const node = {
        id: `path/${rules.length}`,
        topic: `security.landlock.paths[${index}]`,
        origin: origin(entry.span, list.by),
        ...(entry.value.optional?.value === true ? { optional: true } : {}),
      };
      const beneath = { kind: 'beneath', term: attribute('path'), pattern } as const;
      if (access.value === noAccess) {
        rules.push({ ...node, when: beneath, effect: { kind: 'deny' } });
        return;
      }
      const rights = rightsOf(access);
      if (rights.length === 0) {
        diagnostics.push(report('POL5012', access.span, { key: 'access' }));
        return;
      }
      rules.push({ ...node, when: and(beneath, inSet(attribute('right'), rights)), effect: { kind: 'allow' } });
    });
  }
  if (head.node.kind === 'sequence' && head.node.items.length === 0 && rules.length === 0) {
    diagnostics.push(report('POL5012', head.span, { key: 'paths' }));
  } else if (
    // A program in WebAssembly is read by its host, before any path is guarded.
    first(layers, (document) => document.runtime)?.value !== 'wasm' &&
    !rules.some((rule) => rule.when.kind === 'and' && grantsExecute(rule))
  ) {
    diagnostics.push(report('POL5013', head.key ?? head.span, {}));
  }
  return {
    point: 'path',
    combine: rules.some(({ effect }) => effect.kind === 'deny') ? 'deny-overrides' : 'union-of-allows',
    rules,
    otherwise: {
      id: 'path/otherwise',
      topic: 'security.landlock.paths',
      origin: origin(head.key ?? head.span, head.by),
      effect: { kind: 'deny' },
    },
  };
}

function grantsExecute(rule: Rule): boolean {
  return (
    rule.when.kind === 'and' && rule.when.of.some((part) => part.kind === 'in-set' && part.values.includes('execute'))
  );
}

function rightsOf(access: Located<string | readonly Located<string>[]>): readonly string[] {
  const names = typeof access.value === 'string' ? [access.value] : access.value.map(({ value }) => value);
  return [
    ...new Set(names.flatMap((name) => (Object.hasOwn(accessPresets, name) ? accessPresets[name]!.rights : [name]))),
  ];
}

/** An absolute path without empty, `.` and `..` components. `..` is refused: through a link it may lead anywhere. */
function normalise(path: Located<string>, { diagnostics }: Lowering): string | undefined {
  const { value, span } = path;
  if (!value.startsWith('/')) {
    diagnostics.push(report('POL4040', span, { path: value }));
    return undefined;
  }
  const parts = components(value);
  if (parts.includes('..')) {
    const better = folded(value);
    diagnostics.push(
      report(
        'POL4041',
        span,
        { path: value, better },
        {
          fixes: [{ title: `change to \`${better}\``, certain: false, edits: [{ span, newText: better }] }],
        },
      ),
    );
    return undefined;
  }
  if (value.includes('\0')) {
    diagnostics.push(report('POL4042', span, { what: 'a NUL character', path: value.replaceAll('\0', '\\0') }));
    return undefined;
  }
  if (parts.some((component) => component.includes('**'))) {
    diagnostics.push(report('POL4042', span, { what: '`**`', path: value }));
    return undefined;
  }
  return `/${parts.join('/')}`;
}
