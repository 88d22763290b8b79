/** What the draw leaves for the measurement: packages by name and version, and the command lines found in them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface DrawnCommand {
  /** The file of the package it stands in, and where in it. */
  readonly file: string;
  readonly key: string;
  readonly command: string;
}
export interface DrawnPackage {
  readonly name: string;
  readonly version: string;
  /** Of the tarball, as npm writes it. */
  readonly integrity: string;
  /** What its own package.json asks for, to work on it: exact versions. */
  readonly needs: Readonly<Record<string, string>>;
  readonly commands: readonly DrawnCommand[];
}
export interface Drawn {
  readonly packages: readonly DrawnPackage[];
  /** Command lines that were found and left out, with the rule that did it. */
  readonly skipped: readonly (DrawnCommand & { readonly package: string; readonly why: string })[];
}

export const drawnFile = path.join(import.meta.dirname, 'commands.json');

export function readDrawn(): Drawn {
  return JSON.parse(readFileSync(drawnFile, 'utf8')) as Drawn;
}
