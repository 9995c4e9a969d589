import { nounCommand } from '../../noun-command.ts';
import { summaries, wasmSummaries } from '../../summaries.ts';
import { wasmVerbs } from './verbs.ts';

export const command = nounCommand('wasm', summaries.wasm, wasmVerbs, wasmSummaries);
