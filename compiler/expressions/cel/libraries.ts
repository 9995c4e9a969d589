import type { Library } from './environment.ts';
import { collectionFunctions } from './functions/collections.ts';
import { conversionFunctions } from './functions/conversions.ts';
import { encoderFunctions } from './functions/encoders.ts';
import { formatFunctions } from './functions/format.ts';
import { mathFunctions } from './functions/math.ts';
import { optionalFunctions } from './functions/optionals.ts';
import { stringExtensionFunctions } from './functions/string-extension.ts';
import { stringFunctions } from './functions/strings.ts';
import { timestampFunctions } from './functions/timestamps.ts';

/** What every engine has: CEL's standard definitions. */
export const standardLibrary: Library = {
  functions: [...stringFunctions, ...collectionFunctions, ...conversionFunctions, ...timestampFunctions],
  macros: ['standard'],
};

/** `optional.of(x)`, `a.?b`, `optMap`. */
export const optionalLibrary: Library = { functions: optionalFunctions, macros: ['optionals'] };

/** `charAt`, `split`, `join`, and the rest of cel-go's strings extension but for `format`. */
export const stringLibrary: Library = { functions: stringExtensionFunctions, macros: [] };

/** `math.greatest`, `math.ceil`, `math.bitAnd`. */
export const mathLibrary: Library = { functions: mathFunctions, macros: [] };

/** `base64.encode`, `base64.decode`. */
export const encoderLibrary: Library = { functions: encoderFunctions, macros: [] };

/** `cel.bind(name, value, body)`. */
export const bindingLibrary: Library = { functions: [], macros: ['bindings'] };

/** Comprehensions over index and element, or key and value: `exists(k, v, …)`, `transformMap`. */
export const comprehensionLibrary: Library = { functions: [], macros: ['comprehensions2'] };

/** `text.format([…])`. */
export const formatLibrary: Library = { functions: formatFunctions, macros: [] };
