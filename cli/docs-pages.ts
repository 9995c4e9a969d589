import adaptive from '../docs/adaptive.md';
import bpfLsm from '../docs/bpf-lsm.md';
import webassembly from '../docs/webassembly.md';
import zygote from '../docs/zygote.md';

/** Pages about how policies are held, by the names under which `polc docs` shows them: those of their files. */
export const pages: Readonly<Record<string, string>> = { adaptive, 'bpf-lsm': bpfLsm, webassembly, zygote };
