import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../../compiler/diagnostics/report.ts';
import type { Span } from '../../../compiler/source/span.ts';
import type { AwsFailure } from '../../aws/failure.ts';
import { nextStep } from './next-step.ts';

/** A call that failed outside the steps of a response, said at `span`. */
export function failedCall(failure: AwsFailure, span: Span): Diagnostic {
  const { action, code, message } = failure;
  const help = nextStep(failure);
  return report('POL8058', span, { action, reason: `${message} (${code})` }, help === undefined ? {} : { help });
}
