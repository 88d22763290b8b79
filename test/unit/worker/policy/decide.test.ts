import assert from 'node:assert/strict';
import fc from 'fast-check';
import { policyClasses } from '../../../../protocol/activities.ts';
import type { Rule, Verdict } from '../../../../protocol/policy.ts';
import { actionHash, Policy } from '../../../../worker/policy/decide.ts';
import type { Action } from '../../../../worker/policy/facts.ts';
import { layerOf, readRules, type Layer, type LayerName } from '../../../../worker/policy/layers.ts';
import type { Situation } from '../../../../worker/policy/situation.ts';
import { situation } from '../../../support/situation.ts';

const rule = (decision: Verdict, policyClass: Rule['class'], ...match: string[]): Rule => ({
  class: policyClass,
  decision,
  ...(match.length > 0 && { match }),
});
const layer = (name: LayerName, ...rules: Rule[]): Layer => ({ name, rules });
const decide = (action: Action, layers: readonly Layer[] = [], over: Partial<Situation> = {}): Verdict =>
  new Policy(layers, situation(over)).decide(action).decision;
const run = (resource: string | readonly string[]): Action => ({ class: 'run', resource });
const write = (resource: string): Action => ({ class: 'write', resource });
const read = (resource: string): Action => ({ class: 'read', resource });
const network = (resource: string): Action => ({ class: 'network', resource });
const effect = (resource: string): Action => ({ class: 'effect', resource });

describe('the defaults', () => {
  it('let people work inside a sandbox and ask for everything without one', () => {
    assert.equal(decide(run('npm test')), 'allow');
    assert.equal(decide(write('src/a.ts')), 'allow');
    for (const step of ['mediated', 'none'] as const) {
      assert.equal(decide(run('npm test'), [], { step }), 'ask');
      assert.equal(decide(write('src/a.ts'), [], { step }), 'ask');
    }
  });

  it('leave writes to the folders of the run', () => {
    assert.equal(decide(write('/etc/passwd')), 'deny');
    assert.equal(decide(run('echo x > /etc/passwd')), 'deny');
    assert.equal(decide(write('/work/clone-b/x')), 'deny');
    assert.equal(decide(write('/etc/passwd'), [], { step: 'mediated' }), 'ask');
    assert.equal(decide(write('/tmp/run/x'), [], { roots: ['/work/clone', '/tmp/run'] }), 'allow');
  });

  it('ask for hosts and effects, and deny writes in a plan session', () => {
    assert.equal(decide(network('example.com:443')), 'ask');
    assert.equal(decide(effect('push:origin/refs/heads/x')), 'ask');
    assert.equal(decide(write('a'), [layer('worker', rule('allow', 'write'))], { mode: 'plan' }), 'deny');
  });

  it('deny what would be asked when nobody is there', () => {
    assert.equal(decide(effect('comment:BUG-1'), [], { unattended: true }), 'deny');
  });

  it('keep the folders of Belay and of editors shut, whatever the rules say', () => {
    const open = [layer('worker', rule('allow', 'read'), rule('allow', 'write'))];
    assert.equal(decide(read('/state/platform/platform.db'), open), 'deny');
    assert.equal(decide(write('/state/platform'), open), 'deny');
    assert.equal(decide(read('/state/platforms'), open), 'allow');
    const inside = { closed: ['/state'], open: ['/state/lines/a/clone'] };
    for (const name of [
      '/state',
      '/state/lines/a/clones',
      '/state/lines/a/CLONE/x',
      '/state/lines/b/clone',
      '/state/lines/a/clone/../line.json',
    ])
      assert.equal(decide(read(name), open, inside), 'deny', name);
    assert.equal(decide(write('/state/lines/a/clone/x'), open, inside), 'allow');
    assert.equal(decide(write('/state/lines/a/clone/x'), [layer('worker', rule('deny', 'write'))], inside), 'deny');
  });
});

describe('layers', () => {
  it('narrow: the strictest that spoke counts', () => {
    assert.equal(decide(run('npm test'), [layer('platform', rule('deny', 'run', 'npm *'))]), 'deny');
    assert.equal(decide(run('npm test'), [layer('worker', rule('ask', 'run'))]), 'ask');
    assert.equal(decide(run('npm test'), [layer('worker', rule('allow', 'run')), layer('workflow', rule('ask', 'run', 'npm *'))]), 'ask');
  });

  it('grant in the person’s configuration only; what was granted to a file counts where that is silent (GHSA-mmgp-wc2j-qcv7)', () => {
    const allow = rule('allow', 'effect', 'comment:*');
    assert.equal(decide(effect('comment:BUG-1'), [layer('worker', allow)]), 'allow');
    for (const name of ['platform', 'agent', 'workflow'] as const)
      assert.equal(decide(effect('comment:BUG-1'), [layer(name, allow)]), 'ask');
    assert.equal(decide(effect('comment:BUG-1'), [layer('granted', allow)]), 'allow');
    assert.equal(decide(effect('comment:BUG-1'), [layer('granted', allow), layer('worker', rule('ask', 'effect'))]), 'ask');
  });

  it('never widen, whichever is added, but by a grant of the person', () => {
    const verdicts = ['allow', 'ask', 'deny'];
    const anyRule = fc
      .record({
        class: fc.constantFrom(...policyClasses),
        decision: fc.constantFrom<Verdict>('deny', 'ask', 'allow'),
        match: fc.option(
          fc.array(fc.constantFrom('npm *', 'git push', 'src/**', '~/x', 'example.com:443', '*.example.com:*', 'push:*'), {
            minLength: 1,
            maxLength: 2,
          }),
          {
            nil: undefined,
          },
        ),
      })
      .map(({ match, ...rest }): Rule => (match === undefined ? rest : { ...rest, match }));
    const anyLayer = fc.record({
      name: fc.constantFrom<LayerName>('platform', 'agent', 'worker', 'workflow', 'granted'),
      rules: fc.array(anyRule, { maxLength: 3 }),
    });
    const anyAction = fc.constantFrom(
      run('npm test'),
      run('sudo git push'),
      run('if true; then npm i; fi'),
      run('case x in esac'),
      write('src/a'),
      write('../x'),
      read('~/x/y'),
      network('a.example.com:443'),
      network('nonsense'),
      effect('push:origin/x'),
    );
    fc.assert(
      fc.property(fc.array(anyLayer, { maxLength: 4 }), anyLayer, anyAction, (layers, added, action) => {
        const limits = {
          ...added,
          rules: added.rules.filter((entry) => entry.decision !== 'allow' || !['worker', 'granted'].includes(added.name)),
        };
        const before = decide(action, layers);
        const after = decide(action, [...layers, limits]);
        assert.ok(verdicts.indexOf(after) >= verdicts.indexOf(before), `${before} became ${after}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('deny everything where one cannot be read, and say why', () => {
    const said: string[] = [];
    const broken = layerOf('agent', [{ class: 'everything', decision: 'allow' }], situation(), 'the profile', (text) => said.push(text));
    for (const name of policyClasses) assert.equal(decide({ class: name, resource: name === 'network' ? 'a.b:1' : 'x' }, [broken]), 'deny');
    assert.match(said[0] ?? '', /rules of the profile cannot be read/);
    assert.equal(decide(run('ls'), [layer('worker', rule('deny', 'network', 'not a host'))]), 'deny');
  });
});

describe('rules', () => {
  it('are refused where an example of theirs does not hold', () => {
    const withExamples = (examples: { matches?: string[]; passes?: string[] }) => [
      { class: 'run', decision: 'deny', match: ['git push *'], examples },
    ];
    assert.equal(
      readRules(withExamples({ matches: ['git push', 'env A=1 git -C /x push -f'], passes: ['git pull'] }), situation(), 'x').length,
      1,
    );
    assert.throws(
      () => readRules(withExamples({ matches: ['git pull'] }), situation(), 'the file'),
      /Rule 1 of the file: it does not speak of its example "git pull"/,
    );
    assert.throws(() => readRules(withExamples({ passes: ['git push'] }), situation(), 'the file'), /speaks of "git push"/);
  });

  it('with a pattern that cannot be read are refused with their place', () => {
    for (const [policyClass, decision, pattern] of [
      ['network', 'allow', 'example.com'],
      ['network', 'deny', 'exa mple.com:443'],
      ['write', 'allow', '../x'],
      ['run', 'allow', '* --help'],
    ] as const)
      assert.throws(() => readRules([rule(decision, policyClass, pattern)], situation(), 'the file'), /Rule 1 of the file/, pattern);
  });
});

describe('a policy', () => {
  it('changes its hash with any rule and with its situation', () => {
    const one = new Policy([], situation()).hash;
    assert.equal(one, new Policy([], situation()).hash);
    assert.notEqual(one, new Policy([layer('worker', rule('ask', 'run'))], situation()).hash);
    assert.notEqual(one, new Policy([], situation({ mode: 'plan' })).hash);
  });

  it('names an action by all of it', () => {
    const hash = (command: string, detail: string): string => actionHash(run(command), detail, situation());
    assert.notEqual(hash('npm test', ''), hash('npm test', 'in /etc'));
    assert.notEqual(hash('a', 'b'), hash('a,b', ''));
  });

  it('takes the strictest of several actions, and none for a denial', () => {
    const policy = new Policy([layer('worker', rule('deny', 'write', '**/.env'))], situation());
    assert.equal(policy.decideAll([write('a'), write('sub/.env')]).decision, 'deny');
    assert.equal(policy.decideAll([]).decision, 'deny');
  });
});
