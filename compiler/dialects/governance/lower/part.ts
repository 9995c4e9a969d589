import type { Span } from '../../../source/span.ts';
import type { InstitutionDocument, InvitationDocument, ProfileDocument } from '../shape.ts';

/** One part as it was written. */
export type Part = {
  /** The key under which it stands. */
  readonly place: Span;
  /** The file that it stands in. */
  readonly path: string;
} & (
  | { readonly role: 'institution'; readonly document: InstitutionDocument }
  | { readonly role: 'profile'; readonly document: ProfileDocument }
  | { readonly role: 'invitation'; readonly document: InvitationDocument }
);
