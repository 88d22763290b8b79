/** `npm run -s fuzz -- --requests N --seed N`: bad and good requests on both platforms. Its last line is one JSON object. */
import { parseArgs } from 'node:util';
import { Platforms } from '../support/platforms.ts';
import { fuzz } from './fuzz.ts';

const { values } = parseArgs({
  options: {
    /** On each platform. */
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string', default: '1' },
    on: { type: 'string', default: 'team,embedded' },
  },
});
const settings = { requests: Number(values.requests), seed: Number(values.seed) };
const unlimited = ['--limit-reads', '0', '--limit-writes', '0', '--limit-work', '0'];
const platforms = new Platforms();
const reports: Record<string, Awaited<ReturnType<typeof fuzz>>> = {};
try {
  for (const kind of values.on.split(',')) {
    const platform = kind === 'team' ? await platforms.team(await platforms.database(), ...unlimited) : await platforms.embedded();
    const report = await fuzz(platform, settings);
    reports[kind] = report;
    for (const violation of report.violations) console.log(`${kind}: ${violation}\n`);
    await platform.kill('SIGTERM');
  }
} finally {
  await platforms.end();
}
const all = Object.values(reports);
const status: Record<string, number> = {};
for (const report of all) for (const [code, count] of Object.entries(report.status)) status[code] = (status[code] ?? 0) + count;
const violations = all.reduce((sum, report) => sum + report.violations.length, 0);
console.log(
  JSON.stringify({
    requests: all.reduce((sum, report) => sum + report.requests, 0),
    routes: Math.min(...all.map((report) => report.routes)),
    status,
    slowestMs: Math.max(...all.map((report) => report.slowestMs)),
    violations,
    seed: settings.seed,
    on: Object.fromEntries(
      Object.entries(reports).map(([kind, { violations: found, ...report }]) => [kind, { ...report, violations: found.length }]),
    ),
  }),
);
process.exitCode = violations === 0 ? 0 : 1;
