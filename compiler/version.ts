/** The compiler's version, part of the cache key and of manifests. */
export { version } from '../package.json';
