import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { isObject, jsonValue } from '../../json.ts';
import type { CostEvent } from '../cost-event.ts';

/** `/polc/guardrail/approval/ID` holds one request each. */
export const requestFolder = '/polc/guardrail/approval';
/** `/polc/guardrail/used/ID` says what an approval was used for. */
export const usedFolder = '/polc/guardrail/used';

/** Bytes of a standard parameter. Source: "Managing parameter tiers", AWS Systems Manager user guide. */
export const parameterLimit = 4096;

/** What a person is asked. The plan is made again from the policy and the event when it is approved. */
export interface ApprovalRequest {
  readonly policy: string;
  /** `planDigest` of the plan. */
  readonly plan: string;
  readonly breach: string;
  /** Milliseconds since 1970. */
  readonly expires: number;
  /** The message has reached Slack. */
  readonly told: boolean;
  /** Without places, and with only as many causes and tags as fit. */
  readonly event: CostEvent;
}

/** What became of an approval. */
export interface UsedApproval {
  /** `replace`: another request was put in its place. */
  readonly choice: 'approve' | 'reject' | 'replace';
  readonly breach: string;
  readonly plan: string;
  readonly by: string;
  readonly at: string;
  /** False where it was approved and the response is not carried out yet: the same approval goes on with it. */
  readonly done: boolean;
  /** Milliseconds since 1970: from then on the approval has run out anyway. */
  readonly expires: number;
}

/** The request as text; its size in bytes where it does not fit into a parameter even without causes. */
export function requestText(request: ApprovalRequest): string | { readonly size: number } {
  const { causes, tags } = request.event;
  const whole = encode(request, causes.length, true);
  if (whole.length <= parameterLimit) return whole;
  // Causes and tags are for people; what the plan is made of is the rest.
  for (let kept = Math.min(causes.length, 32); kept > 0 || tags.size > 0; kept >>= 1) {
    const text = encode(request, kept, false);
    if (text.length <= parameterLimit) return text;
    if (kept === 0) break;
  }
  const least = encode(request, 0, false);
  return least.length <= parameterLimit ? least : { size: least.length };
}

/** All ASCII: as many bytes as characters. */
function encode({ event, ...head }: ApprovalRequest, causes: number, withTags: boolean): string {
  const { places, rateChange, tags, ...plain } = event;
  const content = JSON.stringify({
    ...head,
    event: {
      ...plain,
      causes: event.causes.slice(0, causes),
      tags: withTags ? [...tags] : [],
      ...(rateChange === undefined || !Number.isFinite(rateChange) ? {} : { rateChange }),
    },
  });
  return `polc1 ${deflateRawSync(content).toString('base64')}`;
}

/** Reads a request back; undefined where it is none. Only who may write parameters could have made one. */
export function readRequest(text: string): ApprovalRequest | undefined {
  if (!text.startsWith('polc1 ')) return undefined;
  try {
    const bytes = inflateRawSync(Buffer.from(text.slice(6), 'base64'), { maxOutputLength: 1 << 20 });
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isRequest(value)
      ? { ...value, event: { ...value.event, tags: new Map(value.event.tags), places: new Map() } }
      : undefined;
  } catch {
    return undefined;
  }
}

type StoredRequest = Omit<ApprovalRequest, 'event'> & {
  readonly event: Omit<CostEvent, 'tags' | 'places'> & { readonly tags: readonly (readonly [string, string])[] };
};

function isRequest(value: unknown): value is StoredRequest {
  return (
    hasFields(value, { policy: 'string', plan: 'string', breach: 'string', expires: 'number', told: 'boolean' }) &&
    hasFields(value.event, {
      id: 'string',
      source: 'string',
      account: 'string',
      amount: 'number',
      forecast: 'boolean',
      subject: 'string',
      period: 'string',
    }) &&
    Array.isArray(value.event.causes) &&
    Array.isArray(value.event.tags)
  );
}

export function usedText({ choice, breach, plan, by, at, done, expires }: UsedApproval): string {
  return JSON.stringify({ choice, breach, plan, by: by.slice(0, 200), at, done, expires });
}

export function readUsed(text: string): UsedApproval | undefined {
  const value = jsonValue(text);
  return isUsed(value) ? value : undefined;
}

function isUsed(value: unknown): value is UsedApproval {
  return (
    hasFields(value, {
      breach: 'string',
      plan: 'string',
      by: 'string',
      at: 'string',
      done: 'boolean',
      expires: 'number',
    }) &&
    (value.choice === 'approve' || value.choice === 'reject' || value.choice === 'replace')
  );
}

function hasFields(
  fields: unknown,
  types: Readonly<Record<string, 'string' | 'number' | 'boolean'>>,
): fields is Readonly<Record<string, unknown>> {
  if (!isObject(fields)) return false;
  return Object.entries(types).every(([name, type]) => typeof fields[name] === type);
}
