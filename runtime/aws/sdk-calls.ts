import { AwsFailure, failureOf } from './failure.ts';

/** How each client of the SDK is made. */
export interface ClientSettings {
  readonly maxAttempts: number;
  /** Absent: as the SDK finds it. */
  readonly region?: string;
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: boolean;
  };
}

/** One call, which rejects with AwsFailure. */
export async function attempt<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw failureOf(action, error);
  }
}

/** What there is none of, and what is done already. */
export async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof AwsFailure && (error.code === 'NoSuchEntity' || error.code === 'ParameterNotFound')) {
      return undefined;
    }
    throw error;
  }
}

export async function pages<T>(
  page: (marker: string | undefined) => Promise<{ readonly items: readonly T[]; readonly next: string | undefined }>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let marker: string | undefined;
  do {
    const { items, next } = await page(marker);
    all.push(...items);
    marker = next;
  } while (marker !== undefined && marker !== '');
  return all;
}

/** Without what is undefined. */
export function optional<K extends string>(
  fields: Readonly<Record<K, string | undefined>>,
): Partial<Record<K, string>> {
  const given: Partial<Record<K, string>> = {};
  for (const key in fields) {
    const value = fields[key];
    if (value !== undefined) given[key] = value;
  }
  return given;
}
