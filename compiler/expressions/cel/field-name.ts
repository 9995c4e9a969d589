/** Whether a field's name needs no backticks or brackets: reserved words do not, keywords do. */
export function isFieldName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !/^(?:in|true|false|null)$/.test(name);
}
