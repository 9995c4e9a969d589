/** A page of docs/, which the build puts into the program as a text. */
declare module '*.md' {
  const text: string;
  export default text;
}
