import type { Artifact, BackendName, Validation } from './backends/backend.ts';
import type { JoinedCoverage } from './coverage.ts';
import type { Host } from './host.ts';
import { manifestText } from './manifest.ts';
import type { Span } from './source/span.ts';
import { positionAt, type SourceText } from './source/text.ts';
import { describeTarget, type Platform, type Target } from './target.ts';
import { version } from './version.ts';

/** Where each part of each artifact comes from. */
const sourceMapName = 'source-map.json';

/** One file of a bundle, below `DIR/<policy>/`. */
export interface BundleFile {
  readonly path: string;
  readonly content: Uint8Array | string;
  readonly executable: boolean;
}

export interface BackendOutput {
  readonly backend: BackendName;
  readonly artifacts: readonly Artifact[];
  readonly validation: Validation;
  readonly summary: string;
}

export interface BundleInput {
  readonly name: string;
  readonly dialect: string;
  readonly target: Target;
  /** What the policy's dialect is for: the manifest tells that part of the target. */
  readonly platforms: readonly Platform[];
  readonly outputs: readonly BackendOutput[];
  readonly coverage: readonly JoinedCoverage[];
  readonly sources: ReadonlyMap<string, SourceText>;
  /** Every file that was read, the policy first. */
  readonly contents: ReadonlyMap<string, Uint8Array | string>;
}

export interface Bundle {
  readonly files: readonly BundleFile[];
  /** The SHA-256 digest of the policy's bytes with everything that they pull in. */
  readonly hash: string;
}

/** The files of a bundle with its manifest. The same input gives the same bytes: no clock, no host name, sorted paths. */
export function bundle(input: BundleInput, host: Host): Bundle {
  const files: BundleFile[] = [];
  const listed: unknown[] = [];
  const add = (path: string, content: Uint8Array | string, executable: boolean, digest: Digest) => {
    files.push({ path, content, executable });
    listed.push({ path, ...digest });
  };
  for (const { backend, artifacts } of input.outputs) {
    for (const artifact of artifacts) {
      const { path, content, executable } = artifact;
      add(`${backend}/${path}`, content, executable === true, artifactDigest(artifact, host));
    }
  }
  const place = placesIn(input.sources);
  const sourceMap = sourceMapText(input.outputs, place);
  add(sourceMapName, sourceMap, false, digestOf(sourceMap, host));
  const sources = digestsOf(input.contents, host);
  const hash = hashOf(sources, host);
  const head = {
    polc: version,
    policy: input.name,
    dialect: input.dialect,
    hash,
    sources,
    target: describeTarget(input.target, new Set(input.platforms)),
    artifacts: listed,
    validation: Object.fromEntries(input.outputs.map(({ backend, validation }) => [backend, validation])),
  };
  files.push({ path: 'manifest.json', content: manifestText(head, input.coverage, place), executable: false });
  files.sort((left, right) => (left.path < right.path ? -1 : 1));
  return { files, hash };
}

type Digests = readonly { readonly path: string; readonly sha256: string }[];

function digestsOf(contents: BundleInput['contents'], host: Pick<Host, 'sha256'>): Digests {
  return [...contents].map(([path, content]) => ({ path, sha256: host.sha256(content) }));
}

/** The hash that the bundle of a policy names, from every file that was read, the policy first. */
export function policyHash(contents: BundleInput['contents'], host: Pick<Host, 'sha256'>): string {
  return hashOf(digestsOf(contents, host), host);
}

interface Digest {
  /** How long the file is. */
  readonly bytes: number;
  /** In lower-case hexadecimal. */
  readonly sha256: string;
}

/** Of the artifacts that were in a bundle: they never change, and a compiler with a memory has them again. */
const digests = new WeakMap<Artifact, Digest>();

function artifactDigest(artifact: Artifact, host: Host): Digest {
  const known = digests.get(artifact) ?? digestOf(artifact.content, host);
  digests.set(artifact, known);
  return known;
}

function digestOf(content: Uint8Array | string, host: Host): Digest {
  const bytes = typeof content === 'string' ? encoder.encode(content) : content;
  return { bytes: bytes.length, sha256: host.sha256(bytes) };
}

/** With one file, the digest of its bytes; with more, the digest of their paths and digests. */
function hashOf(sources: Digests, host: Pick<Host, 'sha256'>): string {
  if (sources.length === 1) return sources[0]!.sha256;
  return host.sha256(sources.map(({ path, sha256 }) => `${sha256}  ${path}\n`).join(''));
}

/**
 * The source maps of all artifacts in one file, since a small file costs as much to write as a larger one. By artifact,
 * one line an entry: the place in the artifact, the rule, and `file:line:column` in the policy.
 */
function sourceMapText(outputs: readonly BackendOutput[], place: (span: Span) => string): string {
  const maps: string[] = [];
  for (const { backend, artifacts } of outputs) {
    for (const { path, sourceMap } of artifacts) {
      if (sourceMap.length === 0) continue;
      let entries = '';
      for (const { at, rule, span } of sourceMap) {
        const start = `${entries === '' ? '' : ',\n'}  [${typeof at === 'number' ? at : JSON.stringify(at)}`;
        entries += `${start},${JSON.stringify(rule)},${place(span)}]`;
      }
      maps.push(` ${JSON.stringify(`${backend}/${path}`)}: [\n${entries}\n ]`);
    }
  }
  return `{\n${maps.join(',\n')}\n}\n`;
}

/** `file:line:column` of where a span starts, from 1, as JSON writes it. Few spans are asked for many times. */
function placesIn(sources: ReadonlyMap<string, SourceText>): (span: Span) => string {
  const known = new Map<Span, string>();
  return (span) => {
    const before = known.get(span);
    if (before !== undefined) return before;
    const source = sources.get(span.file);
    let text = span.file;
    if (source !== undefined) {
      const { line, column } = positionAt(source, span.start);
      text = `${span.file}:${line + 1}:${column + 1}`;
    }
    const place = JSON.stringify(text);
    known.set(span, place);
    return place;
  };
}

const encoder = new TextEncoder();
