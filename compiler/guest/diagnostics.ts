import type { Diagnostic } from '../diagnostics/diagnostic.ts';
import { report } from '../diagnostics/report.ts';
import type { Span } from '../source/span.ts';
import type { GuestProblem } from './problems.ts';

/** What keeps a guest from being hardened, said of the guest's file. */
export function guestDiagnostic(file: string, problem: GuestProblem | { readonly kind: 'paths' }): Diagnostic {
  const span: Span = { file, start: 0, end: 0 };
  switch (problem.kind) {
    case 'not-wasm':
      return report('POL8400', span, { file });
    case 'component':
      return report('POL8401', span, { file });
    case 'invalid':
      return report('POL8402', span, { file, why: problem.why });
    case 'unknown-feature':
      return report('POL8403', span, { file, what: problem.what });
    case 'foreign-import':
      return report('POL8404', span, { module: problem.module, name: problem.name });
    case 'unknown-function':
      return report('POL8405', span, { name: problem.name });
    case 'wrong-type':
      return report('POL8406', span, { name: problem.name });
    case 'imported-memory':
      return report('POL8407', span, { module: problem.module, name: problem.name });
    case 'shared-memory':
      return report('POL8408', span, {});
    case 'memory64':
      return report('POL8409', span, {});
    case 'memories':
      return report('POL8410', span, { count: problem.count });
    case 'too-much-memory':
      return report('POL8411', span, { pages: problem.pages, most: problem.most });
    case 'paths':
      return report('POL8412', span, {});
    default:
      return problem satisfies never;
  }
}
