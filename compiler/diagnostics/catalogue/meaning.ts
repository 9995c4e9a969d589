import { entries } from '../entry.ts';

export const meaning = entries({});
