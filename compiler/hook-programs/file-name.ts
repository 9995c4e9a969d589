/** Whether a file of this name is a hook program in text. */
export function isHookProgram(path: string): boolean {
  return path.endsWith('.bpf');
}
