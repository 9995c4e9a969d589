/** The parts of an ARN, `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`. Source: Amazon Resource Names, AWS reference. */
export interface Arn {
  readonly text: string;
  readonly partition: string;
  readonly service: string;
  readonly region: string;
  readonly account: string;
  /** The rest, which may hold colons itself: `role/ci-deployer`. */
  readonly resource: string;
}

export const partitions: readonly string[] = ['aws', 'aws-cn', 'aws-us-gov'];

/** Splits an ARN, or a pattern of ARNs; undefined where it does not have six parts. */
export function splitArn(text: string): Arn | undefined {
  const [arn, partition, service, region, account, ...rest] = text.split(':');
  if (arn !== 'arn' || rest.length === 0) return undefined;
  return {
    text,
    partition: partition!,
    service: service!,
    region: region!,
    account: account!,
    resource: rest.join(':'),
  };
}

export function isAccountId(text: string): boolean {
  return /^[0-9]{12}$/.test(text);
}
