/**
 * The first key presses run code that V8 interprets, until it knows what is worth compiling: three times as long as the
 * hundredth does. From soon after the start on, functions are compiled as they are first called, quickly and without
 * much thought; what is hot is optimised later, as ever. Not from the start, since there each function runs once, and
 * since flags that are set before the code is loaded would make V8 refuse the code that is kept of it.
 */
export function compileEarly(): void {
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  setTimeout(() => setFlagsFromString('--always-sparkplug'), startMilliseconds).unref();
}

/** By then the first findings are out. */
const startMilliseconds = 300;
