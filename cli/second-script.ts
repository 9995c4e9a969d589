import type * as Report from '../compiler/diagnostics/report.ts';
import type * as CompileOne from './build/compile-one.ts';
import type * as Pool from './build/pool.ts';

/**
 * Everything that a build of unchanged policies does without. Each part is loaded when it is asked for.
 */
export const pool = (): typeof Pool => require('./build/pool.ts');
export const compileOne = (): typeof CompileOne => require('./build/compile-one.ts');
export const diagnosticReport = (): typeof Report => require('../compiler/diagnostics/report.ts');
export const config = () => import('./config.ts');
export const lambdaOutput = () => import('./guardrail/lambda-output.ts');
export const thread = () => import('./build/worker.ts');
export const renderers = {
  json: () => import('../compiler/diagnostics/render/json.ts'),
  sarif: () => import('../compiler/diagnostics/render/sarif.ts'),
  github: () => import('../compiler/diagnostics/render/github.ts'),
  junit: () => import('../compiler/diagnostics/render/junit.ts'),
} as const;
export const commands = {
  check: () => import('./commands/check.ts'),
  explain: () => import('./commands/explain.ts'),
  fmt: () => import('./commands/fmt.ts'),
  import: () => import('./commands/import.ts'),
  migrate: () => import('./commands/migrate.ts'),
  run: () => import('./commands/run.ts'),
  simulate: () => import('./commands/guardrail/simulate.ts'),
  guardrail: () => import('./commands/guardrail/index.ts'),
  schema: () => import('./commands/schema.ts'),
  init: () => import('./commands/init.ts'),
  docs: () => import('./commands/docs.ts'),
  doctor: () => import('./commands/doctor.ts'),
  completion: () => import('./commands/completion.ts'),
} as const;
