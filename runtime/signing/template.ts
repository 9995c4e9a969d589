import type { KeyObject } from 'node:crypto';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { createLoader, type LoadedFiles } from '../../compiler/dialects/loader.ts';
import { inherit, type Layer } from '../../compiler/dialects/template/inherit.ts';
import type { Host } from '../../compiler/host.ts';
import { canonicalJson } from '../../compiler/images/canonical-json.ts';
import { decode } from '../../compiler/source/decode.ts';
import { parseYaml } from '../../compiler/source/parse-yaml.ts';
import type { Span } from '../../compiler/source/span.ts';
import type { SourceText } from '../../compiler/source/text.ts';
import { sign } from './ed25519.ts';
import { signedText } from './signed-text.ts';
import { type TemplateContent, templateContent } from './template-content.ts';
import { instant } from './time.ts';
import type { TrustStore } from './trust-store.ts';
import { checkSignature, type Verdict } from './verdict.ts';

/** The block `signature` of a template, in its keys. */
export interface SignatureBlock {
  readonly authority: string;
  readonly public_key_id: string;
  readonly signature: string;
  /** RFC 3339. */
  readonly signed_at: string;
}

/** A template as it is signed and verified. */
export interface SignedTemplate {
  /** By which launches and lists call it. */
  readonly name: string;
  readonly version?: string;
  readonly source: SourceText;
  readonly content: TemplateContent;
  /** The digests of what it inherits, each before what inherits it: what they say is signed with it. */
  readonly inherited: readonly string[];
  /** The SHA-256 of all that, in hexadecimal: what an approval approves. */
  readonly digest: string;
  readonly signature?: SignatureBlock;
  /** Where the signature stands, or the template begins. */
  readonly span: Span;
}

export interface TemplateReading {
  /** Undefined where there is an error. */
  readonly template: SignedTemplate | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a template with all that it inherits, through the host. Its meaning beyond the shape is not checked: a template
 * whose base image polc does not know can be signed, and not launched.
 *
 * @param workspace the folder that references may not leave; default: that of the template
 */
export function readSignedTemplate(
  path: string,
  bytes: Uint8Array | string,
  host: Host,
  workspace: string = path.split('/').slice(0, -1).join('/'),
): TemplateReading {
  const { source, diagnostic } = decode(path, bytes);
  if (diagnostic !== undefined) return { template: undefined, diagnostics: [diagnostic] };
  const parsed = parseYaml(source);
  const diagnostics = [...parsed.diagnostics];
  const { root } = parsed;
  if (root === undefined || hasErrors(diagnostics)) return { template: undefined, diagnostics };
  const files: LoadedFiles = { sources: new Map(), contents: new Map([[path, bytes]]) };
  const { layers, whole } = inherit(root, createLoader(host, source, workspace, files), diagnostics);
  const own = layers.at(-1);
  if (!whole || own === undefined || hasErrors(diagnostics)) return { template: undefined, diagnostics };
  const contents = layers.map(contentOf);
  const content = contents.at(-1);
  const inherited = contents.slice(0, -1).map((each) => host.sha256(textOf(each)));
  const { signature, version } = own.document;
  const span = signature?.span ?? { file: path, start: 0, end: 0 };
  if (content === undefined || contents.includes(undefined)) {
    diagnostics.push(report('POL8343', span, { path, reason: 'a number in it has no form in JSON' }));
    return { template: undefined, diagnostics };
  }
  const { authority, public_key_id: key, signature: written, signed_at: at } = signature?.value ?? {};
  const block =
    authority === undefined || key === undefined || written === undefined || at === undefined
      ? undefined
      : { authority: authority.value, public_key_id: key.value, signature: written.value, signed_at: at.value };
  const template = {
    name: own.name,
    ...(version === undefined ? {} : { version: version.value }),
    source,
    content,
    inherited,
    digest: host.sha256([textOf(content), ...inherited].join('\n')),
    ...(block === undefined ? {} : { signature: block }),
    span,
  };
  return { template, diagnostics };
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === 'error');
}

function contentOf({ source }: Layer): TemplateContent | undefined {
  const { root } = parseYaml(source);
  return root === undefined ? undefined : templateContent(root);
}

function textOf(content: TemplateContent | undefined): string {
  return content === undefined ? '' : (canonicalJson(content) ?? '');
}

/**
 * What the signature of a template signs: the canonical JSON of the template with the authority, the id of the key and the
 * time of signing in its block `signature`, and a line for each template that it inherits.
 */
function templateText(
  { content, inherited }: SignedTemplate,
  block: Omit<SignatureBlock, 'signature'>,
): Uint8Array | undefined {
  const { authority, public_key_id, signed_at } = block;
  return signedText(
    'template',
    { ...content, signature: { authority, public_key_id, signed_at } },
    inherited.map((digest) => `inherits sha256:${digest}`),
  );
}

/**
 * Signs a template.
 *
 * @param now milliseconds since 1970, to the second
 */
export function signTemplate(
  template: SignedTemplate,
  by: { readonly authority: string; readonly keyId: string; readonly key: KeyObject },
  now: number,
): SignatureBlock | undefined {
  const signed_at = instant(Math.floor(now / 1000) * 1000);
  const block = { authority: by.authority, public_key_id: by.keyId, signed_at };
  const bytes = templateText(template, block);
  return bytes === undefined ? undefined : { ...block, signature: sign(bytes, by.key, 'base64') };
}

/** Whether the signature of a template counts now. */
export function verifyTemplate(template: SignedTemplate, trust: TrustStore, now: number): Verdict {
  const { signature: block } = template;
  if (block === undefined) return { signature: 'absent' };
  const found = {
    authority: block.authority,
    keyId: block.public_key_id,
    signedAt: block.signed_at,
    signature: block.signature,
    encoding: 'base64',
  } as const;
  return checkSignature('template', found, () => templateText(template, block), trust, now);
}
