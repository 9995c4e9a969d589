import type { Span } from '../../compiler/source/span.ts';
import type { CostEvent } from './cost-event.ts';

/** By what name `places` of an event holds an attribute of its cause `index`: the first cause's by the attribute's own. */
export function attributeOfCause(attribute: string, index: number): string {
  return index === 0 ? attribute : `${attribute}/${index}`;
}

/** Where an attribute of one cause was read: of the cause, else of the event; undefined where it was not. */
export function placeOf(event: CostEvent, attribute: string, causeIndex: number): Span | undefined {
  return event.places.get(attributeOfCause(attribute, causeIndex)) ?? event.places.get(attribute);
}
