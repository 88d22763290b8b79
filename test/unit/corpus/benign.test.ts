import assert from 'node:assert/strict';
import { commandsOf, makeCommands, scriptsOf, travisCommands, workflowCommands } from '../../corpus/benign/extract.ts';
import { reasonAgainst, roughly, type Known } from '../../corpus/benign/rules.ts';
import { changes, differences, unstable } from '../../corpus/benign/snapshot.ts';

const texts = (entries: readonly { command: string }[]): string[] => entries.map(({ command }) => command);

describe('the draw of ordinary commands', () => {
  it('finds scripts, steps of CI files and targets of Makefiles', () => {
    assert.deepEqual(scriptsOf('{"scripts":{"test":"tape test/*.js","blanket":{"pattern":"x"}}}'), { test: 'tape test/*.js' });
    assert.deepEqual(
      texts(travisCommands('language: node_js\nbefore_script: npm run build\nscript:\n  - npm test\n  - npm run lint\n', 't')),
      ['npm run build', 'npm test', 'npm run lint'],
    );
    const workflow =
      'jobs:\n  a:\n    steps:\n      - uses: x\n      - run: |\n          npm test\n          # why\n          npm run lint\n';
    assert.deepEqual(texts(workflowCommands(workflow, 'w')), ['npm test', 'npm run lint']);
    const makefile = 'SRC := a\nall: lib test\n\t@echo x\nlib:\n\tmkdir lib\n%.js: x\n.PHONY: all\nall: more\n';
    assert.deepEqual(texts(makeCommands(makefile, 'm')), ['make all', 'make lib']);
  });

  it('takes a text once, and reads what is there only', () => {
    const files: Record<string, string> = {
      'package.json': '{"scripts":{"test":"tape","tests-only":"tape"}}',
      '.travis.yml': 'script: npm test',
      'lib/.travis.yml': 'script: no',
    };
    const found = commandsOf(Object.keys(files), (file) => files[file] ?? '');
    assert.deepEqual(found, [
      { file: 'package.json', key: 'scripts.test', command: 'tape' },
      { file: '.travis.yml', key: 'script', command: 'npm test' },
    ]);
  });

  const known: Known = {
    scripts: {
      test: 'tape test/*.js',
      posttest: 'npm run lint',
      lint: 'eslint .',
      release: 'npm run push',
      push: 'git push',
      loop: 'npm run loop',
    },
    bins: new Set(['tape', 'eslint']),
    files: new Set(['bin/run.js', 'tool.sh']),
    recipe: (target) => ({ '': 'tape a.js\n', browser: 'airtap test.js\n' })[target] ?? null,
  };

  it('keeps what the package brings, however it is called', () => {
    for (const command of [
      'npm test',
      'npx eslint .',
      './node_modules/.bin/tape test/*.js | tee out.tap',
      'NODE_ENV=test node bin/run.js && sh tool.sh',
      'if [ -n "${LINT-}" ]; then npm run lint ; fi',
      'for t in test/*.js; do node $t; done',
      'make',
      'git status',
      'FILES="$(git ls-files)" eslint $FILES',
    ])
      assert.equal(reasonAgainst(command, known), null, command);
  });

  it('leaves out what speaks with others, is not there or does not end', () => {
    const reasons: Record<string, RegExp> = {
      'npm install': /network/,
      'npm run release': /git push/,
      'npm run nothing': /no script/,
      'npm run loop': /call each other/,
      'eslint . && airtap test.js': /browser/,
      'make browser': /browser/,
      'make other': /nothing known/,
      'mocha test': /not installed/,
      'npx mocha': /not installed/,
      'node missing.js': /not in the package/,
      'eslint --watch .': /does not end/,
      'tape https://example.com/x': /network/,
      'echo ${{ matrix.node }}': /CI service/,
      'echo "$(curl x)"': /not installed/,
    };
    for (const [command, why] of Object.entries(reasons)) assert.match(reasonAgainst(command, known) ?? 'kept', why, command);
  });

  it('reads quotes as words', () => {
    assert.deepEqual(roughly(`a 'b; c' "d && e"; f|g`), [['a', 'b; c', 'd && e'], ['f'], ['g']]);
  });
});

describe('what two runs of a command are compared by', () => {
  const before = { 'a.js': 'file 644 1', 'old.js': 'file 644 2' };

  it('is every change, with made-up names as one', () => {
    const after = { 'a.js': 'file 755 1', 'out/12345.json': 'file 644 3', 'out/67890.json': 'file 644 4' };
    assert.deepEqual(changes(before, after), { 'a.js': 'file 755 1', 'old.js': 'gone', 'out/#.json': 'file 644 3\nfile 644 4' });
  });

  it('is not what changes by itself, which must still be there', () => {
    const outside = [{ log: 'file 644 1' }, { log: 'file 644 2' }];
    assert.deepEqual(unstable(outside), ['log']);
    assert.deepEqual(differences(outside, { log: 'file 644 3' }), []);
    assert.deepEqual(differences(outside, {}), ['log']);
    assert.deepEqual(differences([{ log: 'file 644 1' }], { log: 'file 644 3' }), ['log']);
    assert.deepEqual(differences([{}, {}], { extra: 'file 644 1' }), ['extra']);
    assert.deepEqual(differences([{ log: 'file 644 1' }, {}], { log: 'file 644 3' }), []);
  });
});
