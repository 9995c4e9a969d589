import { entries } from '../entry.ts';

export const schema = entries({});
