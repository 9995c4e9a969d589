import * as conditions from '../conditions/scan.ts';
import { type TokenName, tokens } from './tokens.ts';

export type Token = conditions.Token<TokenName>;

/** A path or an IPv4 address that lacks its quotes: one mistake, not one for each of its slashes. */
const unquoted = /\/[^\s()[\],"&|#]*|[0-9]+(?:\.[0-9]+){3}(?:\/[0-9]+)?/y;

/** Splits a program into tokens by the table. */
export const scan = conditions.scanner(tokens, unquoted);
