/** By this name for `import()`: where a bundle has several files, a CommonJS package that is read on demand has no names of its own. */
export { parse } from 'yaml';
