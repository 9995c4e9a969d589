import type { NamedDocument } from '../../../compiler/backends/guardrail/format.ts';
import type { Diagnostic } from '../../../compiler/diagnostics/diagnostic.ts';
import { report } from '../../../compiler/diagnostics/report.ts';
import type { AwsPort, Tags } from '../aws/port.ts';
import { policyArn, policyPath } from './places.ts';
import { placeOf } from './problems.ts';
import { changedTags, taggedPrincipals } from './tags.ts';
import { CallFailure, type TrackedPort } from './tracked-port.ts';
import type { Undo } from './undo.ts';

type ExistingPolicy = NonNullable<Awaited<ReturnType<AwsPort['getPolicy']>>>;

/** A deny policy of a plan, and what there is of it. */
export interface FoundDocument extends NamedDocument {
  readonly arn: string;
  readonly existing: ExistingPolicy | undefined;
  readonly attached: readonly string[];
}

/** Looks for a deny policy where it would be. */
export async function findDocument(
  { name, document }: NamedDocument,
  principal: string,
  port: TrackedPort,
): Promise<FoundDocument> {
  const arn = policyArn(name, principal);
  const existing = await port.getPolicy(arn);
  return { name, document, arn, existing, attached: existing === undefined ? [] : await port.attachments(arn) };
}

/** Whether a policy of the name is not of the guardrail that would make one. */
export function isForeign({ existing }: Pick<FoundDocument, 'existing'>, policy: string): boolean {
  return existing !== undefined && existing.tags['polc:policy'] !== policy;
}

export function collision({ name, arn }: Pick<FoundDocument, 'name' | 'arn'>): Diagnostic {
  return report('POL8023', placeOf(arn), { name });
}

/** The name of a deny policy is another's: found out by making it. */
export class NameTaken extends Error {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.name = 'NameTaken';
    this.diagnostic = diagnostic;
  }
}

/**
 * Makes a deny policy, or puts right what there is of it, and attaches it, to those that it is for today. What takes a step back is noted before the
 * step: a call that seems to fail may have had its effect.
 *
 * @param settled the response was in force, so that what is missing was taken away by hand
 */
export async function placeDocument(
  found: FoundDocument,
  {
    policy,
    tags,
    principals,
  }: { readonly policy: string; readonly tags: Tags; readonly principals: readonly string[] },
  settled: boolean,
  port: TrackedPort,
  undo: Undo,
): Promise<readonly Diagnostic[]> {
  const { arn, name, document, existing, attached } = found;
  const diagnostics: Diagnostic[] = [];
  if (existing === undefined) await create(found, policy, tags, port, undo);
  else {
    if (existing.document !== document) {
      await port.replaceDocument(arn, document);
      diagnostics.push(report('POL8024', placeOf(arn), { name, policy }));
    }
  }
  const expected = existing === undefined ? [] : taggedPrincipals(arn, existing.tags);
  for (const principal of principals) {
    if (attached.includes(principal)) continue;
    undo.push(() => port.detach(principal, arn));
    await port.attach(principal, arn);
    if (settled && expected.includes(principal)) {
      diagnostics.push(report('POL8025', placeOf(principal), { name, principal, policy }));
    }
  }
  for (const principal of expected) {
    if (principals.includes(principal) || !attached.includes(principal)) continue;
    undo.push(() => port.attach(principal, arn));
    await port.detach(principal, arn);
  }
  // Last, since until then the tags tell from which principals to detach it.
  const changed = existing === undefined ? {} : changedTags(existing.tags, tags);
  if (existing !== undefined && Object.keys(changed).length > 0) {
    const old = Object.fromEntries(Object.keys(changed).map((key) => [key, existing.tags[key] ?? '']));
    undo.push(() => port.tagPolicy(arn, old));
    await port.tagPolicy(arn, changed);
  }
  return diagnostics;
}

async function create(
  { name, arn, document }: FoundDocument,
  policy: string,
  tags: Tags,
  port: TrackedPort,
  undo: Undo,
): Promise<void> {
  try {
    await port.createPolicy({ name, path: policyPath, document, tags });
  } catch (error) {
    if (!(error instanceof CallFailure) || error.failure.code !== 'EntityAlreadyExists') {
      undo.push(() => port.deletePolicy(arn));
      throw error;
    }
    // It may have been made by this very call, which was tried again when the answer did not come.
    const existing = await port.getPolicy(arn);
    if (existing === undefined || isForeign({ existing }, policy)) throw new NameTaken(collision({ name, arn }));
  }
  undo.push(() => port.deletePolicy(arn));
}
