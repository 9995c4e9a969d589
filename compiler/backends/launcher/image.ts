import { aarch64 } from './aarch64.ts';
import { layOutCode, linkCode } from './assembler.ts';
import { type DataPiece, dataCollector } from './data.ts';
import { dataAddress, elfFile, headersSize, imageBase } from './elf.ts';
import type { Operation } from './operation.ts';
import type { LaunchPlan } from './plan.ts';
import { launchProgram } from './program.ts';
import { variablesBase, variablesEnd } from './variables.ts';
import { x8664 } from './x86-64.ts';

/** A launcher and what its listing needs. */
export interface LauncherImage {
  /** The executable file. */
  readonly bytes: Uint8Array;
  readonly operations: readonly Operation[];
  /** The address of each operation's code. */
  readonly addresses: readonly number[];
  readonly pieces: readonly DataPiece[];
  readonly addressOf: (symbol: string) => number;
}

/** The launcher of a plan, the same bytes each time. */
export function launcherImage(plan: LaunchPlan): LauncherImage {
  const data = dataCollector();
  const operations = launchProgram(plan, data);
  const assembler = plan.machine === 'x86_64' ? x8664 : aarch64;
  const constants = layOut(data.pieces.filter((piece) => !piece.writable));
  const patched = layOut(data.pieces.filter((piece) => piece.writable));
  const codeStart = roundUp(imageBase + headersSize + constants.size, 4);

  const layout = layOutCode(assembler, operations);
  const textSize = roundUp(codeStart - imageBase + layout.size, 8);
  const dataStart = dataAddress(plan.machine, textSize);
  const addressOf = (symbol: string): number => {
    if (symbol === 'variables') return dataStart + patched.size + variablesBase;
    const constant = constants.offsets.get(symbol);
    return constant === undefined ? dataStart + patched.offsets.get(symbol)! : imageBase + headersSize + constant;
  };
  const code = linkCode(layout, codeStart, addressOf);

  const text = new Uint8Array(textSize - headersSize);
  text.set(pieceBytes(constants, addressOf));
  text.set(code, codeStart - imageBase - headersSize);
  const bytes = elfFile(plan.machine, text, codeStart, pieceBytes(patched, addressOf), variablesBase + variablesEnd);
  const addresses = layout.offsets.map((offset) => codeStart + offset);
  return { bytes, operations, addresses, pieces: data.pieces, addressOf };
}

interface Layout {
  readonly pieces: readonly DataPiece[];
  readonly offsets: ReadonlyMap<string, number>;
  readonly size: number;
}

/** Widest alignment first, so that none is lost to padding but at the end. */
function layOut(pieces: readonly DataPiece[]): Layout {
  const ordered = [8, 4, 1].flatMap((alignment) => pieces.filter((piece) => piece.alignment === alignment));
  const offsets = new Map<string, number>();
  let at = 0;
  for (const piece of ordered) {
    at = roundUp(at, piece.alignment);
    offsets.set(piece.symbol, at);
    at += piece.bytes.length;
  }
  return { pieces: ordered, offsets, size: roundUp(at, 8) };
}

function pieceBytes(layout: Layout, addressOf: (symbol: string) => number): Uint8Array {
  const bytes = new Uint8Array(layout.size);
  const view = new DataView(bytes.buffer);
  for (const piece of layout.pieces) {
    const start = layout.offsets.get(piece.symbol)!;
    bytes.set(piece.bytes, start);
    // The image lies below 2 GiB, so that the high half of a 64-bit pointer stays 0.
    for (const { at, symbol } of piece.pointers) view.setUint32(start + at, addressOf(symbol), true);
  }
  return bytes;
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
