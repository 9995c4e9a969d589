import { report } from '../../diagnostics/report.ts';
import { matchesGlob } from '../../expressions/glob.ts';
import { expectScalar, shorten } from '../../schema/scalars.ts';
import type { DecodeContext, Shape } from '../../schema/shape.ts';
import type { ScalarNode } from '../../source/tree.ts';
import { type Arn, isAccountId, partitions, splitArn } from './arn.ts';

export type PrincipalType = 'iam_role' | 'iam_user';

/** A role or user that a managed policy can be attached to. */
export interface Principal {
  readonly arn: Arn;
  readonly type: PrincipalType;
}

const example = 'arn:aws:iam::123456789012:role/ci-deployer';

/** The ARN of one role or user, without wildcards. */
export const principalArn: Shape<Principal> = {
  description: { kind: 'string', noun: 'the ARN of a role or user' },
  decode(node, context) {
    const scalar = expectScalar(node, 'the ARN of a role or user', context);
    return scalar === undefined ? undefined : readPrincipal(scalar, context);
  },
};

function readPrincipal(scalar: ScalarNode, { diagnostics }: DecodeContext): Principal | undefined {
  const { text, span } = scalar;
  const value = shorten(text);
  const wrong = (why: string): undefined => {
    diagnostics.push(report('POL4063', span, { value, what: 'a role or user', why, example }));
  };
  if (text.includes('*') || text.includes('?')) {
    diagnostics.push(report('POL4062', span, { value }));
    return undefined;
  }
  const arn = splitArn(text);
  if (arn === undefined) return wrong('it is not of the form `arn:PARTITION:iam::ACCOUNT:role/NAME`');
  if (!partitions.includes(arn.partition)) return wrong(`there is no partition \`${shorten(arn.partition)}\``);
  const session = /^assumed-role\/([^/]+)(\/.*)?$/.exec(arn.resource);
  if (arn.service === 'sts' && session !== null) {
    const role = `arn:${arn.partition}:iam::${arn.account}:role/${session[1]}`;
    diagnostics.push(
      report(
        'POL4064',
        span,
        { value, role: shorten(role) },
        { fixes: [{ title: `name the role: \`${role}\``, certain: false, edits: [{ span, newText: `"${role}"` }] }] },
      ),
    );
    return undefined;
  }
  if (arn.service !== 'iam') return wrong(`\`${shorten(arn.service)}\` has no roles or users, \`iam\` has`);
  if (arn.region !== '') return wrong('IAM has no regions, so nothing stands between `iam:` and the account');
  if (!isAccountId(arn.account)) return wrong(`\`${shorten(arn.account)}\` is not an account id of 12 digits`);
  const unfit = unfitFor(arn.resource);
  if (unfit !== undefined) {
    diagnostics.push(report('POL4065', span, { value, what: unfit }));
    return undefined;
  }
  const resource = /^(role|user)\/([\x21-\x7e]+\/)?[\w+=,.@-]{1,64}$/.exec(arn.resource);
  if (resource === null) return wrong('it does not end in `role/NAME` or `user/NAME`');
  return { arn, type: resource[1] === 'role' ? 'iam_role' : 'iam_user' };
}

/** What no policy can be attached to, in the words of a message. */
function unfitFor(resource: string): string | undefined {
  if (resource === 'root') return 'the root user of an account, which no identity policy restricts';
  if (resource.startsWith('group/')) return 'a group, which is no principal';
  if (resource.startsWith('role/aws-service-role/')) return 'a service-linked role, which only its service changes';
  if (resource.startsWith('role/aws-reserved/')) return 'a role that IAM Identity Center manages and changes back';
  return undefined;
}

/** A pattern of ARNs in which `*` and `?` stand for characters within one part. */
export const principalPattern: Shape<Arn> = {
  description: {
    kind: 'string',
    noun: 'the ARN of a principal, in which `*` and `?` stand for characters of one part',
  },
  decode(node, context) {
    const scalar = expectScalar(node, 'the ARN of a principal', context);
    if (scalar === undefined) return undefined;
    const arn = splitArn(scalar.text);
    if (arn === undefined) {
      const why = 'it does not have the six parts of `arn:aws:iam::*:role/admin`, each of which may be a pattern';
      context.diagnostics.push(
        report('POL4063', scalar.span, {
          value: shorten(scalar.text),
          what: 'a principal',
          why,
          example: 'arn:aws:iam::*:role/admin',
        }),
      );
    }
    return arn;
  },
};

/** Whether the ARN is one of the pattern, part by part: a `*` never reaches over a `:` into the next part. */
export function matchesArn(arn: Arn, pattern: Arn): boolean {
  return (['partition', 'service', 'region', 'account', 'resource'] as const).every((part) =>
    matchesGlob(arn[part], pattern[part]),
  );
}
