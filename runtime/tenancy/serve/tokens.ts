import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** What a caller may do: all, only ask, or what one team may do for itself. */
export type Role =
  | { readonly kind: 'admin' }
  | { readonly kind: 'reader' }
  | { readonly kind: 'team'; readonly team: string };

export interface Caller {
  /** Whom the audit log names. */
  readonly name: string;
  readonly role: Role;
}

interface Token extends Caller {
  readonly digest: Buffer;
}

const digestMark = 'sha256:';

/** The fewest characters of a token: 128 bits in the tightest common writing. */
const leastLength = 22;

/** Who may call: a file of tokens, read again whenever it changes. While it is wrong, nobody may. */
export class Tokens {
  readonly #path: string;
  #read: { readonly of: string; readonly tokens: readonly Token[]; readonly problem?: string } | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** Why nobody may call; undefined where the file is right. */
  problem(): string | undefined {
    return this.#current().problem;
  }

  /** Whose token it is. The time that this takes says nothing of tokens: digests are compared, each with all. */
  caller(token: string): Caller | undefined {
    const digest = createHash('sha256').update(token).digest();
    let found: Token | undefined;
    for (const each of this.#current().tokens) if (timingSafeEqual(each.digest, digest)) found = each;
    return found === undefined ? undefined : { name: found.name, role: found.role };
  }

  #current() {
    let of: string;
    try {
      const { mtimeMs, ctimeMs, size, ino } = statSync(this.#path);
      of = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      if (this.#read?.of === of) return this.#read;
      this.#read = { of, ...readTokens(readFileSync(this.#path, 'utf8')) };
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
      this.#read = { of: '', tokens: [], problem: `it cannot be read: ${code}` };
    }
    return this.#read;
  }
}

/**
 * Lines `NAME ROLE TOKEN`: the role is `admin`, `reader` or `team/TEAM`; the token itself, or `sha256:` and its digest in
 * hexadecimal. Empty lines and those that begin with `#` say nothing.
 */
export function readTokens(text: string): { readonly tokens: readonly Token[]; readonly problem?: string } {
  const tokens: Token[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    const words = line.trim();
    if (words === '' || words.startsWith('#')) continue;
    const wrong = (problem: string) => ({ tokens: [], problem: `line ${index + 1}: ${problem}` });
    const [name, roleText, token, ...more] = words.split(/\s+/);
    if (name === undefined || roleText === undefined || token === undefined || more.length > 0) {
      return wrong('it is not `NAME ROLE TOKEN`');
    }
    const role = roleOf(roleText);
    if (role === undefined) return wrong(`\`${roleText}\` is none of \`admin\`, \`reader\` and \`team/TEAM\``);
    const digest = digestOf(token);
    if (digest === undefined) {
      return wrong(
        token.startsWith(digestMark)
          ? `\`${digestMark}\` is not followed by 64 digits from \`0\` to \`f\``
          : `the token has fewer than ${leastLength} characters`,
      );
    }
    if (tokens.some((each) => each.digest.equals(digest))) return wrong('the token is that of a line before');
    tokens.push({ name, role, digest });
  }
  return tokens.length === 0 ? { tokens, problem: 'it has no token' } : { tokens };
}

function roleOf(text: string): Role | undefined {
  if (text === 'admin' || text === 'reader') return { kind: text };
  const team = /^team\/(.+)$/.exec(text)?.[1];
  return team === undefined ? undefined : { kind: 'team', team };
}

function digestOf(token: string): Buffer | undefined {
  if (token.startsWith(digestMark)) {
    // A digest that is cut off or in capitals is no token either: it is not kept as one.
    const written = token.slice(digestMark.length);
    return /^[0-9a-f]{64}$/.test(written) ? Buffer.from(written, 'hex') : undefined;
  }
  return token.length < leastLength ? undefined : createHash('sha256').update(token).digest();
}
