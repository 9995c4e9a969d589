import { entries } from '../entry.ts';

export const types = entries({});
