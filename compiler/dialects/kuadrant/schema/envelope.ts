import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { nearest } from '../../../diagnostics/suggest.ts';
import { kindOf } from '../../../schema/node-kind.ts';
import { replaceWith, shorten } from '../../../schema/scalars.ts';
import type { ScalarNode, YamlNode } from '../../../source/tree.ts';
import { type KindSchema, kindSchemas, schemaOfKind } from '../../../tables/kuadrant-schemas.ts';
import { entriesOf, fieldOf, isTemplated, type Resource } from '../resource.ts';
import { checkValue, type SchemaRun } from './check.ts';

/** The groups whose kinds are this dialect's. */
const ownGroups = new Set(['kuadrant.io', 'extensions.kuadrant.io']);

/** Kinds of Kuadrant that this dialect leaves alone. Source: the operator's and its extensions' CustomResourceDefinitions. */
const otherKinds = new Set([
  'Kuadrant',
  'DNSPolicy',
  'DNSRecord',
  'DNSHealthCheckProbe',
  'TLSPolicy',
  'OIDCPolicy',
  'TelemetryPolicy',
  'ThreatPolicy',
  'PipelinePolicy',
]);

/**
 * Checks a resource of Kuadrant: version, metadata and the whole `spec`. Gives its schema; undefined where the resource
 * is none that is checked here.
 */
export function checkResource(resource: Resource, run: SchemaRun): KindSchema | undefined {
  if (!ownGroups.has(resource.group)) return undefined;
  const { node, kind } = resource;
  const schema = schemaOfKind(kind);
  if (schema === undefined) {
    if (!otherKinds.has(kind)) reportUnknownKind(resource, run.diagnostics);
    return undefined;
  }
  if (!checkVersion(resource, schema, run.diagnostics)) return undefined;
  checkMetadata(resource, run.diagnostics);
  for (const { key } of node.entries) {
    if (topLevel.has(key.text)) continue;
    const meant = nearest(key.text, topLevel);
    run.diagnostics.push(
      report(
        'POL2001',
        key.span,
        { key: shorten(key.text), known: [...topLevel].map((name) => `\`${name}\``).join(', ') },
        meant === undefined ? {} : replaceWith(key, meant),
      ),
    );
  }
  const spec = fieldOf(node, 'spec');
  if (spec === undefined) reportMissing(node, 'spec', 'the resource', 'spec: …', run.diagnostics);
  else checkValue(spec, schema.spec, [], run);
  return schema;
}

const topLevel = new Set(['apiVersion', 'kind', 'metadata', 'spec', 'status']);

function reportMissing(node: YamlNode, key: string, place: string, example: string, diagnostics: Diagnostic[]): void {
  const at = entriesOf(node)[0]?.key.span ?? node.span;
  diagnostics.push(report('POL2070', at, { key, place, example }));
}

function reportUnknownKind({ node, kind, group }: Resource, diagnostics: Diagnostic[]): void {
  const at = fieldOf(node, 'kind');
  if (at?.kind !== 'scalar') {
    reportMissing(node, 'kind', 'the resource', 'kind: RateLimitPolicy', diagnostics);
    return;
  }
  const known = kindSchemas().map((each) => each.kind);
  const meant = nearest(kind, [...known, ...otherKinds]);
  diagnostics.push(report('POL2084', at.span, { kind: shorten(kind), group }, replaceWith(at, meant)));
}

/** Versions that were served once, whose fields `polc migrate` knows. */
const oldVersions = new Set(['kuadrant.io/v1beta1', 'kuadrant.io/v1beta2', 'kuadrant.io/v1beta3']);

/** False where the resource is of another version, whose fields are not those of the table. */
function checkVersion({ node, apiVersion, kind }: Resource, schema: KindSchema, diagnostics: Diagnostic[]): boolean {
  if (apiVersion === schema.apiVersion) return true;
  const at = fieldOf(node, 'apiVersion');
  if (at?.kind !== 'scalar') return false;
  const old = oldVersions.has(apiVersion);
  diagnostics.push(
    report(
      'POL2083',
      at.span,
      { version: shorten(apiVersion), kind, now: schema.apiVersion },
      {
        ...(old ? { help: `\`polc migrate\` rewrites the file to \`${schema.apiVersion}\`` } : {}),
        fixes: [
          {
            title: `change to \`${schema.apiVersion}\``,
            certain: !old,
            edits: [{ span: at.span, newText: schema.apiVersion }],
          },
        ],
      },
    ),
  );
  return false;
}

/** What a client writes, and what the server adds. Source: Kubernetes API, ObjectMeta v1. */
const metadataFields = new Set([
  'name',
  'generateName',
  'namespace',
  'labels',
  'annotations',
  'finalizers',
  'ownerReferences',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
]);

function checkMetadata({ node, name }: Resource, diagnostics: Diagnostic[]): void {
  const metadata = fieldOf(node, 'metadata');
  if (metadata?.kind !== 'map') {
    if (metadata === undefined)
      reportMissing(node, 'metadata', 'the resource', 'metadata: { name: limits }', diagnostics);
    else diagnostics.push(report('POL2004', metadata.span, { expected: 'a map', found: kindOf(metadata) }));
    return;
  }
  for (const { key, value } of metadata.entries) {
    if (!metadataFields.has(key.text)) {
      const meant = nearest(key.text, metadataFields);
      diagnostics.push(
        report(
          'POL2001',
          key.span,
          { key: shorten(key.text), known: '`name`, `namespace`, `labels`, `annotations`' },
          meant === undefined ? {} : replaceWith(key, meant),
        ),
      );
    } else if (key.text === 'labels' || key.text === 'annotations') {
      checkTexts(value, key.text, diagnostics);
    }
  }
  const named = fieldOf(metadata, 'name');
  if (named === undefined) {
    if (fieldOf(metadata, 'generateName') !== undefined) return;
    reportMissing(metadata, 'name', 'metadata', 'name: limits', diagnostics);
  } else if (named.kind === 'scalar') {
    checkName(named, name, diagnostics);
  }
}

/** The name of an object: a DNS subdomain (RFC 1123). */
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

function checkName(node: ScalarNode, name: string, diagnostics: Diagnostic[]): void {
  if (isTemplated(name)) return;
  if (typeof node.value !== 'string') {
    diagnostics.push(report('POL2004', node.span, { expected: 'text', found: kindOf(node) }));
    return;
  }
  if (subdomain.test(name) && name.length <= 253) return;
  const better = name
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[-.]+|[-.]+$/g, '');
  diagnostics.push(
    report(
      'POL2082',
      node.span,
      { name: shorten(name) },
      subdomain.test(better) && better.length <= 253
        ? {
            help: `write \`${shorten(better)}\``,
            fixes: [
              { title: `change to \`${better}\``, certain: false, edits: [{ span: node.span, newText: better }] },
            ],
          }
        : {},
    ),
  );
}

/** Labels and annotations are texts; an unquoted number or truth value is refused by the API server. */
function checkTexts(node: YamlNode, what: string, diagnostics: Diagnostic[]): void {
  if (node.kind !== 'map') {
    if (node.kind === 'scalar' && node.value === null) return;
    diagnostics.push(report('POL2004', node.span, { expected: 'a map', found: kindOf(node) }));
    return;
  }
  for (const { key, value } of node.entries) {
    if (value.kind === 'scalar' && typeof value.value === 'string') {
      if (
        what === 'labels' &&
        !isTemplated(value.text) &&
        !/^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/.test(value.text)
      ) {
        const noun = `a value of the label \`${shorten(key.text)}\``;
        const expected = 'at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends';
        diagnostics.push(report('POL2006', value.span, { value: shorten(value.text), noun, expected }));
      }
      continue;
    }
    if (value.kind === 'scalar' && value.value !== null && value.style === 'plain') {
      const quoted = JSON.stringify(value.text);
      diagnostics.push(
        report(
          'POL2004',
          value.span,
          { expected: 'text', found: kindOf(value) },
          {
            help: `quote it to make it text: \`${quoted}\``,
            fixes: [{ title: 'add quotes', certain: true, edits: [{ span: value.span, newText: quoted }] }],
          },
        ),
      );
    } else if (!(value.kind === 'scalar' && value.value === null)) {
      diagnostics.push(report('POL2004', value.span, { expected: 'text', found: kindOf(value) }));
    }
  }
}
