import { knownAgents } from '../../worker/agents/known.ts';
import { auditEvents, policyClasses } from '../../protocol/activities.ts';
import { builtInTargets } from '../../worker/targets/available.ts';
import { filesOf, none, textOf } from './support.ts';

describe('every target of Send to', () => {
  /** Files that make a target, by the constants of that type. */
  const declared = filesOf('worker/targets/*.ts').flatMap((file) =>
    [...textOf(file).matchAll(/^export const (\w+): Target = \{\n {2}id: '([\w-]+)'/gmu)].map(([, , id = '']) => ({ file, id })),
  );

  it('is offered', () => {
    none(
      declared
        .filter(({ id }) => !builtInTargets.some((target) => target.id === id))
        .map(({ file, id }) => `worker/targets/available.ts: builtInTargets lacks "${id}" (${file})`),
    );
  });

  it('looks for a program that is looked for', () => {
    const known = textOf('worker/targets/programs.ts');
    none(
      declared.flatMap(({ file }) =>
        [...textOf(file).matchAll(/(?:\bprogram\(|programs\.has\()\s*'([\w-]+)'/gu)]
          .filter(([, name = '']) => !known.includes(`'${name}'`))
          .map(([, name = '']) => `worker/targets/programs.ts: known lacks "${name}" (${file})`),
      ),
    );
  });

  it('is launched by a test', () => {
    const tests = textOf('test/unit/worker/targets/targets.test.ts');
    none(
      builtInTargets
        .filter(({ id }) => !new RegExp(`'${id}['":]|'${id}:`, 'u').test(tests))
        .map(({ id }) => `test/unit/worker/targets/targets.test.ts: nothing launches "${id}"`),
    );
  });
});

describe('every agent', () => {
  it('is named where people read which agents there are', () => {
    const readme = textOf('README.md');
    none(knownAgents.filter(({ name }) => !readme.includes(name)).map(({ name }) => `README.md: ${name} is not named`));
  });
});

describe('every class of the policy', () => {
  it('has words in the panel', () => {
    const words = textOf('webview/model/audit.ts');
    none(
      policyClasses
        .filter((name) => !new RegExp(`\\b${name}: `, 'u').test(words))
        .map((name) => `webview/model/audit.ts: classWords lacks "${name}"`),
    );
  });

  it('is not the only thing in the log: each event has its words too', () => {
    const words = textOf('webview/model/audit.ts');
    none(
      auditEvents
        .filter((name) => !new RegExp(`\\b${name}: `, 'u').test(words))
        .map((name) => `webview/model/audit.ts: no look for "${name}"`),
    );
  });
});
