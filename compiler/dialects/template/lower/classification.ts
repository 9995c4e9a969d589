import { report } from '../../../diagnostics/report.ts';
import type { Classification } from '../../../ir/obligation.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Layer } from '../inherit.ts';
import type { Lowering } from './lowering.ts';

/** The keys that mean the same. */
const keys = ['data_classification', 'security_classification'] as const;

const classifications: readonly Classification[] = ['public', 'internal', 'confidential', 'restricted'];

export interface Classified extends Omit<Located<Classification>, 'key'> {
  /** The key under which it is written. */
  readonly key: (typeof keys)[number];
}

/** The highest classification of all layers; undefined where none has one. */
export function classificationOf({ layers, own, diagnostics }: Lowering): Classified | undefined {
  let highest: Classified | undefined;
  for (const layer of layers) {
    const [first, second] = writtenIn(layer);
    if (layer === own && first !== undefined && second !== undefined && first.value !== second.value) {
      const related = [{ span: first.span, label: `\`${first.value}\` here` }];
      const values = { first: first.value, second: second.value };
      diagnostics.push(report('POL5303', second.span, values, { related }));
    }
    for (const each of [first, second]) {
      if (each !== undefined && (highest === undefined || rank(each) > rank(highest))) highest = each;
    }
  }
  return highest;
}

/** What one layer says, under either key. */
export function writtenIn({ document }: Layer): readonly Classified[] {
  const metadata = document.policy_metadata?.value;
  return keys.flatMap((key) => {
    const written = metadata?.[key];
    return written === undefined ? [] : [{ ...written, key }];
  });
}

export function rank({ value }: { readonly value: Classification }): number {
  return classifications.indexOf(value);
}
