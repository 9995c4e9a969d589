import { report } from '../../../diagnostics/report.ts';
import type { Located } from '../../../schema/shape.ts';
import type { Arn } from '../arn.ts';
import { matchesArn, type Principal } from '../principal.ts';
import { checkPartition, distinct, isWrittenEmpty, type Lowering, listed } from './lowering.ts';

/** A principal of `scope.principals` by its place in the list. */
export interface ScopedPrincipal {
  readonly index: number;
  readonly arn: Arn;
}

/** The principals that the response restricts: those of the scope that no exception names. */
export function restrictedPrincipals(lowering: Lowering): readonly Located<ScopedPrincipal>[] {
  const { document } = lowering;
  const written = document.scope?.value.principals;
  if (written === undefined) return [];
  checkEmpty(lowering);
  const readable = written.value.flatMap((entry, index) => {
    const { arn, type } = entry.value;
    if (arn === undefined) return [];
    checkType(arn, type, lowering);
    checkPartition(arn.value.arn, arn.span, lowering);
    return [{ ...arn, value: { index, arn: arn.value.arn } }];
  });
  const scoped = distinct(readable, ({ arn }) => arn.text, lowering);
  const restricted = withoutExempt(scoped, lowering);
  checkAccounts(restricted, lowering);
  return restricted;
}

/** The runtime has the credentials of one account, and a response is carried out whole or not at all. */
function checkAccounts(restricted: readonly Located<ScopedPrincipal>[], { diagnostics }: Lowering): void {
  const accounts = [...new Set(restricted.map(({ value }) => value.arn.account))];
  const [first] = restricted;
  const other = restricted.find(({ value }) => value.arn.account !== first?.value.arn.account);
  if (first === undefined || other === undefined) return;
  const related = [{ span: first.span, label: `is of \`${first.value.arn.account}\`` }];
  diagnostics.push(report('POL5067', other.span, { accounts: listed(accounts) }, { related }));
}

/** The kind that the ARN names is what the runtime would have to restrict. */
function checkType(arn: Located<Principal>, type: Located<string> | undefined, { diagnostics }: Lowering): void {
  if (type === undefined || type.value === arn.value.type) return;
  const right = arn.value.type;
  diagnostics.push(
    report(
      'POL4067',
      type.span,
      { type: type.value, right },
      {
        related: [{ span: arn.span, label: `names ${right === 'iam_role' ? 'a role' : 'a user'}` }],
        fixes: [{ title: `change to \`${right}\``, certain: false, edits: [{ span: type.span, newText: right }] }],
      },
    ),
  );
}

/** Nobody to restrict is fine where nobody would be restricted: in a rehearsal, or where the actions only tell. */
function checkEmpty({ document, diagnostics }: Lowering): void {
  const written = document.scope?.value.principals;
  const { mode, actions } = document;
  if (written === undefined || !isWrittenEmpty(written)) return;
  if (mode === undefined || mode.value === 'dry_run' || actions === undefined) return;
  const restricting = actions.value.find(
    ({ value }) => value.type?.value === 'attach_deny_policy' || value.type?.value === 'set_permission_boundary',
  );
  if (restricting === undefined) return;
  const related = [{ span: restricting.value.type?.span ?? restricting.span, label: 'restricts the principals' }];
  diagnostics.push(report('POL5033', written.span, {}, { related }));
}

function withoutExempt(
  scoped: readonly Located<ScopedPrincipal>[],
  lowering: Lowering,
): readonly Located<ScopedPrincipal>[] {
  const { document, diagnostics } = lowering;
  const list = document.exceptions?.value.principals;
  const exempt = list === undefined ? [] : distinct(list.value, ({ text }) => text, lowering);
  const place = document.scope?.value.principals?.span;
  for (const { value, span } of exempt) {
    if (scoped.some((principal) => matchesArn(principal.value.arn, value))) continue;
    const related = place === undefined ? [] : [{ span: place, label: 'the principals that are restricted' }];
    diagnostics.push(report('POL5041', span, { pattern: value.text }, { related }));
  }
  const left = scoped.filter((principal) => {
    const by = exempt.find(({ value }) => matchesArn(principal.value.arn, value));
    if (by === undefined) return true;
    const related = [{ span: by.span, label: 'exempts it' }];
    diagnostics.push(report('POL5043', principal.span, { arn: principal.value.arn.text }, { related }));
    return false;
  });
  if (list !== undefined && scoped.length > 0 && left.length === 0) {
    const related = place === undefined ? [] : [{ span: place, label: 'each of them is exempt' }];
    diagnostics.push(report('POL5042', list.span, {}, { related }));
  }
  return left;
}
