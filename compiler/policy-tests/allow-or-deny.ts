import { enumeration } from '../schema/scalars.ts';

/** The answers where there is nothing between yes and no. */
export const allowOrDeny = enumeration(
  'an answer',
  { allow: 'it may be done', deny: 'it is refused' },
  { allowed: 'allow', yes: 'allow', accept: 'allow', denied: 'deny', refuse: 'deny', no: 'deny', reject: 'deny' },
);
