import { report } from '../../diagnostics/report.ts';
import { expectScalar, shorten } from '../../schema/scalars.ts';
import type { Shape } from '../../schema/shape.ts';
import { isRegion } from '../../tables/aws-regions.ts';
import { type Arn, isAccountId, partitions, splitArn } from './arn.ts';

/** The ARN of a managed policy: of an account, or of AWS (`arn:aws:iam::aws:policy/…`). */
export const managedPolicyArn: Shape<Arn> = arnShape(
  'a managed policy',
  'arn:aws:iam::123456789012:policy/guardrails-boundary',
  ({ service, region, account, resource }) => {
    if (service !== 'iam' || region !== '') return 'it does not begin with `arn:PARTITION:iam::`';
    if (account !== 'aws' && !isAccountId(account)) return `\`${shorten(account)}\` is not an account id of 12 digits`;
    return /^policy\/([\x21-\x7e]+\/)?[\w+=,.@-]{1,128}$/.test(resource)
      ? undefined
      : 'it does not end in `policy/NAME`';
  },
);

/** The ARN of an SNS topic. */
export const topicArn: Shape<Arn> = arnShape(
  'an SNS topic',
  'arn:aws:sns:us-east-1:123456789012:escalation',
  ({ service, region, account, resource }) => {
    if (service !== 'sns') return 'it does not begin with `arn:PARTITION:sns:`';
    if (!isRegion(region)) return `\`${shorten(region)}\` is not a region`;
    if (!isAccountId(account)) return `\`${shorten(account)}\` is not an account id of 12 digits`;
    // A name of up to 256 characters; that of a topic that keeps the order ends in `.fifo`.
    return /^[\w-]{1,256}(\.fifo)?$/.test(resource) ? undefined : 'it does not end in the name of a topic';
  },
);

function arnShape(what: string, example: string, problemOf: (arn: Arn) => string | undefined): Shape<Arn> {
  const noun = `the ARN of ${what}`;
  return {
    description: { kind: 'string', noun },
    decode(node, context) {
      const scalar = expectScalar(node, noun, context);
      if (scalar === undefined) return undefined;
      const arn = splitArn(scalar.text);
      const why =
        arn === undefined
          ? 'it is not of the form `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`'
          : partitions.includes(arn.partition)
            ? problemOf(arn)
            : `there is no partition \`${shorten(arn.partition)}\``;
      if (why === undefined) return arn;
      context.diagnostics.push(report('POL4063', scalar.span, { value: shorten(scalar.text), what, why, example }));
      return undefined;
    },
  };
}
