import { entries } from '../entry.ts';

export const internal = entries({});
