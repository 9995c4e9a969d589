import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import wabt from 'wabt';
import type { DecisionModule } from '../../compiler/backends/wasm/decisions.ts';
import { decisionsFile } from '../../compiler/backends/wasm/format.ts';
import { printModule } from '../../compiler/backends/wasm/text/print.ts';
import { encodeRecord } from '../../runtime/wasm/encode-record.ts';

/**
 * Asks a decision of a module in wabt's interpreter, which takes its record as constants of the module: our text form with
 * the record in it, read and validated by wabt.
 *
 * @param place of the decision in the module
 * @returns the answer
 */
export async function askWabt(
  compiled: DecisionModule,
  place: number,
  attributes: Readonly<Record<string, unknown>>,
): Promise<{ readonly answer: number; readonly output: string }> {
  const tools = await wabt();
  const memory = new ArrayBuffer(compiled.input + 32_768);
  encodeRecord(memory, compiled.input, decisionsFile(compiled.decisions).decisions[place]!, attributes);
  const record = new Uint8Array(memory).subarray(compiled.input);
  const used = record.findLastIndex((byte) => byte !== 0) + 1;
  const { text } = printModule(compiled.bytes, compiled.functionNames, () => undefined);
  const hexadecimal = [...record.subarray(0, used)].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
  const withRecord = `${text.slice(0, text.lastIndexOf(')'))}\n(data (i32.const ${compiled.input}) "${hexadecimal}"))`;
  const parsed = tools.parseWat('decisions.wat', withRecord);
  parsed.validate();
  const folder = mkdtempSync(join(tmpdir(), 'polc-wasm-'));
  try {
    const file = join(folder, 'decisions.wasm');
    writeFileSync(file, parsed.toBinary({}).buffer);
    const { export: name } = compiled.decisions[place]!;
    const words = [file, '--run-export', name, '--argument', `i32:${compiled.input}`];
    const output = execFileSync(process.execPath, ['node_modules/wabt/bin/wasm-interp', ...words], {
      encoding: 'utf8',
      cwd: process.env.POLC_ROOT ?? '.',
    });
    return { answer: Number(/=> i32:(\d+)/.exec(output)?.[1]), output };
  } finally {
    parsed.destroy();
    rmSync(folder, { recursive: true });
  }
}
