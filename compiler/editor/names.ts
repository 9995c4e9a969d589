import { resolveReference } from '../dialects/loader.ts';
import type { Span } from '../source/span.ts';
import type { MapEntry, ScalarNode, YamlNode } from '../source/tree.ts';
import type { EditorDocument } from './document.ts';
import { objectNames } from './names-objects.ts';

export type NameKind = 'policy' | 'template' | 'profile' | 'tier' | 'team' | 'model' | 'object';

/** A name that a file gives to something. */
export interface Declaration {
  readonly kind: NameKind;
  readonly name: string;
  /** The name itself. */
  readonly span: Span;
  /** All that is said under it. */
  readonly whole: Span;
  /** The key that it stands under, or that it is: `slug`. */
  readonly key: string;
  /** Of an object of Kubernetes: its kind. */
  readonly of?: string;
}

/** A place that names something that is said elsewhere. */
export interface Reference {
  readonly kind: NameKind | 'file';
  readonly name: string;
  readonly span: Span;
  /** Of a file: its path, whether it is there or not. */
  readonly path?: string;
  /** Of an object of Kubernetes: its kind. */
  readonly of?: string;
}

export interface Names {
  readonly declarations: readonly Declaration[];
  readonly references: readonly Reference[];
}

interface NamePlace {
  /** Keys from the root; `*` is every key of a map and every item of a list. */
  readonly way: string;
  /** Whether the name is the last key of the way, or the value there. */
  readonly of: 'key' | 'value';
  readonly says: 'declares' | 'refers';
  readonly kind: Reference['kind'];
}

function declares(kind: NameKind, way: string, of: NamePlace['of'] = 'value'): NamePlace {
  return { way, of, says: 'declares', kind };
}

function refers(kind: Reference['kind'], ...ways: readonly string[]): readonly NamePlace[] {
  return ways.map((way) => ({ way, of: 'value', says: 'refers', kind }));
}

function refersByKey(kind: Reference['kind'], ...ways: readonly string[]): readonly NamePlace[] {
  return ways.map((way) => ({ way, of: 'key', says: 'refers', kind }));
}

/** Where the settings of a tenancy stand. */
const settings = ['platform_default', 'tiers.*', 'teams.*.overrides', 'teams.*.users.*.overrides'];

/** The lists of templates that each part of a governance policy may have. */
const templateLists = ['allowed_templates', 'template_whitelist', 'denied_templates', 'template_blacklist'];

/** Where each dialect has names that other places, or other files, speak of. */
const places: Readonly<Record<string, readonly NamePlace[]>> = {
  sandbox: [declares('policy', 'profile'), ...refers('file', 'extends', 'extends.*', 'security.bpf_lsm.*')],
  guardrail: [declares('policy', 'policy_id'), ...refers('file', 'extends', 'tests.*.event')],
  template: [
    declares('template', 'slug'),
    declares('template', 'name'),
    ...refers('template', 'inherits.*', 'policy_metadata.source_template'),
    ...refers('profile', 'policy_metadata.allowed_profiles.*'),
  ],
  governance: [
    declares('policy', 'institution.name'),
    declares('profile', 'profile.name'),
    declares('policy', 'invitation.name'),
    ...refers('file', 'institution', 'profile'),
    ...refers(
      'template',
      ...['institution', 'profile', 'invitation'].flatMap((part) => templateLists.map((list) => `${part}.${list}.*`)),
      'institution.template_lifecycle.deprecated.*',
      'institution.template_lifecycle.retired.*',
      'tests.*.launch.template',
    ),
  ],
  tenancy: [
    declares('policy', 'platform'),
    declares('model', 'models.*'),
    declares('tier', 'tiers.*', 'key'),
    declares('team', 'teams.*', 'key'),
    ...refers('file', 'include.*'),
    ...refers('tier', 'tiers.*.extends', 'teams.*.tier', 'tests.*.request.tier'),
    ...refers('team', 'tests.*.request.team'),
    ...refers('model', ...settings.map((way) => `${way}.models_allowed.*`), 'tests.*.request.model'),
    ...refersByKey('model', ...settings.map((way) => `${way}.per_model.*`)),
  ],
};

/** The names that a document gives and uses, as far as it can be read; those of one way together. */
export function namesIn({ source, documents, dialect }: EditorDocument): Names {
  if (dialect?.name === 'kuadrant') return objectNames(documents.flatMap(({ root }) => root ?? []));
  const own = places[dialect?.name ?? ''] ?? [];
  const ways = waysOf(own);
  const found: readonly Found[][] = own.map(() => []);
  for (const { root } of documents) if (root !== undefined) collect(root, undefined, ways, found);
  const declarations: Declaration[] = [];
  const references: Reference[] = [];
  for (const [index, { of, says, kind }] of own.entries()) {
    for (const { node, entry } of found[index]!) {
      const scalar: YamlNode | undefined = of === 'key' ? entry?.key : node;
      if (scalar?.kind !== 'scalar' || scalar.style === 'missing' || scalar.text === '') continue;
      const { text: name, span } = scalar;
      if (says === 'refers') references.push(reference(kind, scalar, source.path));
      else if (kind !== 'file') {
        declarations.push({ kind, name, span, whole: entry?.span ?? span, key: entry?.key.text ?? name });
      }
    }
  }
  return { declarations, references };
}

/**
 * What the value at a path, or its key, would refer to; undefined where it names nothing.
 *
 * @param path keys and indices from the root, that of the value last
 */
export function referredAt(
  dialect: string,
  path: readonly (string | number)[],
  named: 'key' | 'value',
): Reference['kind'] | undefined {
  const found = (places[dialect] ?? []).find(({ way, of, says }) => {
    if (says !== 'refers' || of !== named) return false;
    const steps = way.split('.');
    return steps.length === path.length && steps.every((step, at) => step === '*' || step === path[at]);
  });
  return found?.kind;
}

function reference(kind: Reference['kind'], { text: name, span }: ScalarNode, from: string): Reference {
  // A template may be named by its file.
  const isFile = kind === 'file' || (kind === 'template' && /\.ya?ml$/.test(name));
  const path = isFile ? resolveReference(from, name) : undefined;
  return { kind: isFile ? 'file' : kind, name, span, ...(path === undefined ? {} : { path }) };
}

interface Found {
  readonly node: YamlNode;
  /** The entry that it is the value of. */
  readonly entry: MapEntry | undefined;
}

/** All ways of a dialect together, so that a long list is gone over once. */
interface Ways {
  readonly under: Map<string, Ways>;
  /** Below every key of a map and every item of a list. */
  each: Ways | undefined;
  /** The numbers of the places that end here. */
  readonly here: number[];
}

function waysOf(own: readonly NamePlace[]): Ways {
  const root: Ways = { under: new Map(), each: undefined, here: [] };
  for (const [index, { way }] of own.entries()) {
    let at = root;
    for (const step of way.split('.')) {
      const next = (step === '*' ? at.each : at.under.get(step)) ?? { under: new Map(), each: undefined, here: [] };
      if (step === '*') at.each = next;
      else at.under.set(step, next);
      at = next;
    }
    at.here.push(index);
  }
  return root;
}

function collect(
  node: YamlNode,
  entry: MapEntry | undefined,
  { under, each, here }: Ways,
  found: readonly Found[][],
): void {
  for (const index of here) found[index]!.push({ node, entry });
  if (node.kind === 'map') {
    if (under.size === 0 && each === undefined) return;
    for (const inner of node.entries) {
      const next = under.get(inner.key.text);
      if (next !== undefined) collect(inner.value, inner, next, found);
      if (each !== undefined) collect(inner.value, inner, each, found);
    }
  } else if (node.kind === 'sequence' && each !== undefined) {
    for (const item of node.items) collect(item, undefined, each, found);
  }
}
