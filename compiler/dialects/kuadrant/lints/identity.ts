import type { Range } from '../../../../grammars/cel/syntax-tree.ts';
import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { nearest } from '../../../diagnostics/suggest.ts';
import { celReporter } from '../../../expressions/cel/located.ts';
import { decodedSpan } from '../../../source/scalar-map.ts';
import type { SourceText } from '../../../source/text.ts';
import type { ReadExpression } from '../cel/check-expressions.ts';
import { pathOf, walk } from '../cel/walk.ts';
import { filtersOf, type KuadrantPolicy } from '../policy.ts';
import { entriesOf, fieldOf, textOf, valueAt } from '../resource.ts';
import type { Workspace } from '../workspace.ts';
import { sameNamespace } from './targets.ts';

/**
 * Reports expressions of limits over `auth` where no AuthPolicy of the workspace covers the target, and over values that
 * none of those which do exports. A workspace without any AuthPolicy may have them elsewhere.
 */
export function checkIdentity(
  policy: KuadrantPolicy,
  expressions: readonly ReadExpression[],
  workspace: Workspace,
  source: SourceText,
  diagnostics: Diagnostic[],
): void {
  const all = workspace.authPolicies;
  if (all.length === 0 || policy.target === undefined) return;
  const covering = all.filter((auth) => covers(auth, policy, workspace));
  const exported = exportsOf(covering);
  for (const { scalar, tree, place } of expressions) {
    if (place.component !== 'filter') continue;
    for (const { path, range } of identityPaths(tree)) {
      if (covering.length === 0) {
        const span = decodedSpan(source, scalar, range.start, range.end);
        diagnostics.push(report('POL5142', span, { kind: policy.target.kind, name: policy.target.name }));
        return;
      }
      const missing = missingExport(path, exported);
      if (missing === undefined) continue;
      const known = [...exported.keys()];
      const names = missing.known ?? known;
      diagnostics.push(
        celReporter(scalar, source).report({
          code: 'POL5143',
          range,
          holes: { name: missing.name, auth: covering.map(({ resource }) => `\`${resource.name}\``).join(', ') },
          ...helpOf(missing.field, names, missing.prefix),
        }),
      );
    }
  }
}

function helpOf(field: string, names: readonly string[], prefix: string) {
  const meant = nearest(field, names);
  return meant === undefined ? {} : { help: `a similar one is exported: \`${prefix}.${meant}\`` };
}

interface IdentityPath {
  readonly path: readonly string[];
  readonly range: Range;
}

/** The longest paths below `auth` that an expression names. */
function identityPaths(tree: ReadExpression['tree']): readonly IdentityPath[] {
  const paths: IdentityPath[] = [];
  walk(tree, (each) => {
    if (each.kind !== 'select' && each.kind !== 'index' && each.kind !== 'identifier') return undefined;
    const path = pathOf(each);
    if (path?.[0] !== 'auth') return undefined;
    paths.push({ path, range: each.range });
    return false;
  });
  return paths;
}

/** What AuthPolicies export: names below `auth`, with the fields of each, or undefined where it may hold anything. */
type Exports = ReadonlyMap<string, readonly string[] | undefined>;

function exportsOf(policies: readonly KuadrantPolicy[]): Exports {
  const found = new Map<string, readonly string[] | undefined>();
  for (const policy of policies) {
    for (const { key, value } of filtersOf(policy)) {
      const name = textOf(fieldOf(value, 'key')) || key.text;
      const properties = valueAt(value, 'json', 'properties');
      const fields = properties === undefined ? undefined : entriesOf(properties).map((entry) => entry.key.text);
      const before = found.get(name);
      const open = fields === undefined || (found.has(name) && before === undefined);
      found.set(name, open ? undefined : [...(before ?? []), ...fields]);
    }
  }
  return found;
}

interface MissingExport {
  readonly name: string;
  readonly field: string;
  readonly prefix: string;
  /** The fields that are exported; undefined where not even the name is. */
  readonly known: readonly string[] | undefined;
}

function missingExport([, name, field]: readonly string[], exported: Exports): MissingExport | undefined {
  // Plans are exported by their own extension.
  if (name === undefined || name === 'kuadrant') return undefined;
  if (!exported.has(name)) return { name: `auth.${name}`, field: name, prefix: 'auth', known: undefined };
  const fields = exported.get(name);
  if (fields === undefined || field === undefined || fields.includes(field)) return undefined;
  return { name: `auth.${name}.${field}`, field, prefix: `auth.${name}`, known: fields };
}

/** Whether requests that the limits see may have passed the authentication. */
function covers(auth: KuadrantPolicy, limits: KuadrantPolicy, { targetsNamed }: Workspace): boolean {
  const [mine, other] = [limits.target, auth.target];
  if (mine === undefined || other === undefined) return false;
  if (!sameNamespace(auth.resource.namespace, limits.resource.namespace) && mine.kind === other.kind) return false;
  if (mine.kind === other.kind) return mine.name === other.name;
  const route = mine.kind === 'Gateway' ? other : mine;
  const gateway = mine.kind === 'Gateway' ? mine : other;
  if (gateway.kind !== 'Gateway') return false;
  const known = targetsNamed(route.kind, route.name);
  return known.length === 0 || known.some(({ gateways }) => gateways.includes(gateway.name));
}
