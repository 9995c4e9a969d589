import { report } from '../../diagnostics/report.ts';
import { hasWildcard } from '../../expressions/glob.ts';
import { expectScalar, replaceWith, shorten } from '../../schema/scalars.ts';
import type { EnumerationValue, Shape } from '../../schema/shape.ts';
import type { ScalarNode } from '../../source/tree.ts';
import {
  actionsMatching,
  actionsOf,
  iamAction,
  iamServices,
  isIamService,
  nearestAction,
  nearestService,
} from '../../tables/iam-actions.ts';

/** One entry of a deny list. */
export interface ActionPattern {
  /** For messages: the name of AWS's reference, or the pattern as its author wrote it. */
  readonly written: string;
  /** In lower case, since IAM ignores case: `ec2:runinstances`, `ec2:run*`. */
  readonly pattern: string;
  /** The actions that it stands for, in the case of AWS's reference; one where the entry has no wildcard. */
  readonly actions: readonly string[];
  readonly wildcard: boolean;
}

/** An action of IAM, `SERVICE:ACTION` in any case, or several by `*` and `?` in the part after the colon. */
export const actionPattern: Shape<ActionPattern> = {
  description: {
    kind: 'enumeration',
    noun: 'an IAM action, or a pattern of actions',
    values: everyAction,
    means: 'iam-action',
  },
  decode(node, context) {
    const scalar = expectScalar(node, 'an IAM action', context);
    if (scalar === undefined) return undefined;
    const found = read(scalar);
    if ('actions' in found) return found;
    context.diagnostics.push(found);
    return undefined;
  },
};

function read(scalar: ScalarNode): ActionPattern | ReturnType<typeof report> {
  const { text, span } = scalar;
  const pattern = text.toLowerCase();
  const value = shorten(text);
  if (pattern === '*' || pattern === '*:*')
    return { written: text, pattern: '*', actions: actionsMatching('*'), wildcard: true };
  const parts = /^([a-z0-9-]+):([a-z0-9*?]+)$/.exec(pattern);
  if (parts === null) return report('POL4066', span, { value });
  const [, service = '', name = ''] = parts;
  if (!isIamService(service)) {
    const near = nearestService(service);
    return report(
      'POL3060',
      span,
      { service: shorten(text.slice(0, service.length)) },
      replaceWith(
        scalar,
        near === undefined
          ? undefined
          : (iamAction(`${near}:${name}`)?.name ?? `${near}:${text.slice(service.length + 1)}`),
      ),
    );
  }
  if (hasWildcard(name)) {
    const actions = actionsMatching(pattern);
    return actions.length > 0
      ? { written: text, pattern, actions, wildcard: true }
      : report('POL3062', span, { value, service });
  }
  const action = iamAction(pattern);
  if (action !== undefined) return { written: action.name, pattern, actions: [action.name], wildcard: false };
  return report('POL3061', span, { value, service }, replaceWith(scalar, nearestAction(text)));
}

function everyAction(): readonly EnumerationValue[] {
  return iamServices().flatMap((service) =>
    actionsOf(service).map((name) => ({ name, doc: iamAction(name)?.access ?? '' })),
  );
}
