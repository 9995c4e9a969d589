/** Prefixes of services with one endpoint for the whole partition. */
const prefixes = new Set(
  'account artifact billing budgets ce chime cloudfront consolidatedbilling cur globalaccelerator health iam importexport invoicing organizations payments route53 route53domains shield support tax trustedadvisor waf'.split(
    ' ',
  ),
);

/**
 * Whether `aws:RequestedRegion` cannot limit an action (any case): its endpoint is global, so the requested region is
 * us-east-1 wherever the caller is.
 */
export function isGlobalAction(action: string): boolean {
  const colon = action.indexOf(':');
  return prefixes.has(action.slice(0, colon < 0 ? undefined : colon).toLowerCase());
}
