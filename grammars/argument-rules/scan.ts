import * as conditions from '../conditions/scan.ts';
import { type TokenName, tokens } from './tokens.ts';

export type Token = conditions.Token<TokenName>;

/** Splits a rule into tokens by the table. */
export const scan = conditions.scanner(tokens);
