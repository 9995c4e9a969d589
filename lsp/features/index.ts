import { answers } from './answers.ts';
import { codeAction } from './code-action.ts';
import { completion } from './completion.ts';
import { definition } from './definition.ts';
import { diagnostics } from './diagnostics.ts';
import type { Feature } from './feature.ts';
import { folding } from './folding.ts';
import { formatting } from './formatting.ts';
import { hierarchy } from './hierarchy.ts';
import { hover } from './hover.ts';
import { inlayHint } from './inlay-hint.ts';
import { lens } from './lens.ts';
import { links } from './links.ts';
import { preview } from './preview.ts';
import { references } from './references.ts';
import { rename } from './rename.ts';
import { selection } from './selection.ts';
import { semanticTokens } from './semantic-tokens.ts';
import { signatureHelp } from './signature-help.ts';
import { status } from './status.ts';
import { symbols } from './symbols.ts';
import { tests } from './tests.ts';

/** Every feature; each line is one request or a family of requests. */
export const features: readonly Feature[] = [
  diagnostics,
  answers,
  codeAction,
  completion,
  definition,
  folding,
  formatting,
  hierarchy,
  hover,
  inlayHint,
  lens,
  links,
  preview,
  references,
  rename,
  selection,
  semanticTokens,
  signatureHelp,
  status,
  symbols,
  tests,
];
