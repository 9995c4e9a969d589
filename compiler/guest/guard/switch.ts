/**
 * A switch in the text format: the case at `value` is run, or what stands behind the switch where there is none. A case
 * has to leave the function.
 */
export function switchOn(value: string, cases: readonly string[]): string {
  const labels = cases.map((_, at) => `$case${at}`);
  return `(block $none ${labels
    .map((label) => `(block ${label}`)
    .reverse()
    .join(' ')}
    (br_table ${labels.join(' ')} $none ${value})
    ${cases.map((inside) => `) ${inside}`).join('\n')})`;
}
