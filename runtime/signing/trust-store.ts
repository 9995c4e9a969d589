import type { KeyObject } from 'node:crypto';
import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { list, mapping, object, optional, required } from '../../compiler/schema/collections.ts';
import { enumeration, text } from '../../compiler/schema/scalars.ts';
import type { Decoded, Located } from '../../compiler/schema/shape.ts';
import { readYamlData } from '../guardrail/yaml-data.ts';
import { readPublicKey } from './ed25519.ts';
import { type Purpose, purposes } from './signed-text.ts';
import { timeAt } from './time.ts';

/** A public key, whose it is, and for how long and for what it counts. */
export interface TrustedKey {
  readonly id: string;
  readonly authority: string;
  readonly publicKey: KeyObject;
  /** As the trust store has it, in base64. */
  readonly publicText: string;
  /** Milliseconds since 1970; the key counts from `validFrom` and before `validUntil`. */
  readonly validFrom?: number;
  readonly validUntil?: number;
  readonly revoked?: { readonly because: string };
  readonly purposes: readonly Purpose[];
}

/** The keys whose signatures count, by their ids. */
export type TrustStore = ReadonlyMap<string, TrustedKey>;

const keyIdForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

const keyId = text('the id of a key', {
  source: keyIdForm.source.slice(1, -1),
  doc: 'letters, digits, `.`, `-` and `_`, at most 128',
});

const time = text('a time', {
  source: '\\d{4}-[01]\\d-[0-3]\\d(T[0-2]\\d:[0-5]\\d:[0-5]\\d(\\.\\d{1,3})?Z)?',
  doc: 'a date, or an instant in UTC such as 2027-01-31T12:00:00Z',
});

const sentence = text('a sentence');

const trustedKey = {
  public_key: required(
    text('a public key', { source: '[A-Za-z0-9+/]{43}=', doc: 'an ed25519 key: 32 bytes in base64' }),
    'The key that verifies, as `polc keys generate` writes it.',
    '"MCowBQYDK2VwAyEA…="',
  ),
  valid_from: optional(
    time,
    'From when on it counts: from the beginning of a day in UTC, or an instant.',
    '"2026-01-01"',
  ),
  valid_until: optional(time, 'Until when it counts: to the end of a day in UTC, or to an instant.', '"2027-12-31"'),
  revoked: optional(
    object({
      because: required(sentence, 'Why, for whoever meets one of its signatures.', 'the laptop was stolen'),
      at: optional(time, 'When that was, for people to read.', '"2026-11-23"'),
    }),
    'Nothing that it signed counts, whenever that was: who has the key can write any time.',
    '{ because: the laptop was stolen }',
  ),
  purposes: optional(
    list(
      enumeration<Purpose>('what a key is for', {
        template: 'vouches for templates',
        image: 'vouches for images',
        approval: 'approves launches of templates and images',
        invitation: 'invites people to profiles',
      }),
    ),
    'What its signatures count for. Absent: everything.',
    '[template, image]',
  ),
};

/** The shape of the file. */
const trustShape = object({
  authorities: required(
    mapping(
      text('an authority', { source: '[^\\u0000-\\u001f]{1,256}', doc: 'a name on one line' }),
      mapping(keyId, object(trustedKey)),
    ),
    'The keys of each authority by their ids.',
    '{ University IT: { univ-it-2026: { public_key: "…" } } }',
  ),
});

/** Reads a trust store. It counts as a whole: one that has an error has no key. Never throws. */
export function readTrustStore(
  path: string,
  content: Uint8Array | string,
): { readonly trust: TrustStore; readonly diagnostics: readonly Diagnostic[] } {
  const { value, diagnostics } = readYamlData(path, content, trustShape);
  const found = [...diagnostics];
  const trust = new Map<string, TrustedKey>();
  for (const { key: authority, value: keys } of value?.authorities?.value ?? []) {
    for (const { key: id, value: fields } of keys.value) {
      const other = trust.get(id.value);
      if (other !== undefined) {
        found.push(report('POL8350', id.span, { key: id.value, one: other.authority, other: authority.value }));
        continue;
      }
      const key = keyOf(id.value, authority.value, fields, found);
      if (key !== undefined) trust.set(id.value, key);
    }
  }
  const wrong = found.some(({ severity }) => severity === 'error');
  return { trust: wrong ? new Map() : trust, diagnostics: found };
}

function keyOf(
  id: string,
  authority: string,
  { value: fields, span }: Located<Decoded<typeof trustedKey>>,
  found: Diagnostic[],
): TrustedKey | undefined {
  const publicText = fields.public_key?.value;
  const publicKey = publicText === undefined ? undefined : readPublicKey(publicText);
  if (publicText !== undefined && publicKey === undefined) {
    found.push(report('POL8356', fields.public_key?.span ?? span, { key: id }));
  }
  if (publicText === undefined || publicKey === undefined) return undefined;
  const from = timeOf(fields.valid_from, 'start', found);
  const until = timeOf(fields.valid_until, 'end', found);
  const because = fields.revoked === undefined ? undefined : (fields.revoked.value.because?.value ?? '');
  return {
    id,
    authority,
    publicKey,
    publicText,
    ...(from === undefined ? {} : { validFrom: from }),
    ...(until === undefined ? {} : { validUntil: until }),
    ...(because === undefined ? {} : { revoked: { because } }),
    purposes: fields.purposes?.value.map(({ value }) => value) ?? purposes,
  };
}

function timeOf(written: Located<string> | undefined, ofDay: 'start' | 'end', found: Diagnostic[]): number | undefined {
  if (written === undefined) return undefined;
  const at = timeAt(written.value, ofDay);
  if (at === undefined) found.push(report('POL8357', written.span, { time: written.value }));
  return at;
}
