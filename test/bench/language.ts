/** `npm run -s bench:language`: how long the language server takes for the diagnostics of a file of 1,000 lines, after each change. */
import path from 'node:path';
import { LanguageServer } from '../support/languageServer.ts';
import { removeTempFolders, tempFolder, writeFiles } from '../support/repository.ts';

const rounds = 100;
const folder = tempFolder();
const file = path.join(folder, 'WORKFLOW.md');
writeFiles(
  folder,
  Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`.belay/sections/s${n}.md`, `Section {{ item.key }} ${n}\n`.repeat(20)])),
);

const rules = Array.from({ length: 120 }, (_, n) => `  - class: run\n    decision: ask\n    match: ['tool-${n} *']\n`).join('');
const body = Array.from(
  { length: 640 },
  (_, n) => `- Step ${n} of {{ item.key }}{% if attempt %}, again{% endif %}${n % 40 === 0 ? ` {% render "s${n / 40}" %}` : ''}\n`,
).join('');
const text = (round: number): string =>
  `---\nversion: 1\nagent:\n  max_turns: ${round + 1}\npolicy:\n${rules}---\n${body}{{ item.wrong${round} }}\n`;

const server = await LanguageServer.open(folder);
await server.show(file, text(0));
const times: number[] = [];
let found = 0;
for (let round = 1; round <= rounds; round += 1) {
  const started = performance.now();
  const diagnostics = await server.change(file, text(round), round + 1);
  times.push(performance.now() - started);
  found += diagnostics.length;
}
server.close();
removeTempFolders();
times.sort((a, b) => a - b);
const at = (share: number): number => Number((times[Math.ceil(times.length * share) - 1] ?? 0).toFixed(1));
console.log(
  JSON.stringify({
    lines: text(0).split('\n').length,
    rounds,
    diagnosticsFound: found,
    diagnosticsP50Ms: at(0.5),
    diagnosticsP95Ms: at(0.95),
  }),
);
process.exit(0);
