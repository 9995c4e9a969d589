/**
 * Services with one endpoint for the whole partition, by the region that their requests are made to and signed for.
 *
 * Sources: AWS General Reference, "Service endpoints and quotas"; IAM User Guide, "AWS: Denies access to AWS based on the
 * requested Region"; AWS Control Tower, "Region deny control"; the endpoint rules of the AWS SDKs. `sts` is not among
 * them: its requests name a region unless they are made to the old global endpoint. Nor are services that merely exist in
 * one region only.
 */
const virginia =
  'account artifact aws-marketplace aws-marketplace-management aws-portal bcm-dashboards bcm-data-exports ' +
  'bcm-pricing-calculator bcm-recommended-actions billing billingconductor budgets ce chime cloudfront ' +
  'cloudfront-keyvaluestore consolidatedbilling cost-optimization-hub cur customer-verification freetier health iam ' +
  'importexport invoicing mapcredits marketplacecommerceanalytics mobileanalytics notifications-contacts ' +
  'organizations partnercentral payments purchase-orders route53 route53domains savingsplans shield support ' +
  'support-console supportapp supportplans sustainability tax trustedadvisor waf';
const oregon = 'globalaccelerator networkmanager route53-recovery-control-config route53-recovery-readiness';

/** The control plane of Multi-Region Access Points (S3 User Guide, "Multi-Region Access Point restrictions"). */
const oregonActions =
  's3:createmultiregionaccesspoint s3:deletemultiregionaccesspoint s3:describemultiregionaccesspointoperation ' +
  's3:getmultiregionaccesspoint s3:getmultiregionaccesspointpolicy s3:getmultiregionaccesspointpolicystatus ' +
  's3:listmultiregionaccesspoints s3:putmultiregionaccesspointpolicy';

/** Metering has an endpoint in each region, under the prefix of the global catalogue. */
const regional = [
  'aws-marketplace:batchmeterusage',
  'aws-marketplace:meterusage',
  'aws-marketplace:registerusage',
  'aws-marketplace:resolvecustomer',
];

let regions: ReadonlyMap<string, string> | undefined;

function table(): ReadonlyMap<string, string> {
  regions ??= new Map([
    ...virginia.split(' ').map((prefix) => [prefix, 'us-east-1'] as const),
    ...oregon.split(' ').map((prefix) => [prefix, 'us-west-2'] as const),
    ...oregonActions.split(' ').map((name) => [name, 'us-west-2'] as const),
  ]);
  return regions;
}

/**
 * The value that `aws:RequestedRegion` always has for an action (any case) with a global endpoint, in the partition
 * `aws`; undefined for an action that is made to the region it works in.
 */
export function globalActionRegion(action: string): string | undefined {
  const name = action.toLowerCase();
  if (regional.includes(name)) return undefined;
  return table().get(name) ?? table().get(name.split(':', 1)[0]!);
}

/** Whether `aws:RequestedRegion` cannot limit an action (any case), since its endpoint is global. */
export function isGlobalAction(action: string): boolean {
  return globalActionRegion(action) !== undefined;
}
