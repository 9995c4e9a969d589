import { escapeHtml } from './escape.ts';
import type { Tally } from './summary.ts';

const barHeight = 22;
const gap = 6;
const labelWidth = 300;
const barWidth = 420;
const numberWidth = 120;

/** Bars of what was allowed and refused, as an SVG that needs nothing else. */
export function barChart(tallies: readonly Tally[], title: string): string {
  const most = Math.max(1, ...tallies.map(({ launches }) => launches));
  const height = tallies.length * (barHeight + gap);
  const width = labelWidth + barWidth + numberWidth;
  const bars = tallies.map(({ name, launches, refused }, index) => {
    const top = index * (barHeight + gap);
    const middle = top + barHeight / 2 + 5;
    const red = (refused / most) * barWidth;
    const green = ((launches - refused) / most) * barWidth;
    return `<g><title>${escapeHtml(name)}: ${refused} of ${launches} refused</title>
<text x="${labelWidth - 8}" y="${middle}" text-anchor="end">${escapeHtml(shorten(name))}</text>
<rect class="refused" x="${labelWidth}" y="${top}" width="${round(red)}" height="${barHeight}"/>
<rect class="allowed" x="${round(labelWidth + red)}" y="${top}" width="${round(green)}" height="${barHeight}"/>
<text x="${round(labelWidth + red + green + 8)}" y="${middle}">${refused} / ${launches}</text></g>`;
  });
  return `<svg viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeHtml(title)}">
${bars.join('\n')}
</svg>`;
}

/** The characters that the label has room for. */
function shorten(name: string): string {
  const characters = [...name];
  return characters.length <= 38 ? name : `${characters.slice(0, 37).join('')}…`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
