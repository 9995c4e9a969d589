import type { Emission, PlacedBackend, Surroundings, Validation } from '../backends/backend.ts';
import type { Policy } from '../ir/policy.ts';
import type { Span } from '../source/span.ts';
import type { Target } from '../target.ts';
import { policyIdentity } from './identity.ts';
import { moved } from './moved.ts';
import { Remembered } from './remembered.ts';

/** What a backend makes of a policy. */
export interface Made {
  readonly emission: Emission;
  /** The backend's validator on its artifacts; asked at most once of the same artifacts. */
  validate(): Validation;
}

interface Known {
  readonly emission: Emission;
  readonly spans: readonly Span[];
  validation: Validation | undefined;
}

/** By the backend itself: another one of the same name may do otherwise. */
const emissions = new WeakMap<PlacedBackend, Remembered<Known>>();
const targets = new WeakMap<Target, string>();

/**
 * Emits a policy. Of a backend that says which part of a policy it looks at, what it made of the same part for the same
 * target is taken out of the memory, with the validator's answer: it was given nothing else.
 */
export function make(backend: PlacedBackend, policy: Policy, target: Target, surroundings: Surroundings): Made {
  const { memory } = surroundings;
  const part = backend.part?.(policy) ?? policy;
  const emitted = () => backend.emit(part, target, surroundings);
  const judged = ({ artifacts }: Emission) => backend.validate(part, target, artifacts, surroundings);
  if (memory === undefined || backend.part === undefined) {
    const emission = emitted();
    return { emission, validate: () => judged(emission) };
  }
  let remembered = emissions.get(backend);
  if (remembered === undefined) {
    remembered = new Remembered(undefined, sizeOf);
    emissions.set(backend, remembered);
  }
  const { key, spans } = policyIdentity(memory, part);
  const known = remembered.recall(memory, `${targetText(target)}${key}`, () => {
    return { emission: emitted(), spans, validation: undefined };
  });
  const emission = moved(known.emission, known.spans, spans) ?? emitted();
  return {
    emission,
    validate() {
      known.validation ??= judged(emission);
      return known.validation;
    },
  };
}

/** Places and answers are small objects, and there are thousands of them in a large policy. */
const objectSize = 100;

function sizeOf({ emission: { artifacts, coverage }, spans }: Known): number {
  let size = objectSize * (spans.length + coverage.length);
  for (const { content, sourceMap } of artifacts) size += content.length + objectSize * sourceMap.length;
  return size;
}

function targetText(target: Target): string {
  const before = targets.get(target);
  if (before !== undefined) return before;
  const text = JSON.stringify(target);
  targets.set(target, text);
  return text;
}
