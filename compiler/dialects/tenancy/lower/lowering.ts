import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import type { Span } from '../../../source/span.ts';
import type { Acceptance } from '../../dialect.ts';
import type { Gathered } from '../gather.ts';
import type { Tier } from '../model.ts';

export interface Lowering {
  readonly gathered: Gathered;
  readonly tiers: readonly Tier[];
  /** The path of the policy's own file. */
  readonly path: string;
  /** Where the policy's own file begins: what speaks of the whole points there. */
  readonly start: Span;
  /** True where the file holds nothing but tiers of ConfigMaps, which another is to include. */
  readonly isPart: boolean;
  readonly accepted: readonly Acceptance[];
  readonly diagnostics: Diagnostic[];
}
