import type { JsonObject } from './json.ts';
import type { ResourceKind } from './kinds.ts';

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

interface Details {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly Cause[];
  readonly retryAfterSeconds?: number;
}

/** What the API server answers instead of an object: a `Status`. */
export class ApiFailure extends Error {
  /** The HTTP status. */
  readonly code: number;
  /** '' where the API server gives none. */
  readonly reason: string;
  readonly details: Details;

  constructor(code: number, reason: string, message: string, details: Details = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  /** The body of the answer. */
  get status(): JsonObject {
    const { causes, ...rest } = this.details;
    const listed = causes?.map((cause): JsonObject => ({ ...cause }));
    const details: JsonObject = { ...rest, ...(listed === undefined ? {} : { causes: listed }) };
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason === '' ? {} : { reason: this.reason }),
      ...(Object.keys(details).length === 0 ? {} : { details }),
      code: this.code,
    };
  }
}

/** The names of a kind in a Status: its `kind` is the resource. */
function detailsOf({ group, plural }: ResourceKind, name: string): Details {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: plural };
}

export function notFound(kind: ResourceKind, name: string): ApiFailure {
  return new ApiFailure(404, 'NotFound', `${fullName(kind)} "${name}" not found`, detailsOf(kind, name));
}

export function alreadyExists(kind: ResourceKind, name: string): ApiFailure {
  return new ApiFailure(409, 'AlreadyExists', `${fullName(kind)} "${name}" already exists`, detailsOf(kind, name));
}

export function conflict(kind: ResourceKind, name: string, why: string): ApiFailure {
  const message = `Operation cannot be fulfilled on ${fullName(kind)} "${name}": ${why}`;
  return new ApiFailure(409, 'Conflict', message, detailsOf(kind, name));
}

export function badRequest(message: string): ApiFailure {
  return new ApiFailure(400, 'BadRequest', message);
}

/** Of the rules that the object breaks, each a cause. */
export function invalid({ group, kind }: ResourceKind, name: string, causes: readonly Cause[]): ApiFailure {
  const each = causes.map(({ field, message }) => `${field}: ${message}`);
  const list = each.length === 1 ? each[0] : `[${each.join(', ')}]`;
  const type = group === '' ? kind : `${kind}.${group}`;
  const details = { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind, causes };
  return new ApiFailure(422, 'Invalid', `${type} "${name}" is invalid: ${list}`, details);
}

/** A watch or a list that goes on from what the server no longer remembers. */
export function expired(message: string): ApiFailure {
  return new ApiFailure(410, 'Expired', message);
}

function fullName({ group, plural }: ResourceKind): string {
  return group === '' ? plural : `${plural}.${group}`;
}
