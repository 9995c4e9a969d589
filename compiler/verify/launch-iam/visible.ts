import { keys, requestTag } from '../../backends/launch-iam/format.ts';
import type { Value } from '../../expressions/predicate.ts';
import { readableValue } from '../../images/tag-names.ts';
import { classificationRank, classifications } from '../../ir/launch-facts.ts';

/** The resource of a launch on which IAM sees an attribute, and how it spells the values there. */
export interface Visible {
  readonly place: 'image' | 'instance' | 'volume';
  /** In lower case. */
  readonly key: string;
  /** What IAM sees of a value of the policy. */
  spelled(value: Value): string | undefined;
  /** What the policy knows of what IAM sees; undefined where that says nothing. */
  known(value: string): Value | undefined;
}

/** What IAM sees of an attribute of a launch; undefined where that is nothing. */
export function visible(attribute: string, sha256: (content: string) => string): Visible | undefined {
  switch (attribute) {
    case 'template':
      // A pattern is no name, and is as it is: values of both sides are tried.
      return { ...text('image', keys.template), spelled: (value) => readableValue(String(value), sha256), known: name };
    case 'launched':
      return text('image', keys.image);
    case 'owner':
      return text('image', keys.owner);
    case 'classification':
      return {
        ...text('image', keys.classification),
        spelled: (value) => (typeof value === 'bigint' ? classifications[Number(value)] : undefined),
        known: (value) => classificationRank(classifications.find((each) => each === value)),
      };
    case 'instance_type':
      return text('instance', keys.instanceType);
    case 'region':
      return text('instance', keys.region);
    case 'encrypted':
      return { ...text('volume', keys.encrypted), known: (value) => value === 'true' };
    default:
      return attribute.startsWith('tag:') ? text('instance', requestTag(attribute.slice(4))) : undefined;
  }
}

function text(place: Visible['place'], key: string): Visible {
  return { place, key: key.toLowerCase(), spelled: String, known: (value) => value };
}

/** Reads `readableValue` back: each `=HH` is a byte of UTF-8. */
function name(value: string): string | undefined {
  if (!value.includes('=')) return value;
  const bytes: number[] = [];
  for (let at = 0; at < value.length; at += 1) {
    if (value[at] !== '=') {
      bytes.push(value.charCodeAt(at));
      continue;
    }
    const digits = value.slice(at + 1, at + 3);
    if (!/^[0-9A-F]{2}$/.test(digits)) return undefined;
    bytes.push(Number.parseInt(digits, 16));
    at += 2;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array(bytes));
  } catch {
    return undefined;
  }
}
