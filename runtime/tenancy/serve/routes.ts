import type { Json, JsonMap } from '../port.ts';
import type { BodySchema } from './body-schema.ts';
import type { Answered } from './problem.ts';
import type { Service } from './service.ts';
import type { Caller, Role } from './tokens.ts';

/** A request that may be answered: who asks is known, the body is what the route says. */
export interface Asked {
  readonly service: Service;
  readonly caller: Caller | undefined;
  /** What stands in the path: `team`, `user`. */
  readonly path: Readonly<Record<string, string>>;
  readonly body: JsonMap;
  /** The Idempotency-Key with a digest of the request. */
  readonly repeat: { readonly key: string; readonly request: string } | undefined;
}

/** A line of the table that requests are answered by, and that the OpenAPI document is made from. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/teams/{team}` */
  readonly path: string;
  readonly summary: string;
  /** Who may ask; `anybody` needs no token, a team only its own `{team}`. */
  readonly who: readonly (Role['kind'] | 'anybody')[];
  /** Absent where there is no body. */
  readonly body?: Extract<BodySchema, { readonly type: 'object' }>;
  /** What the good answers say, by status. */
  readonly answers: Readonly<Record<number, string>>;
  /** Whether anything is changed, which ENABLE_POLICY_MANAGEMENT can switch off. */
  readonly changes: boolean;
  readonly answer: (asked: Asked) => Answered | Promise<Answered>;
}

/** What the API server takes as the value of a label (Kubernetes, "Labels and Selectors"). */
export const namePattern = '[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?';

const name = new RegExp(`^${namePattern}$`);

/** What stands at the places of a path; undefined where the path is another one, or a name is none. */
export function pathMatch(pattern: string, path: string): Readonly<Record<string, string>> | undefined {
  const wanted = pattern.split('/');
  const found = path.split('/');
  if (wanted.length !== found.length) return undefined;
  const values: [string, string][] = [];
  for (const [index, part] of wanted.entries()) {
    const there = found[index]!;
    if (!part.startsWith('{')) {
      if (part !== there) return undefined;
      continue;
    }
    const value = decoded(there);
    if (value === undefined || !name.test(value)) return undefined;
    values.push([part.slice(1, -1), value]);
  }
  return Object.fromEntries(values);
}

export function answered(status: number, body: Json): Answered {
  return { status, body };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
