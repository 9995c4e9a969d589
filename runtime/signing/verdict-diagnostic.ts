import type { Diagnostic } from '../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../compiler/diagnostics/report.ts';
import { nearest } from '../../compiler/diagnostics/suggest.ts';
import type { Span } from '../../compiler/source/span.ts';
import type { TrustStore } from './trust-store.ts';
import type { Verdict } from './verdict.ts';

/**
 * What people are told of a signature that does not count, or is not there; undefined where it counts.
 *
 * @param subject what is signed: `the template `python-ml``
 * @param trustPath where the trust store is
 */
export function verdictDiagnostic(
  verdict: Verdict,
  subject: string,
  span: Span,
  trust: TrustStore,
  trustPath: string,
): Diagnostic | undefined {
  if (verdict.signature === 'valid') return undefined;
  if (verdict.signature === 'absent') return report('POL8349', span, { subject });
  const { why, problem, keyId: key } = verdict;
  switch (why) {
    case 'unknown-key': {
      const near = nearest(key, [...trust.keys()]);
      const help = near === undefined ? {} : { help: `a key with a similar id is known: \`${near}\`` };
      return report('POL8344', span, { subject, problem, trust: trustPath }, help);
    }
    case 'other-authority':
      return report('POL8345', span, { subject, problem });
    case 'unusable-key':
      return report('POL8346', span, { key, problem, trust: trustPath });
    case 'altered':
      return report('POL8347', span, { subject });
    case 'from-the-future':
    case 'malformed':
      return report('POL8348', span, { subject, problem });
    default: {
      const unreachable: never = why;
      return unreachable;
    }
  }
}
