import fc from 'fast-check';
import type { LaunchFacts } from '../../runtime/launch/facts.ts';

const names = ['python-ml', 'python-basic', 'r-basic', 'a', 'b', 'x*', 'ami-0abc123def456789a'];
const types = ['t3.medium', 't3.large', 'm5.large', 'c5.large', 'c5.xlarge', 'x', ''];
const dollars = fc.oneof(fc.constantFrom(0, 0.05, 0.1, 0.15, 0.2, 0.3, 1, 1.5, 2, 90, 91), fc.double({ max: 3 }));

/** What random launches say, over the values that random policies speak of; anything but the name may be unknown. */
export const anyFacts: fc.Arbitrary<LaunchFacts> = fc
  .record(
    {
      launched: fc.constantFrom(...names),
      source: fc.constantFrom('institutional', 'community', 'a', 'x*'),
      signature: fc.constantFrom('valid', 'absent', 'invalid'),
      authority: fc.constantFrom('a', 'b', ''),
      owner: fc.constantFrom('123456789012', '210987654321'),
      approved: fc.boolean(),
      lifecycle: fc.constantFrom('active', 'deprecated', 'retired'),
      instanceType: fc.constantFrom(...types),
      architecture: fc.constantFrom('x86_64', 'arm64'),
      region: fc.constantFrom('us-east-1', 'us-west-2', 'eu-west-1', 'a'),
      encrypted: fc.boolean(),
      hourlyCost: dollars,
      hourlySpend: dollars,
      dailySpend: dollars,
      monthlySpend: dollars,
      imageAge: dollars,
      baseOutdated: fc.boolean(),
      scan: fc.constantFrom('passed', 'failed', 'absent'),
      invitation: fc.constantFrom('valid', 'expired', 'used-up', 'other-device'),
      tags: fc
        .record(
          {
            Project: fc.constantFrom('', 'x'),
            Owner: fc.constantFrom('', 'y'),
            project: fc.constant('z'),
            owner: fc.constant('z'),
          },
          { requiredKeys: [] },
        )
        .map((tags): ReadonlyMap<string, string> => new Map(Object.entries(tags))),
    },
    { requiredKeys: ['launched', 'tags'] },
  )
  // Without the fields that are absent and not merely undefined.
  .map((facts): LaunchFacts => facts);
