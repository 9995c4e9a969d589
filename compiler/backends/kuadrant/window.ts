/** The most that each number of a window may be: five digits. */
const most = 99_999;

/**
 * A window as Kuadrant writes it, `^([0-9]{1,5}(h|m|s|ms)){1,4}$`; undefined where it has no such form. Limitador counts
 * whole seconds.
 */
export function windowText(milliseconds: number): string | undefined {
  if (milliseconds < 1000 || milliseconds % 1000 !== 0) return undefined;
  const all = milliseconds / 1000;
  const hours = Math.floor(all / 3600);
  const minutes = Math.floor((all % 3600) / 60);
  const seconds = all % 60;
  if (hours > most) return undefined;
  return `${hours > 0 ? `${hours}h` : ''}${minutes > 0 ? `${minutes}m` : ''}${seconds > 0 ? `${seconds}s` : ''}`;
}
