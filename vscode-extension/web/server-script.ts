/**
 * What a worker runs: a script of the command line, which is a function that gives its chunks by key, and what is asked
 * for of it, each chunk once.
 *
 * @param shared the script that asks for no other one
 */
export function serverScript(shared: Uint8Array<ArrayBuffer>): Blob {
  return new Blob(['const chunks = (', shared, `\n)(load);\n${load}\nload('shared#lsp/browser/worker');\n`], {
    type: 'text/javascript',
  });
}

const load = `const modules = new Map();
function load(name) {
  let exports = modules.get(name);
  if (exports !== undefined) return exports;
  modules.set(name, (exports = {}));
  chunks[name.slice(name.indexOf('#') + 1)](exports);
  return exports;
}`;
