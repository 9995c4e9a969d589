import { entries } from '../entry.ts';

export const gate = entries({});
