import type { Span } from '../../compiler/source/span.ts';

/** A notification of AWS Budgets or of Cost Anomaly Detection, or the normalised form, read and checked. */
export interface CostEvent {
  /** The message's own id: the same notification delivered twice has the same. */
  readonly id: string;
  readonly source: 'budgets' | 'anomaly';
  /** 12 digits. */
  readonly account: string;
  /** US dollars: the actual or forecast amount of a budget, the total impact of an anomaly. */
  readonly amount: number;
  readonly forecast: boolean;
  /** The budget's name or the anomaly's id: with the period, what one breach is. */
  readonly subject: string;
  /** The period that the spending belongs to: `2022-09` of a monthly budget, `2023-03-04` of a daily one, an anomaly's first day. */
  readonly period: string;
  /** When it was sent, or what it tells of came to its end, whichever it says; absent where it says neither. */
  readonly dated?: EventDate;
  /** Each combination of account, service and region that the spending is put down to; at least one, perhaps empty. */
  readonly causes: readonly Cause[];
  /** Tags of what is spent on, as far as the event or the budget map names them. */
  readonly tags: ReadonlyMap<string, string>;
  /** Percent by which the amount exceeds the mean of earlier periods, where a history tells. */
  readonly rateChange?: number;
  /** Where each attribute of the event was read, by the name of the attribute: a span of the event's text. */
  readonly places: ReadonlyMap<string, Span>;
}

/** As exactly as it is told, a day or an instant: milliseconds since 1970. */
export interface EventDate {
  /** Not before. */
  readonly from: number;
  /** Not after: the age is counted from here. */
  readonly until: number;
}

/** What is absent is unknown. */
export interface Cause {
  readonly account?: string;
  /** By its name in Cost Explorer. */
  readonly service?: string;
  readonly region?: string;
}
