import { entries } from '../entry.ts';

/** The syntax of CEL expressions. */
export const celSyntax = entries({
  POL1110: {
    severity: 'error',
    message: 'expected {expected}, found {found}',
    help: 'write what is missing, or delete what is too much',
    explanation:
      'The expression is no CEL from this place on. CEL joins values with operators: `request.path.startsWith("/v1") && auth.identity.tier in ["gold", "silver"]`.',
  },
});
