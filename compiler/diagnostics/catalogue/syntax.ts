import { entries } from '../entry.ts';

export const syntax = entries({});
