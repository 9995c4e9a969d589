import type { Artifact, BackendName, Validation } from './backends/backend.ts';
import type { JoinedCoverage } from './coverage.ts';
import type { Host } from './host.ts';
import { positionAt, type SourceText } from './source/text.ts';
import { describeTarget, type Target } from './target.ts';
import { version } from './version.ts';

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
  for (const { backend, artifacts } of input.outputs) {
    for (const artifact of artifacts) {
      const path = `${backend}/${artifact.path}`;
      files.push({ path, content: artifact.content, executable: artifact.executable === true });
      listed.push({ path, bytes: byteLength(artifact.content), sha256: host.sha256(artifact.content) });
      if (artifact.sourceMap.length > 0) {
        const map = sourceMapText(artifact, input.sources);
        files.push({ path: `${path}.map`, content: map, executable: false });
        listed.push({ path: `${path}.map`, bytes: byteLength(map), sha256: host.sha256(map) });
      }
    }
  }
  const sources = [...input.contents].map(([path, content]) => ({ path, sha256: host.sha256(content) }));
  const hash = policyHash(input.contents, host);
  const manifest = {
    polc: version,
    policy: input.name,
    dialect: input.dialect,
    hash,
    sources,
    target: describeTarget(input.target),
    artifacts: listed,
    validation: Object.fromEntries(input.outputs.map(({ backend, validation }) => [backend, validation])),
    coverage: input.coverage.map((entry) => ({
      rule: entry.rule,
      topic: entry.topic,
      at: place(entry.span.file, entry.span.start, input.sources),
      ...(entry.by === undefined ? {} : { by: entry.by }),
      status: entry.status,
      backends: entry.answers.map(({ backend, status, enforced, lost }) => ({
        backend,
        status,
        ...(enforced === undefined ? {} : { enforced }),
        ...(lost === undefined ? {} : { lost }),
      })),
      ...(entry.accepted === undefined ? {} : { accepted: entry.accepted }),
    })),
  };
  files.push({ path: 'manifest.json', content: `${JSON.stringify(manifest, undefined, 2)}\n`, executable: false });
  files.sort((left, right) => (left.path < right.path ? -1 : 1));
  return { files, hash };
}

/** With one file, the digest of its bytes; with more, the digest of their paths and digests. */
export function policyHash(contents: ReadonlyMap<string, Uint8Array | string>, host: Host): string {
  const digests = [...contents].map(([path, content]) => ({ path, digest: host.sha256(content) }));
  if (digests.length === 1) return digests[0]!.digest;
  return host.sha256(digests.map(({ path, digest }) => `${digest}  ${path}\n`).join(''));
}

function sourceMapText(artifact: Artifact, sources: ReadonlyMap<string, SourceText>): string {
  const entries = artifact.sourceMap.map(({ at, rule, span }) => ({
    at,
    rule,
    source: place(span.file, span.start, sources),
  }));
  return `${JSON.stringify({ artifact: artifact.path, entries }, undefined, 1)}\n`;
}

/** `file:line:column`, from 1. */
function place(file: string, offset: number, sources: ReadonlyMap<string, SourceText>): string {
  const source = sources.get(file);
  if (source === undefined) return file;
  const { line, column } = positionAt(source, offset);
  return `${file}:${line + 1}:${column + 1}`;
}

const encoder = new TextEncoder();

function byteLength(content: Uint8Array | string): number {
  return typeof content === 'string' ? encoder.encode(content).length : content.length;
}
