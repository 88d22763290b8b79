/**
 * `npm run -s bench:policy`: how long one decision takes under 500 rules in five layers, over actions as agents ask for
 * them, on a file system with links. Loading the rules is measured apart.
 */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PolicyClass, Rule, Verdict } from '../../protocol/policy.ts';
import { Policy } from '../../worker/policy/decide.ts';
import type { Action } from '../../worker/policy/facts.ts';
import type { Layer } from '../../worker/policy/layers.ts';
import { machineView } from '../../worker/workerConfig/machineView.ts';
import { removeTempFolders, tempFolder } from '../support/repository.ts';
import { situation } from '../support/situation.ts';

const ruleCount = 500;
const actionCount = 20_000;

const patterns: Record<PolicyClass, (n: number) => string> = {
  read: (n) => (n % 3 === 0 ? `**/secret-${n}/**` : `~/private/${n}`),
  write: (n) => (n % 3 === 0 ? `generated/${n}/**` : `**/*.lock-${n}`),
  run: (n) => (n % 2 === 0 ? `tool-${n} publish *` : `git flow-${n} * --force`),
  network: (n) => (n % 2 === 0 ? `*.host-${n}.example:443` : `api-${n}.example:443`),
  effect: (n) => `mcp:server-${n}/*`,
};
const classes = Object.keys(patterns) as PolicyClass[];
const names = ['platform', 'agent', 'worker', 'workflow', 'granted'] as const;

function rules(): Layer[] {
  return names.map((name, layer) => ({
    name,
    rules: Array.from({ length: ruleCount / names.length }, (_, index): Rule => {
      const n = layer * 100 + index;
      const policyClass = classes[n % classes.length] ?? 'run';
      const decision: Verdict = (['deny', 'ask', 'allow'] as const)[n % 3] ?? 'deny';
      return { class: policyClass, decision, match: [patterns[policyClass](n), patterns[policyClass](n + 1000)] };
    }),
  }));
}

const clone = tempFolder();
mkdirSync(path.join(clone, 'src/deep/er'), { recursive: true });
writeFileSync(path.join(clone, 'src/deep/er/file.ts'), '');
symlinkSync('src/deep', path.join(clone, 'short'));

const kinds: readonly ((n: number) => Action)[] = [
  (n) => ({ class: 'read', resource: `src/deep/er/file-${n}.ts` }),
  () => ({ class: 'write', resource: 'short/er/../er/file.ts' }),
  (n) => ({ class: 'run', resource: `npm run test -- --grep "case ${n}"` }),
  (n) => ({
    class: 'run',
    resource: `cd src && git -C deep log --oneline -${(n % 9) + 1} | head -3 > /dev/null 2>&1; env CI=1 timeout 60 sh -c 'npm ci && npm test'`,
  }),
  (n) => ({ class: 'run', resource: ['node', '--test', `test/${n}.test.js`] }),
  (n) => ({ class: 'run', resource: `cat <<'EOF' > src/deep/note-${n}.md\n${'text '.repeat(200)}\nEOF` }),
  (n) => ({ class: 'network', resource: `a.b.host-${n % 600}.example:443` }),
  (n) => ({ class: 'effect', resource: `mcp:server-${n % 600}/tool` }),
];

const started = performance.now();
const policy = new Policy(rules(), situation({ clone, machine: { ...machineView, foldsCase: false } }));
const loadMs = performance.now() - started;
const times: number[] = [];
for (let n = 0; n < actionCount; n += 1) {
  const action = (kinds[n % kinds.length] ?? kinds[0])!(n);
  const before = performance.now();
  policy.decide(action);
  times.push(performance.now() - before);
}
removeTempFolders();
times.sort((a, b) => a - b);
const at = (share: number): number => Math.round((times[Math.floor(times.length * share)] ?? NaN) * 1000) / 1000;
const report = {
  decisionP50Ms: at(0.5),
  decisionP99Ms: at(0.99),
  decisionMaxMs: at(0.9999),
  rules: ruleCount,
  decisions: actionCount,
  loadMs: Math.round(loadMs),
};
console.log(JSON.stringify(report));
process.exit(Object.values(report).every(Number.isFinite) ? 0 : 1);
