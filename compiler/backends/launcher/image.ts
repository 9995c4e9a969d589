import { aarch64 } from './aarch64.ts';
import { layOutCode, linkCode } from './assembler.ts';
import type { DataPiece } from './data.ts';
import { elfFile, headersSize, imageBase } from './elf.ts';
import type { Operation } from './operation.ts';
import type { LaunchPlan } from './plan.ts';
import { type Program, programmer } from './program.ts';
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
export function launcherImage(plan: LaunchPlan, program: Program = programmer()(plan)): LauncherImage {
  const { operations, pieces } = program;
  const constants = layOut(pieces);
  const layout = layOutCode(plan.machine === 'x86_64' ? x8664 : aarch64, operations);
  const constantsStart = imageBase + headersSize;
  const codeStart = roundUp(constantsStart + constants.size, 4);
  const addressOf = (symbol: string): number => constantsStart + constants.offsets.get(symbol)!;

  const text = new Uint8Array(codeStart - constantsStart + layout.size);
  writePieces(text, constants, addressOf);
  text.set(linkCode(layout, codeStart, addressOf), codeStart - constantsStart);
  const bytes = elfFile(plan.machine, text, codeStart);
  const addresses = layout.offsets.map((offset) => codeStart + offset);
  return { bytes, operations, addresses, pieces, addressOf };
}

interface Layout {
  readonly pieces: readonly DataPiece[];
  readonly offsets: ReadonlyMap<string, number>;
  readonly size: number;
}

/** Widest alignment first, so that none is lost to padding but at the end. */
function layOut(pieces: readonly DataPiece[]): Layout {
  const ordered: DataPiece[] = [];
  for (const alignment of [8, 4, 1]) for (const piece of pieces) if (piece.alignment === alignment) ordered.push(piece);
  const offsets = new Map<string, number>();
  let at = 0;
  for (const piece of ordered) {
    at = roundUp(at, piece.alignment);
    offsets.set(piece.symbol, at);
    at += piece.bytes.length;
  }
  return { pieces: ordered, offsets, size: at };
}

function writePieces(text: Uint8Array, layout: Layout, addressOf: (symbol: string) => number): void {
  const view = new DataView(text.buffer);
  for (const { symbol, bytes, pointers } of layout.pieces) {
    const start = layout.offsets.get(symbol)!;
    text.set(bytes, start);
    for (const pointer of pointers) view.setUint32(start + pointer.at, addressOf(pointer.symbol), true);
  }
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
