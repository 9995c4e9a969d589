import { builds } from './builds.ts';
import { celNames } from './cel-names.ts';
import { celSyntax } from './cel-syntax.ts';
import { celTypes } from './cel-types.ts';
import { conditionSyntax } from './condition-syntax.ts';
import { coverage } from './coverage.ts';
import { gate } from './gate.ts';
import { governanceMeaning, governanceNames, governanceTypes } from './governance.ts';
import { guardrailActing } from './guardrail-acting.ts';
import { guardrailMeaning } from './guardrail-meaning.ts';
import { guardrailNames } from './guardrail-names.ts';
import { guardrailResponse } from './guardrail-response.ts';
import { guardrailTypes } from './guardrail-types.ts';
import { guests } from './guests.ts';
import { hookMeaning, hookNames, hookSizes, hookSyntax, hookTypes } from './hook-programs.ts';
import { imageCoverage, imageSizes } from './images.ts';
import { internal } from './internal.ts';
import { kuadrantMeaning } from './kuadrant-meaning.ts';
import { kuadrantNames } from './kuadrant-names.ts';
import { kuadrantCoverageEntries, kuadrantSizes } from './kuadrant-output.ts';
import { kuadrantSchema } from './kuadrant-schema.ts';
import { launchImages } from './launch-images.ts';
import { launchPolicySizes } from './launch-policies.ts';
import { launches } from './launches.ts';
import { limits } from './limits.ts';
import { loadedPrograms } from './loaded-programs.ts';
import { meaning } from './meaning.ts';
import { names } from './names.ts';
import { policyTests } from './policy-tests.ts';
import { prices } from './prices.ts';
import { profiles } from './profiles.ts';
import { schema } from './schema.ts';
import { signing } from './signing.ts';
import { syntax } from './syntax.ts';
import { templateMeaning } from './template-meaning.ts';
import { templateNames, templateTypes } from './template-names.ts';
import { tenancyMeaning, tenancyNames, tenancySchema, tenancyTypes } from './tenancy.ts';
import { tenancyActing } from './tenancy-acting.ts';
import { types } from './types.ts';

/** The groups of codes, by their thousands digit. */
export const groups = {
  POL1: { title: 'Syntax', entries: { ...syntax, ...conditionSyntax, ...celSyntax, ...hookSyntax } },
  POL2: { title: 'Schema', entries: { ...schema, ...policyTests, ...kuadrantSchema, ...tenancySchema } },
  POL3: {
    title: 'Names',
    entries: {
      ...names,
      ...guardrailNames,
      ...celNames,
      ...tenancyNames,
      ...kuadrantNames,
      ...governanceNames,
      ...templateNames,
      ...hookNames,
    },
  },
  POL4: {
    title: 'Types',
    entries: {
      ...types,
      ...guardrailTypes,
      ...celTypes,
      ...tenancyTypes,
      ...governanceTypes,
      ...templateTypes,
      ...hookTypes,
    },
  },
  POL5: {
    title: 'Meaning',
    entries: {
      ...meaning,
      ...guardrailMeaning,
      ...kuadrantMeaning,
      ...tenancyMeaning,
      ...governanceMeaning,
      ...templateMeaning,
      ...hookMeaning,
    },
  },
  POL6: { title: 'Coverage', entries: { ...coverage, ...kuadrantCoverageEntries, ...imageCoverage } },
  POL7: {
    title: 'Limits',
    entries: { ...limits, ...kuadrantSizes, ...imageSizes, ...launchPolicySizes, ...hookSizes },
  },
  POL8: {
    title: 'Gate and environment',
    entries: {
      ...gate,
      ...guardrailActing,
      ...guardrailResponse,
      ...tenancyActing,
      ...signing,
      ...builds,
      ...profiles,
      ...prices,
      ...launchImages,
      ...launches,
      ...guests,
      ...loadedPrograms,
    },
  },
  POL9: { title: 'Internal', entries: internal },
} as const;

export const catalogue = {
  ...groups.POL1.entries,
  ...groups.POL2.entries,
  ...groups.POL3.entries,
  ...groups.POL4.entries,
  ...groups.POL5.entries,
  ...groups.POL6.entries,
  ...groups.POL7.entries,
  ...groups.POL8.entries,
  ...groups.POL9.entries,
} as const;

export type Catalogue = typeof catalogue;
export type Code = keyof Catalogue;
