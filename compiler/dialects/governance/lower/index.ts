import type { Diagnostic } from '../../../diagnostics/diagnostic.ts';
import { report } from '../../../diagnostics/report.ts';
import { combineLaunches, type LaunchPart, launchSteps } from '../../../ir/launch.ts';
import type { Obligation, Policy, Rule } from '../../../ir/policy.ts';
import type { Target } from '../../../target.ts';
import { policyName } from '../names.ts';
import { checkPart } from './check-part.ts';
import { checkTogether } from './check-together.ts';
import type { Part } from './part.ts';
import { type Lowered, lowerInstitution, lowerInvitation, lowerProfile } from './parts.ts';

export interface Lowering {
  readonly path: string;
  /** From the widest to the narrowest. */
  readonly parts: readonly Part[];
  readonly target: Target;
  readonly diagnostics: Diagnostic[];
}

/** What all the parts of a file let people launch, the parts of other files that it names included. */
export function lowerGovernance({ path, parts, target, diagnostics }: Lowering): Policy {
  const lowered: LaunchPart[] = [];
  for (const part of parts) {
    checkPart(part, target, diagnostics);
    checkInstitution(part, lowered, diagnostics);
    const own = { role: part.role, policy: policyOf(part) };
    checkTogether(lowered, own, diagnostics);
    lowered.push(own);
  }
  return { ...combineLaunches(lowered), name: lowered.at(-1)?.policy.name ?? policyName(stemOf(path)) };
}

/** A profile that lost its institution would allow more than whoever wrote it meant. */
function checkInstitution(part: Part, wider: readonly LaunchPart[], diagnostics: Diagnostic[]): void {
  const wanted = part.role === 'profile' ? part.document.institutional_policy_id : undefined;
  if (wanted === undefined) return;
  const names = wider.flatMap(({ role, policy }) => (role === 'institution' ? [policy.name] : []));
  if (names.includes(policyName(wanted.value))) return;
  const found = names.length === 0 ? 'there is none' : `there is \`${names.join('`, `')}\``;
  diagnostics.push(report('POL5348', wanted.span, { institution: wanted.value, found }));
}

function policyOf(part: Part): Policy {
  const written = part.document.name?.value ?? stemOf(part.path);
  const name = part.role === 'profile' ? written : policyName(written);
  const { drafts, tasks } = loweredPart(part, written);
  const rules = launchSteps.flatMap((step) =>
    drafts
      .filter((draft) => draft.step === step)
      .map(
        ({ topic, span, when }, at): Rule => ({
          id: `${step}/${at + 1}`,
          topic: `${part.role}.${topic}`,
          origin: { span },
          when,
          effect: { kind: 'deny' },
        }),
      ),
  );
  const obligations = tasks.map(
    ({ topic, span, body }): Obligation => ({
      id: body.kind,
      topic: `${part.role}.${topic}`,
      origin: { span },
      ...body,
    }),
  );
  const otherwise = {
    id: 'launch/otherwise',
    topic: part.role,
    origin: { span: part.place },
    effect: { kind: 'allow' },
  } as const;
  return {
    name,
    decisions: [{ point: 'launch', combine: 'deny-overrides', rules, otherwise }],
    limits: [],
    obligations,
  };
}

function loweredPart(part: Part, name: string): Lowered {
  switch (part.role) {
    case 'institution':
      return lowerInstitution(part.document, part.place);
    case 'profile':
      return lowerProfile(part.document);
    case 'invitation':
      return lowerInvitation(part.document, name, part.place);
    default: {
      const unreachable: never = part;
      return unreachable;
    }
  }
}

function stemOf(path: string): string {
  const stem = path.slice(path.lastIndexOf('/') + 1).replace(/\.ya?ml$/, '');
  return policyName(stem);
}
