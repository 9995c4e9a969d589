import type { Code } from '../compiler/diagnostics/catalogue/index.ts';
import type { Diagnostic } from '../compiler/diagnostics/diagnostic.ts';
import type * as Report from '../compiler/diagnostics/report.ts';
import type { Span } from '../compiler/source/span.ts';

const compilersReport = (): typeof Report => require('../compiler/diagnostics/report.ts');

/** The compiler's `report`, for what a build of unchanged policies runs: the catalogue is loaded with the first finding. */
export function report<C extends Code>(
  code: C,
  span: Span,
  values: Report.Values<C>,
  options: Report.ReportOptions = {},
): Diagnostic {
  return compilersReport().report(code, span, values, options);
}
