import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import type { Span } from '../../compiler/source/span.ts';
import type { AwsFailure } from '../aws/failure.ts';

/** A call of a launch or a build that failed, said at `span`. */
export function failedCall({ action, code, message, transient }: AwsFailure, span: Span): Diagnostic {
  const help = transient ? { help: 'try again: AWS was busy or not to be reached' } : {};
  return report('POL8307', span, { action, reason: `${message} (${code})` }, help);
}
