/**
 * One package in a process of its own, since there is one sandbox a process: `onePackage.ts FOLDER outside|compare`, the package as
 * JSON on standard input. A line of JSON for each command: an `Attempt`.
 */
import { text } from 'node:stream/consumers';
import { Bench, type Outcome } from './bench.ts';
import type { DrawnPackage } from './drawn.ts';
import { differences, unstable } from './snapshot.ts';

export interface Attempt {
  readonly command: string;
  /** Outside, one for each time it was run there; null: it took too long. */
  readonly outside: readonly (number | null)[];
  readonly decision: string;
  /** What was otherwise inside; empty: it passed. */
  readonly wrong: readonly string[];
  readonly unstable: readonly string[];
  /** Its last words, when something was wrong. */
  readonly said: string;
}

/** What is drawn takes far less than what is measured may take, so that a slow machine does not decide. */
const drawMs = 15_000;
const limitMs = 60_000;
/** Some write one of two things by chance (coverage, merged in the order of made-up names): of eight such, three runs all agree on the one that is not met inside. */
const moreRuns = 7;

const [folder = '', how = ''] = process.argv.slice(2);
const wanted = JSON.parse(await text(process.stdin)) as DrawnPackage;
const bench = await Bench.open(folder, wanted);

function wrongWith(outside: readonly Outcome[], inside: Outcome, decision: string): string[] {
  const codes = outside.map(({ code }) => code);
  return [
    ...(codes.includes(inside.code) ? [] : [`exit code ${codes.join(' or ')} outside, ${inside.code ?? 'over time'} inside`]),
    ...differences(
      outside.map(({ changed }) => changed),
      inside.changed,
    ).map((name) => `${name}: ${outside.at(0)?.changed[name] ?? 'as before'} outside, ${inside.changed[name] ?? 'as before'} inside`),
    ...(decision === 'allow' ? [] : [`the policy says ${decision}`]),
  ];
}

async function compare(command: string): Promise<Attempt> {
  const { decision } = bench.policy.decide({ class: 'run', resource: command });
  const outside = [await bench.outside(command, limitMs)];
  const tell = (wrong: string[], said: string): Attempt => ({
    command,
    outside: outside.map(({ code }) => code),
    decision,
    wrong,
    unstable: unstable(outside.map(({ changed }) => changed)),
    said,
  });
  if (outside[0]?.code === null) return tell([], '');
  const inside = await bench.inside(command, limitMs);
  // Only what comes out the same in every run outside can be the sandbox's doing.
  for (let more = 0; more < moreRuns && wrongWith(outside, inside, 'allow').length > 0; more += 1)
    outside.push(await bench.outside(command, limitMs));
  const wrong = wrongWith(outside, inside, decision);
  return tell(wrong, wrong.length > 0 ? `outside: ${outside[0]?.output.slice(-900) ?? ''}\ninside: ${inside.output.slice(-900)}` : '');
}

async function outsideOnly(command: string): Promise<Attempt> {
  const { code } = await bench.outside(command, drawMs);
  return { command, outside: [code], decision: '', wrong: [], unstable: [], said: '' };
}

for (const { command } of wanted.commands) console.log(JSON.stringify(await (how === 'outside' ? outsideOnly : compare)(command)));
await bench.close();
process.exit(0);
