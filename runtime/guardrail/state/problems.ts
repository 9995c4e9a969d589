import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../../compiler/diagnostics/report.ts';
import type { Span } from '../../../compiler/source/span.ts';
import { nextStep } from '../aws/next-step.ts';
import type { UnreadableBoundary } from './boundary-ledger.ts';
import { sealKeyName } from './record-seal.ts';
import { CallFailure } from './tracked-port.ts';

/** What is wrong in AWS has no place in a file: it is said at the ARN or parameter. */
export function placeOf(resource: string): Span {
  return { file: resource, start: 0, end: 0 };
}

/** A call that failed. What is not one is a mistake of ours, and goes on up. */
export function callProblem(error: unknown): Diagnostic {
  const { on, action, code, message, transient } = partsOf(error);
  if (code === 'LimitExceeded' && /^iam:Attach/.test(action)) {
    return report('POL8029', placeOf(on), { principal: on }, { notes: [message] });
  }
  const help = nextStep({ action, code, message, transient });
  return report(
    'POL8020',
    placeOf(on),
    { action, reason: reasonOf(code, message) },
    help === undefined ? {} : { help },
  );
}

export function undoProblem(error: unknown, policy: string): Diagnostic {
  const { on, action, code, message } = partsOf(error);
  return report('POL8021', placeOf(on), { action, policy, reason: reasonOf(code, message) });
}

export function removalProblem(error: unknown): Diagnostic {
  const { on, action, code, message } = partsOf(error);
  return report('POL8030', placeOf(on), { action, reason: reasonOf(code, message) });
}

export function unreadableProblem(parameter: string): Diagnostic {
  return report('POL8028', placeOf(parameter), { name: parameter });
}

/** What a person has to do about the record of a boundary, since no rollback touches the boundary by it. */
export function unreadableBoundaryProblem({ parameter, isKeyless }: UnreadableBoundary): Diagnostic {
  const notes = isKeyless
    ? [
        `the key of its seal, \`${sealKeyName}\`, is gone or holds none: nobody can tell whether the record is as it was written`,
      ]
    : [];
  const help =
    'see in the history of the parameter what it said; give its `principal` the boundary that stands under `before` by hand, delete the parameter, and roll back once more';
  return report('POL8028', placeOf(parameter), { name: parameter }, { notes, help });
}

function partsOf(error: unknown) {
  if (!(error instanceof CallFailure)) throw error;
  const { on, failure } = error;
  return { on, action: failure.action, code: failure.code, message: failure.message, transient: failure.transient };
}

function reasonOf(code: string, message: string): string {
  return message === '' ? code : `${message} (${code})`;
}
