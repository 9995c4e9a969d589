import { visible } from '../../../compiler/diagnostics/render/width.ts';
import type { CompilationStatus, CompilationView, PlaceView } from '../../../runtime/launch/build/compilations.ts';
import { minutesText } from '../../../runtime/launch/build/estimate.ts';
import { columns } from '../../signing/columns.ts';
import { placeText } from './transcript.ts';

/** What people call them. */
export const statusWords: Readonly<Record<CompilationStatus, string>> = {
  'in-progress': 'In Progress',
  complete: 'Complete',
  failed: 'Failed',
  interrupted: 'Interrupted',
  abandoned: 'Abandoned',
};

/** One compilation, as the seed's transcript has it. */
export function statusText(view: CompilationView): string {
  const { id, status, startedAt, places } = view;
  const lines = [
    `Compilation Status: ${statusWords[status]}`,
    `Started: ${timeText(startedAt)}`,
    'Progress:',
    ...places.flatMap((place) => placeLines(place, status)),
  ];
  if (view.minutesLeft !== undefined) lines.push(`Estimated completion: ${minutesText(view.minutesLeft)}`);
  lines.push(`Compilation: ${id}`);
  if (status === 'failed' || status === 'interrupted') {
    lines.push(`Go on with: polc template build --resume ${id}`, `Remove it with: polc template build --abandon ${id}`);
  }
  return `${lines.map(visible).join('\n')}\n`;
}

function placeLines(place: PlaceView, status: CompilationStatus): readonly string[] {
  const at = placeText(place);
  const { failure } = place;
  if (status === 'abandoned') return [`  - ${at}: removed`];
  if (place.status === 'complete') {
    return [`  ✓ ${at}: ${place.image ?? ''} - Complete${place.signed ? ', signed' : ''}`];
  }
  if (failure === undefined) return [`  ⏳ ${at}: ${place.percent}% - ${place.stage}`];
  return [
    `  ✗ ${at}: ${failure.stage} failed: ${failure.reason}`,
    ...(failure.command === undefined ? [] : [`      command: ${failure.command}`]),
    ...(failure.output ?? '')
      .split('\n')
      .filter((line) => line !== '')
      .slice(-5)
      .map((line) => `      ${line}`),
  ];
}

/** A line for each compilation. */
export function listText(compilations: readonly CompilationView[]): string {
  if (compilations.length === 0) return 'nothing was built yet\n';
  const rows = compilations.map((view) => {
    const complete = view.places.filter(({ status }) => status === 'complete').length;
    const left = view.minutesLeft === undefined ? '' : `, ETA: ${minutesText(view.minutesLeft)}`;
    return [
      view.template,
      view.id,
      statusWords[view.status] + left,
      timeText(view.startedAt),
      `${complete}/${view.places.length}`,
    ];
  });
  return columns([['TEMPLATE', 'COMPILATION', 'STATUS', 'STARTED', 'IMAGES'], ...rows]);
}

/** `2024-01-15 10:30:00 UTC` */
function timeText(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
