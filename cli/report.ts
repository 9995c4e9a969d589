import type { Code } from '../compiler/diagnostics/catalogue/index.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import type { ReportOptions, Values } from '../compiler/diagnostics/report.ts';
import type { Span } from '../compiler/source/span.ts';
import { secondScript } from './load-second-script.ts';

/** The compiler's `report`, for what a build of unchanged policies runs: the catalogue is loaded with the first finding. */
export function report<C extends Code>(
  code: C,
  span: Span,
  values: Values<C>,
  options: ReportOptions = {},
): Diagnostic {
  return secondScript().diagnosticReport().report(code, span, values, options);
}
