/**
 * `npm run -s corpus:benign`: ordinary commands of public packages, outside of any sandbox and inside the one that Belay makes
 * for a code session. A command passes with the same exit code, the same changed files and no question.
 */
import { readDrawn } from './drawn.ts';
import { fetchPackage, install } from './fetch.ts';
import { inLanes } from '../../support/lanes.ts';
import { attempt } from './work.ts';

const { packages } = readDrawn();
const begun = performance.now();
const results = await inLanes(packages, 2, async (drawn) => {
  if ((await fetchPackage(drawn.name, drawn.version)).integrity !== drawn.integrity)
    throw new Error(`${drawn.name} is not the package that was drawn.`);
  await install(drawn.name, drawn.version, drawn.needs);
  const attempts = await attempt(drawn, 'compare');
  console.error(`${drawn.name}@${drawn.version}: ${attempts.filter(({ wrong }) => wrong.length === 0).length} of ${attempts.length}`);
  for (const { command, wrong, said } of attempts.filter((entry) => entry.wrong.length > 0))
    console.error(`  FAILED ${command}\n    ${wrong.slice(0, 12).join('\n    ')}\n${said.replaceAll(/^/gmu, '      | ')}`);
  return attempts;
});

const all = results.flat();
const tooLong = all.filter(({ outside }) => outside[0] === null);
const counted = all.filter((entry) => !tooLong.includes(entry));
const share = (count: number): number => Math.floor((count / Math.max(1, counted.length)) * 10_000) / 10_000;
const passed = counted.filter(({ wrong }) => wrong.length === 0).length;
const report = {
  commands: counted.length,
  passed: share(passed),
  /** Of those, the ones that end well outside. */
  succeeded: share(counted.filter(({ outside }) => outside[0] === 0).length),
  failed: counted.length - passed,
  questions: counted.filter(({ decision }) => decision !== 'allow').length,
  packages: packages.length,
  unstable: counted.filter((entry) => entry.unstable.length > 0).length,
  skipped: tooLong.length,
  seconds: Math.round((performance.now() - begun) / 1000),
};
console.log(JSON.stringify(report));
process.exit(report.commands >= 200 && report.passed >= 0.98 && report.succeeded >= 0.7 ? 0 : 1);
