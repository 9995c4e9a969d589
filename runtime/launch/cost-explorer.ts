import type { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { AwsFailure } from '../aws/failure.ts';
import { attempt, type ClientSettings, optional, pages } from '../aws/sdk-calls.ts';
import { profileTag, profileValue } from './ledger-records.ts';
import type { ReportedSpend } from './spend.ts';

type Sdk = typeof import('@aws-sdk/client-cost-explorer');

export interface CostExplorerOptions {
  /** Only its partition matters: each has one Cost Explorer. */
  readonly region: string;
  /** Milliseconds for one attempt of a call. */
  readonly timeout?: number;
  readonly attempts?: number;
}

const connectionTimeout = 3000;
const dayLength = 86_400_000;

/**
 * What Cost Explorer says a profile has spent today and this month (UTC), by the tag `polc:profile` of what it launched:
 * ce:GetCostAndUsage. It lags by up to a day, so it never counts alone; see `readSpend`. A tag that is not activated for
 * cost allocation has no costs at all, which ce:ListCostAllocationTags tells from a profile that spent nothing.
 *
 * @param profile absent, what was launched without one
 * @param now milliseconds since 1970
 * @throws AwsFailure, also where the answer is not one that can be added up: then nothing is known, and launches are refused
 */
export async function reportedSpend(
  profile: string | undefined,
  now: number,
  { region, timeout = 15_000, attempts = 5 }: CostExplorerOptions,
): Promise<ReportedSpend> {
  // On Node 20 the SDK prints that it will stop supporting it, when it is imported.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const settings: ClientSettings = {
    region,
    maxAttempts: attempts,
    requestHandler: { connectionTimeout, requestTimeout: timeout, throwOnRequestTimeout: true },
  };
  const sdk = await import('@aws-sdk/client-cost-explorer');
  const client = new sdk.CostExplorerClient(settings);
  try {
    await requireActiveTag(sdk, client);
    return await spendOf(sdk, client, profile, now);
  } finally {
    client.destroy();
  }
}

async function requireActiveTag(sdk: Sdk, client: CostExplorerClient): Promise<void> {
  const command = new sdk.ListCostAllocationTagsCommand({ TagKeys: [profileTag] });
  const { CostAllocationTags: tags = [] } = await attempt('ce:ListCostAllocationTags', () => client.send(command));
  if (tags.some(({ TagKey, Status }) => TagKey === profileTag && Status === 'Active')) return;
  const problem = `the tag \`${profileTag}\` is not activated for cost allocation, so nothing is known by it`;
  throw new AwsFailure('ce:ListCostAllocationTags', 'TagNotActive', problem, false);
}

async function spendOf(
  sdk: Sdk,
  client: CostExplorerClient,
  profile: string | undefined,
  now: number,
): Promise<ReportedSpend> {
  const today = dateOf(now);
  // The end is not within the period.
  const period = { Start: `${today.slice(0, 7)}-01`, End: dateOf(now + dayLength) };
  const results = await pages((NextPageToken) =>
    attempt('ce:GetCostAndUsage', async () => {
      const command = new sdk.GetCostAndUsageCommand({
        TimePeriod: period,
        Granularity: 'DAILY',
        Metrics: ['UnblendedCost'],
        Filter: {
          And: [
            { Tags: { Key: profileTag, Values: [profileValue(profile)], MatchOptions: ['EQUALS'] } },
            // What AWS gives back is no budget to spend again.
            { Not: { Dimensions: { Key: 'RECORD_TYPE', Values: ['Credit', 'Refund'] } } },
          ],
        },
        ...optional({ NextPageToken }),
      });
      const page = await client.send(command);
      if (page.ResultsByTime === undefined) throw unreadable('it has no results');
      return { items: page.ResultsByTime, next: page.NextPageToken };
    }),
  );
  let day = 0;
  let month = 0;
  for (const { TimePeriod: { Start: start } = {}, Total: total } of results) {
    const { Amount: amount = '', Unit: unit } = total?.UnblendedCost ?? {};
    const dollars = amount === '' ? Number.NaN : Number(amount);
    if (start === undefined || !Number.isFinite(dollars)) throw unreadable('a day of it has no amount');
    if (unit !== 'USD') throw unreadable(`its amounts are in ${unit ?? 'no currency'}, not in USD`);
    month += Math.max(0, dollars);
    if (start === today) day += Math.max(0, dollars);
  }
  return { day, month };
}

function dateOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function unreadable(problem: string): AwsFailure {
  return new AwsFailure('ce:GetCostAndUsage', 'Unreadable', `the answer cannot be added up: ${problem}`, false);
}
