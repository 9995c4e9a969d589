import { entries } from '../entry.ts';

export const coverage = entries({});
