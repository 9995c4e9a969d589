import { report } from '../diagnostics/report.ts';
import { type Composition, shortened } from './composition.ts';
import type { ScalarNode } from './tree.ts';

const truthValues: ReadonlyMap<string, 'true' | 'false'> = new Map([
  ['yes', 'true'],
  ['on', 'true'],
  ['no', 'false'],
  ['off', 'false'],
]);

/** Hints at a plain value that YAML 1.1 read as another type (its types `bool` and `int`, yaml.org/type). */
export function checkOldSpelling(scalar: ScalarNode, composition: Composition): void {
  const { text, span } = scalar;
  const first = text.charCodeAt(0) | 0x20;
  if (first === 0x79 || first === 0x6e || first === 0x6f) {
    // y, n, o: YAML 1.1 knew three spellings, of which `yEs` is none.
    const meaning = text.length > 3 ? undefined : truthValues.get(text.toLowerCase());
    if (meaning === undefined || !/^(?:[a-z]+|[A-Z][a-z]+|[A-Z]+)$/.test(text)) return;
    composition.detail(report('POL1050', span, { text, meaning, quoted: `'${text}'` }));
    return;
  }
  const digit = text.charCodeAt(text[0] === '-' || text[0] === '+' ? 1 : 0);
  if (!(digit >= 0x30 && digit <= 0x39)) return;
  if (typeof scalar.value === 'string') {
    // A colon between digits is base 60 where each further part is below 60 (yaml.org/type/int.html).
    if (text.length > 32 || !/^[-+]?[1-9][0-9]*(?::[0-5]?[0-9])+$/.test(text)) return;
    const sign = text[0] === '-' ? -1 : 1;
    const meaning = text
      .replace(/^[-+]/, '')
      .split(':')
      .reduce((sum, part) => sum * 60 + Number(part), 0);
    composition.detail(report('POL1051', span, { text, meaning: sign * meaning, quoted: `'${text}'` }));
  } else if (digit === 0x30 && /^[-+]?0[0-7]+$/.test(text)) {
    const digits = text.replace(/^[-+]?0+(?=.)/, '');
    const value = String(scalar.value);
    const meaning = shortened(Number.parseInt(digits, 8).toString());
    composition.detail(
      report('POL1052', span, { text: shortened(text), value: shortened(value), meaning, digits: shortened(digits) }),
    );
  }
}
