import type * as Index from './catalogue/index.ts';
import type { Catalogue } from './catalogue/index.ts';

let loaded: Catalogue | undefined;

/** Every entry by its code. It is made with the first finding: most policies have none, and it is some 300 texts. */
export function loadCatalogue(): Catalogue {
  if (loaded === undefined) {
    const index: typeof Index = require('./catalogue/index.ts');
    loaded = index.catalogue;
  }
  return loaded;
}
