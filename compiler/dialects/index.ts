import type { Dialect } from './dialect.ts';
import { governance } from './governance/index.ts';
import { guardrail } from './guardrail/index.ts';
import { kuadrant } from './kuadrant/index.ts';
import { sandbox } from './sandbox/index.ts';
import { template } from './template/index.ts';
import { tenancy } from './tenancy/index.ts';

/** Every dialect, in the order in which help and references list them. */
export const dialects: readonly Dialect[] = [sandbox, guardrail, kuadrant, tenancy, template, governance];
