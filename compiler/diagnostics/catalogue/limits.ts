import { entries } from '../entry.ts';

export const limits = entries({});
