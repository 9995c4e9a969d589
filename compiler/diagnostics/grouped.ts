/** `512,000,000`. Not by `toLocaleString`, whose first call loads ICU's data: 15 ms of the first compilation. */
export function grouped(value: number | bigint): string {
  return String(value).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
}
