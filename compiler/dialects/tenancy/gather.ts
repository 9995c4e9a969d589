import type { Diagnostic } from '../../diagnostics/diagnostic.ts';
import { report } from '../../diagnostics/report.ts';
import type { Located } from '../../schema/shape.ts';
import type { YamlNode } from '../../source/tree.ts';
import { type Loader, resolveReference } from '../loader.ts';
import { isConfigMap, readConfigMap } from './config-map.ts';
import { type Settings, shape, type TeamDocument, type TenancyDocument, type TierDocument } from './shape.ts';

/** Keys that only one file may say. */
const singular = [
  'platform',
  'platform_default',
  'models',
  'months_as_hours',
  'spend_writer',
  'keys',
  'labels',
  'annotations',
  'model_header',
] as const;

type Singular = (typeof singular)[number];
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** A tier or a team with the place of its name. */
export interface Named<T> {
  readonly name: Located<string>;
  readonly document: Located<T>;
}

/** What the policy's file says together with all that it includes. */
export interface Gathered {
  readonly said: Pick<TenancyDocument, Singular>;
  readonly tiers: ReadonlyMap<string, Named<TierDocument>>;
  readonly teams: ReadonlyMap<string, Named<TeamDocument>>;
  readonly targets: NonNullable<TenancyDocument['targets']>['value'];
  readonly accept: NonNullable<TenancyDocument['accept']>['value'];
  /** True where every file could be read. */
  readonly whole: boolean;
}

/** Joins the documents of a file and of those that it includes; what two of them say is reported. */
export function gather(documents: readonly YamlNode[], loader: Loader, diagnostics: Diagnostic[]): Gathered {
  const said: Partial<Mutable<Gathered['said']>> = {};
  const tiers = new Map<string, Named<TierDocument>>();
  const teams = new Map<string, Named<TeamDocument>>();
  const targets: Mutable<Gathered['targets']>[number][] = [];
  const accept: Mutable<Gathered['accept']>[number][] = [];
  const read = new Set([loader.source.path]);
  let whole = true;

  function readAll(nodes: readonly YamlNode[], current: Loader): void {
    for (const node of nodes) {
      if (isConfigMap(node)) readTemplates(node, current);
      else readDocument(node, current);
    }
  }

  function readTemplates(node: Parameters<typeof readConfigMap>[0], current: Loader): void {
    const before = diagnostics.length;
    const found = readConfigMap(node, current.source, diagnostics);
    // A tier that could not be read is not one that nobody describes.
    whole &&= diagnostics.length === before;
    if (found.platformDefault !== undefined) say('platform_default', found.platformDefault);
    for (const { name, tier } of found.tiers) add(tiers, 'tier', name, tier);
  }

  function readDocument(node: YamlNode, current: Loader): void {
    const before = diagnostics.length;
    const document = shape.decode(node, { diagnostics });
    // What stands under a misspelt key is not missing.
    for (let at = before; at < diagnostics.length; at += 1) whole &&= diagnostics[at]!.code !== 'POL2001';
    if (document === undefined) {
      whole = false;
      return;
    }
    for (const key of singular) {
      const value = document[key];
      if (value !== undefined) say(key, value);
    }
    for (const { key, value } of document.tiers?.value ?? []) add(tiers, 'tier', key, value);
    for (const { key, value } of document.teams?.value ?? []) addTeam(key, value);
    targets.push(...(document.targets?.value ?? []));
    accept.push(...(document.accept?.value ?? []));
    for (const reference of document.include?.value ?? []) include(reference, current);
  }

  function include({ value, span }: Located<string>, current: Loader): void {
    const path = resolveReference(current.source.path, value);
    const loaded = current.loadPolicy(value, span, diagnostics);
    if (loaded?.root === undefined) {
      whole = false;
      return;
    }
    if (path !== undefined && read.has(path)) return;
    read.add(loaded.source.path);
    readAll([loaded.root], current.inside(loaded));
  }

  function say<Key extends Singular>(key: Key, value: NonNullable<TenancyDocument[Key]>): void {
    const earlier = said[key];
    if (earlier === undefined) {
      Object.assign(said, { [key]: value });
      return;
    }
    const related = [{ span: earlier.key ?? earlier.span, label: 'said here too' }];
    diagnostics.push(report('POL2102', value.key ?? value.span, { what: key }, { related }));
  }

  function add<T>(to: Map<string, Named<T>>, noun: string, name: Located<string>, document: Located<T>): boolean {
    const earlier = to.get(name.value);
    if (earlier === undefined) {
      to.set(name.value, { name, document });
      return true;
    }
    const related = [{ span: earlier.name.span, label: 'said here too' }];
    diagnostics.push(report('POL2102', name.span, { what: `${noun} ${name.value}` }, { related }));
    return false;
  }

  function addTeam(name: Located<string>, document: Located<TeamDocument>): void {
    const own = document.value.tier;
    const earlier = teams.get(name.value);
    const other = earlier?.document.value.tier;
    if (own === undefined || other === undefined || own.value === other.value) {
      add(teams, 'team', name, document);
      return;
    }
    const related = [{ span: other.span, label: `of the tier \`${other.value}\` here` }];
    const holes = { team: name.value, tier: own.value, other: other.value };
    diagnostics.push(report('POL5171', own.span, holes, { related }));
  }

  readAll(documents, loader);
  return { said: complete(said), tiers, teams, targets, accept, whole };
}

function complete(said: Partial<Gathered['said']>): Gathered['said'] {
  const { platform, platform_default, models, months_as_hours, spend_writer, keys, labels, annotations } = said;
  const { model_header } = said;
  return { platform, platform_default, models, months_as_hours, spend_writer, keys, labels, annotations, model_header };
}

export type { Settings };
