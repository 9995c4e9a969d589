import { codeAction } from './code-action.ts';
import { diagnostics } from './diagnostics.ts';
import type { Feature } from './feature.ts';
import { preview } from './preview.ts';
import { status } from './status.ts';

/** Every feature; each line is one request or a family of requests. */
export const features: readonly Feature[] = [diagnostics, codeAction, preview, status];
