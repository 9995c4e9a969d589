import { tagPrefix } from '../../images/tag-names.ts';
import type { Enforceable } from '../../ir/policy.ts';
import type { Artifact } from '../backend.ts';
import { builderRole, guardedKeys, guardPath, keys, resourceArn } from './format.ts';

/**
 * The service control policy that lets nobody but the builder write polc's tags on images, whatever else lets them write tags,
 * and on instances nobody after their launch: whoever could write them could forge what conditions ask. DeleteTags without
 * keys takes all tags away and has no key in its condition.
 *
 * @param nodes what depends on the tags
 */
export function tagGuard(partition: string, nodes: readonly Enforceable[]): Artifact {
  const builder = { [keys.principal]: `arn:${partition}:iam::*:role/${builderRole}` };
  const guarded = { [keys.tagKeys]: guardedKeys(tagPrefix) };
  const images = resourceArn(partition, 'image');
  const instances = resourceArn(partition, 'instance');
  const document = {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'GuardImages',
        Effect: 'Deny',
        Action: ['ec2:CreateTags', 'ec2:DeleteTags'],
        Resource: images,
        Condition: { 'ForAnyValue:StringLike': guarded, ArnNotLike: builder },
      },
      {
        Sid: 'GuardInstances',
        Effect: 'Deny',
        Action: ['ec2:CreateTags', 'ec2:DeleteTags'],
        Resource: instances,
        Condition: {
          'ForAnyValue:StringLike': guarded,
          StringNotEquals: { [keys.createAction]: 'RunInstances' },
          ArnNotLike: builder,
        },
      },
      {
        Sid: 'GuardAll',
        Effect: 'Deny',
        Action: 'ec2:DeleteTags',
        Resource: [images, instances],
        Condition: { Null: { [keys.tagKeys]: 'true' }, ArnNotLike: builder },
      },
    ],
  };
  const at = '/Statement/0/Condition/ForAnyValue:StringLike';
  return {
    path: guardPath,
    content: JSON.stringify(document),
    sourceMap: nodes.map(({ id, origin }) => ({ at, rule: id, span: origin.span })),
  };
}
