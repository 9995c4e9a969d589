import { costServiceNames } from '../../../compiler/tables/cost-services.ts';

/**
 * What Cost Explorer calls a service: the name as written where it is one of its names, otherwise the first of the family.
 * Policies name whole families, so any name of the family says the same. Undefined for a name that nobody knows.
 */
export function costServiceName(written: string): string | undefined {
  const names = costServiceNames(written);
  return names === undefined || names.includes(written) ? names && written : names[0];
}
