import { report } from '../../diagnostics/report.ts';
import { expectScalar, replaceWith, shorten } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';
import { costServiceFamilies, costServiceNames, nearestCostService } from '../../tables/cost-services.ts';
import { isTimeZone, nearestTimeZone, timeZoneNames } from '../../tables/time-zones.ts';

/** A service that money is spent on. */
export interface CostService {
  readonly written: string;
  /** What Cost Explorer and anomalies call the services of its family. */
  readonly names: readonly string[];
}

export const costService: Shape<CostService> = {
  description: {
    kind: 'enumeration',
    noun: 'a service by its name in Cost Explorer',
    means: 'cost-service',
    values: () => costServiceFamilies().map(({ name, costNames }) => ({ name, doc: costNames.join(', ') })),
  },
  decode(node, context) {
    const scalar = expectScalar(node, 'a service', context);
    if (scalar === undefined) return undefined;
    const names = costServiceNames(scalar.text);
    if (names !== undefined) return { written: scalar.text, names };
    const suggestion = nearestCostService(scalar.text);
    context.diagnostics.push(
      report('POL3063', scalar.span, { name: shorten(scalar.text) }, replaceWith(scalar, suggestion)),
    );
    return undefined;
  },
};

/** A zone of the time zone database. */
export const timeZone: Shape<string> = {
  description: {
    kind: 'enumeration',
    noun: 'a time zone of the IANA database',
    values: () => timeZoneNames().map((name) => ({ name, doc: '' })),
  },
  decode(node, context) {
    const scalar = expectScalar(node, 'a time zone', context);
    if (scalar === undefined) return undefined;
    if (isTimeZone(scalar.text)) return scalar.text;
    const suggestion = nearestTimeZone(scalar.text);
    context.diagnostics.push(
      report('POL3066', scalar.span, { name: shorten(scalar.text) }, replaceWith(scalar, suggestion)),
    );
    return undefined;
  },
};
