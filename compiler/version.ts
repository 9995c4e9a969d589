/** The compiler's version, part of the cache key and of manifests. A test holds it equal to package.json's. */
export const version = '0.1.0';
