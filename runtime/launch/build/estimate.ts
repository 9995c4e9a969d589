import { stageTitles } from '../../../compiler/dialects/template/lower/script/stages.ts';
import type { BuildPlan, PlannedPlace } from './plan.ts';

/** The steps around the script of a builder, as people read them. */
export const steps = {
  base: 'Finding the base image',
  start: 'Starting the builder',
  seal: 'Cleaning the builder',
  stop: 'Stopping the builder',
  image: 'Making the image',
  copy: 'Copying the image',
  wait: 'Waiting for the image to copy',
  sign: 'Signing the image',
} as const;

/** Minutes by what a stage of a script begins with; by what we have seen, to tell people and for nothing else. */
const usual: readonly (readonly [start: string, minutes: number])[] = [
  ['Configuring base system', 1],
  ['Installing system packages', 2],
  ['Installing conda packages', 5],
  ['Installing Python packages', 3],
  ['Installing Spack packages', 40],
  ['Copying files', 2],
  ['Running ', 2],
];

const image = 6;
const encryption = 2;
const copy = 8;

/** The steps of a place in their order, each with the minutes that it mostly takes. */
export function stepMinutes(
  plan: BuildPlan,
  place: PlannedPlace,
): readonly (readonly [title: string, minutes: number])[] {
  if (place.copyFrom === undefined) return builtSteps(plan, place);
  const source = plan.places.find(
    ({ region, architecture }) => region === place.copyFrom && architecture === place.architecture,
  );
  const before = source === undefined ? 0 : total(builtSteps(plan, source));
  return [
    [steps.wait, before],
    [steps.copy, copy],
    [steps.sign, 0.1],
  ];
}

function builtSteps({ script }: BuildPlan, { encrypted }: PlannedPlace): readonly (readonly [string, number])[] {
  return [
    [steps.base, 0.1],
    [steps.start, 2],
    ...stageTitles(script).map((title) => [title, minutesOf(title)] as const),
    [steps.seal, 0.5],
    [steps.stop, 1],
    [steps.image, image + (encrypted ? encryption : 0)],
    [steps.sign, 0.1],
  ];
}

function minutesOf(title: string): number {
  return usual.find(([start]) => title.startsWith(start))?.[1] ?? 0.5;
}

/** Minutes that the script of a builder mostly takes, and with it an instance that does the same when it begins. */
export function scriptMinutes(script: string): number {
  return stageTitles(script).reduce((sum, title) => sum + minutesOf(title), 0);
}

function total(list: readonly (readonly [string, number])[]): number {
  return list.reduce((sum, [, minutes]) => sum + minutes, 0);
}

/**
 * How far a place is, from 0 to 99, by how long its steps mostly take: a step that takes longer stays short of its end.
 *
 * @param elapsed milliseconds since the step began
 */
export function percentAt(plan: BuildPlan, place: PlannedPlace, stage: string, elapsed: number): number {
  const list = stepMinutes(plan, place);
  const index = list.findIndex(([title]) => title === stage);
  if (index === -1) return 0;
  const before = total(list.slice(0, index));
  const own = list[index]?.[1] ?? 0;
  const within = Math.min(Math.max(elapsed, 0) / 60_000, own * 0.9);
  return Math.min(99, Math.floor((100 * (before + within)) / total(list)));
}

/** Minutes that are left of a place. */
export function minutesLeft(plan: BuildPlan, place: PlannedPlace, percent: number): number {
  return (total(stepMinutes(plan, place)) * (100 - percent)) / 100;
}

/** `20-25 minutes`, in steps of five. */
export function minutesText(minutes: number): string {
  const from = Math.max(5, Math.round(minutes / 5) * 5);
  return `${from}-${from + 5} minutes`;
}

/** `20-25 minutes` for all places, which are built at once. */
export function estimateText(plan: BuildPlan): string {
  return minutesText(Math.max(...plan.places.map((place) => total(stepMinutes(plan, place)))));
}
