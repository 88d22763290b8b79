/** Finds the command lines of a package: in its scripts, in the files of its CI and in its Makefile. Pure. */
import * as z from 'zod';
import { parse } from 'yaml';
import type { DrawnCommand } from './drawn.ts';

const Manifest = z.object({ scripts: z.record(z.string(), z.unknown()).catch({}).default({}) });

/** Scripts by name; old packages hold other things among them. */
export function scriptsOf(packageJson: string): Record<string, string> {
  const { scripts } = Manifest.parse(JSON.parse(packageJson));
  return Object.fromEntries(Object.entries(scripts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

const lines = z.union([z.string().transform((one) => [one]), z.array(z.string())]).catch([]);
const Travis = z
  .object({
    before_script: lines.default([]),
    script: lines.default([]),
    after_script: lines.default([]),
    after_success: lines.default([]),
  })
  .catch({ before_script: [], script: [], after_script: [], after_success: [] });
const Workflow = z
  .object({ jobs: z.record(z.string(), z.object({ steps: z.array(z.object({ run: z.string().optional() })).default([]) })).default({}) })
  .catch({ jobs: {} });

/** What travis.org ran, step by step. */
export function travisCommands(text: string, file: string): DrawnCommand[] {
  return Object.entries(Travis.parse(parse(text, { uniqueKeys: false }))).flatMap(([key, commands]) =>
    commands.map((command) => ({ file, key, command: command.trim() })),
  );
}

/** Each line of a `run` step; a step of several lines with a block in it stays whole. */
export function workflowCommands(text: string, file: string): DrawnCommand[] {
  return Object.entries(Workflow.parse(parse(text)).jobs).flatMap(([job, { steps }]) =>
    steps.flatMap(({ run }) => {
      if (run === undefined) return [];
      const whole = /\\\n|<<|\b(?:do|then)\b/u.test(run);
      return (whole ? [run] : run.split('\n'))
        .map((command) => command.trim())
        .filter((command) => command !== '' && !command.startsWith('#'))
        .map((command) => ({ file, key: `jobs.${job}`, command }));
    }),
  );
}

/** `make TARGET` for each target that is a name and not a pattern, a file below a folder or a variable. */
export function makeCommands(text: string, file: string): DrawnCommand[] {
  const targets = [...text.matchAll(/^([A-Za-z][\w-]*(?:[ ]+[A-Za-z][\w-]*)*)[ ]*:(?!=)/gmu)].flatMap(([, names = '']) =>
    names.split(/ +/u),
  );
  return [...new Set(targets)].map((target) => ({ file, key: target, command: `make ${target}` }));
}

/** Everything in a package, each text once. `read`: a file of it, or null. */
export function commandsOf(files: readonly string[], read: (file: string) => string): DrawnCommand[] {
  const scripts = Object.entries(scriptsOf(read('package.json'))).map(([key, command]) => ({
    file: 'package.json',
    key: `scripts.${key}`,
    command: command.trim(),
  }));
  const others = [...files].sort().flatMap((file) => {
    if (file === '.travis.yml') return travisCommands(read(file), file);
    if (/^\.github\/workflows\/[^/]+\.ya?ml$/u.test(file)) return workflowCommands(read(file), file);
    if (file === 'Makefile') return makeCommands(read(file), file);
    return [];
  });
  const seen = new Set<string>();
  return [...scripts, ...others].filter(({ command }) => command !== '' && !seen.has(command) && seen.add(command));
}
