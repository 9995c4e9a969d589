import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import type { EnforceAt } from '../../../compiler/ir/obligation.ts';
import type { Tenancy } from '../desired.ts';
import type { TenancyWorld } from '../world.ts';
import type { Finding } from './finding.ts';
import type { Metrics } from './metrics.ts';
import type { Operations } from './operations.ts';
import type { Places } from './places.ts';

/** The platform's own files, compiled with what the service adds. */
export interface Platform {
  /** @param additions documents of the dialect that stand behind the files */
  compile(additions: string): CompiledTenancy;
  /** Compiles a text by itself; no file is read for it. */
  validate(text: string): readonly Finding[];
}

export interface CompiledTenancy {
  /** Undefined where there is an error, or no target. */
  readonly tenancy: Tenancy | undefined;
  readonly enforceAt: EnforceAt | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** What a service works with. */
export interface ServiceWorld {
  readonly world: TenancyWorld;
  readonly platform: Platform;
  readonly places: Places;
  readonly operations: Operations;
  readonly metrics: Metrics;
  /** How long the operator has to enforce a change, in milliseconds. */
  readonly timeout: number;
}
