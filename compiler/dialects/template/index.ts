import type { Dialect } from '../dialect.ts';
import type * as Chapters from './chapters.ts';
import type * as Resolve from './resolve.ts';
import type * as Shapes from './shape.ts';

/** Loaded only where a template is compiled or described: most runs see none. */
const load = {
  resolve: (): typeof Resolve => require('./resolve.ts'),
  shape: (): typeof Shapes => require('./shape.ts'),
  chapters: (): typeof Chapters => require('./chapters.ts'),
};

/** Keys that only a template has, of which one is enough beside its name. */
const own = [
  'base',
  'inherits',
  'compile_to_ami',
  'precompiled_amis',
  'policy_metadata',
  'instance_defaults',
  'package_manager',
  'packages',
  'service_type',
];

/** Seeds 000 and 001: what a machine is made of, and who may launch it where and on what. */
export const template: Dialect = {
  name: 'template',
  summary: 'what a machine is made of, which images are built of it, and who may launch it where',
  platforms: ['aws'],
  // Snaps, rocks and charms have a name and a base too, and parts.
  recognises: (keys) => keys.has('name') && own.some((key) => keys.has(key)) && !keys.has('parts'),
  get description() {
    return load.shape().shape.description;
  },
  chapters: () => load.chapters().chapters(),
  resolve: (root, loader, diagnostics) => load.resolve().resolveTemplate(root, loader, diagnostics),
};
