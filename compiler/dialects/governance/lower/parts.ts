import { attribute, compare, or } from '../../../expressions/predicate.ts';
import { launchNames, unlessAmong, unlessIs, whereAmong, whereOver } from '../../../ir/launch-rules.ts';
import type { ObligationBody } from '../../../ir/obligation.ts';
import type { Span } from '../../../source/span.ts';
import type { InstitutionDocument, InvitationDocument, ProfileDocument } from '../shape.ts';
import {
  budgetDrafts,
  clearanceDrafts,
  type Draft,
  frameworkDrafts,
  given,
  limitDrafts,
  unlessApproved,
  unlessSignedBy,
  valuesOf,
} from './draft.ts';

/** An obligation before it has its place. */
export interface Task {
  readonly topic: string;
  readonly span: Span;
  readonly body: ObligationBody;
}

export interface Lowered {
  readonly drafts: readonly Draft[];
  readonly tasks: readonly Task[];
}

/** @param place the key under which the institution stands, for what holds whatever it says */
export function lowerInstitution(institution: InstitutionDocument, place: Span): Lowered {
  const drafts: Draft[] = [...limitDrafts(institution)];
  const { allowed_sources: sources, approval_required: approval, images, compliance_frameworks } = institution;
  if (sources !== undefined) {
    const when = unlessAmong(['source'], valuesOf(sources));
    drafts.push({ step: 'source', topic: 'allowed_sources', span: sources.span, when });
  }
  if (approval !== undefined && approval.value !== false) {
    const of = approval.value === true ? undefined : approval.value.map(({ value }) => value);
    drafts.push({ step: 'source', topic: 'approval_required', span: approval.span, when: unlessApproved(of) });
  }
  if (images?.value.owners !== undefined) {
    const { span } = images.value.owners;
    const when = unlessAmong(['owner'], valuesOf(images.value.owners));
    drafts.push({ step: 'source', topic: 'images.owners', span, when });
  }
  const lifecycle = lowerLifecycle(institution, place);
  drafts.push(...lifecycle.drafts, ...signatureDrafts(institution, place));
  if (institution.budget_limits !== undefined) {
    drafts.push(...budgetDrafts(institution.budget_limits.value, 'budget_limits.'));
  }
  drafts.push(classificationDraft(place));
  drafts.push(...clearanceDrafts({ security_classification: institution.security_classification }));
  drafts.push(...frameworkDrafts('compliance_frameworks', compliance_frameworks), ...imageDrafts(institution));
  return { drafts, tasks: [...lifecycle.tasks, ...auditTasks(institution)] };
}

/** Settled for every institution: nobody launches what is classified above their clearance. */
function classificationDraft(place: Span): Draft {
  const when = compare(attribute('clearance'), '<', attribute('classification'));
  return { step: 'classification', topic: 'clearance', span: place, when };
}

/** A signature that is wrong is refused whatever the institution asks for. */
function signatureDrafts(institution: InstitutionDocument, place: Span): readonly Draft[] {
  const { required_signature, signature_required, trusted_authorities: authorities } = institution;
  const asked = given({ required_signature, signature_required });
  const demanded = asked.filter(([, { value }]) => value);
  const drafts = demanded.map(([topic, { span }]): Draft => {
    return { step: 'signature', topic, span, when: unlessIs('signature', 'valid') };
  });
  if (demanded.length === 0) {
    const span = asked[0]?.[1].span ?? place;
    drafts.push({ step: 'signature', topic: 'signature', span, when: whereAmong(['signature'], ['invalid']) });
  }
  if (authorities !== undefined) {
    const { span } = authorities;
    const of = valuesOf(authorities);
    const when = demanded.length > 0 ? unlessAmong(['authority'], of) : unlessSignedBy(of);
    drafts.push({ step: 'signature', topic: 'trusted_authorities', span, when });
  }
  return drafts;
}

function lowerLifecycle({ template_lifecycle: lifecycle }: InstitutionDocument, place: Span): Lowered {
  const key = 'template_lifecycle';
  const at = lifecycle?.key ?? place;
  const drafts: Draft[] = [
    { step: 'source', topic: `${key}.retired`, span: at, when: whereAmong(['lifecycle'], ['retired']) },
  ];
  const tasks: Task[] = [];
  const { deprecated, refuse_deprecated: refused, retired } = lifecycle?.value ?? {};
  if (retired !== undefined && retired.value.length > 0) {
    const when = whereAmong(launchNames, valuesOf(retired));
    drafts.push({ step: 'source', topic: `${key}.retired`, span: retired.span, when });
  }
  const names = deprecated === undefined ? [] : valuesOf(deprecated);
  if (refused?.value === true) {
    const when = or(
      whereAmong(['lifecycle'], ['deprecated']),
      ...(names.length > 0 ? [whereAmong(launchNames, names)] : []),
    );
    drafts.push({ step: 'source', topic: `${key}.refuse_deprecated`, span: refused.span, when });
  } else if (deprecated !== undefined && names.length > 0) {
    const templates = [...new Set(names)].sort();
    tasks.push({ topic: `${key}.deprecated`, span: deprecated.span, body: { kind: 'deprecate', templates } });
  }
  return { drafts, tasks };
}

function imageDrafts({ images }: InstitutionDocument): readonly Draft[] {
  const { max_age_days: age, newest_base: newest, passed_scan: scan } = images?.value ?? {};
  const step = 'compliance';
  const drafts: Draft[] = [];
  if (age !== undefined) {
    drafts.push({ step, topic: 'images.max_age_days', span: age.span, when: whereOver('image_age', age.value) });
  }
  if (newest?.value === true) {
    const when = unlessIs('base_outdated', false);
    drafts.push({ step, topic: 'images.newest_base', span: newest.span, when });
  }
  if (scan?.value === true) {
    drafts.push({ step, topic: 'images.passed_scan', span: scan.span, when: unlessIs('scan', 'passed') });
  }
  return drafts;
}

function auditTasks({ audit_logging: audit }: InstitutionDocument): readonly Task[] {
  if (audit === undefined || audit.value.enabled?.value === false) return [];
  const days = audit.value.retention_days?.value;
  const body: ObligationBody = days === undefined ? { kind: 'audit' } : { kind: 'audit', retainDays: days };
  return [{ topic: 'audit_logging', span: audit.span, body }];
}

export function lowerProfile(profile: ProfileDocument): Lowered {
  const { clearance, security_clearance, compliance_level } = profile;
  return {
    drafts: [...limitDrafts(profile), ...clearanceDrafts({ clearance, security_clearance, compliance_level })],
    tasks: [],
  };
}

/** @param place the key under which the invitation stands */
export function lowerInvitation(invitation: InvitationDocument, name: string, place: Span): Lowered {
  const { clearance, security_clearance, compliance_required } = invitation;
  const { expires, valid_days: days, max_uses: uses, type, device_binding: bound } = invitation;
  const topic = expires === undefined ? 'valid_days' : 'expires';
  const span = (expires ?? days)?.span ?? place;
  return {
    drafts: [
      { step: 'source', topic, span, when: unlessIs('invitation', 'valid') },
      ...limitDrafts(invitation),
      ...clearanceDrafts({ clearance, security_clearance }),
      ...frameworkDrafts('compliance_required', compliance_required),
    ],
    tasks: [
      {
        topic,
        span,
        body: {
          kind: 'invite',
          invitation: name,
          type: type?.value ?? 'read_only',
          ...(expires === undefined ? {} : { expires: expires.value }),
          ...(days === undefined ? {} : { validDays: days.value }),
          ...(uses === undefined ? {} : { uses: uses.value }),
          deviceBound: bound?.value ?? true,
        },
      },
    ],
  };
}
