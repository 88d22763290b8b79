import assert from 'node:assert/strict';
import { judge, type Verdict } from '../../../worker/workspace/judge.ts';
import { readNames } from '../../corpus/apart/readNames.ts';
import { apartForPeople, readWork } from '../../corpus/apart/work.ts';

const judged = (path: string, mode = '100644'): Verdict => judge({ path, oldMode: '000000', newMode: mode, linkTarget: null });
const names = readNames();

describe('names that a machine executes or obeys', () => {
  for (const [kind, list] of names)
    it(kind === 'ordinary' ? 'leaves names of ordinary work alone' : `shows ${kind} names apart, or holds them back`, () => {
      assert.deepEqual(
        list.filter((name) => (judged(name).class === 'ordinary') !== (kind === 'ordinary')),
        [],
      );
    });

  it('are at least 576, each once', () => {
    const all = [...names].flatMap(([kind, list]) => (kind === 'ordinary' ? [] : list));
    assert.ok(new Set(all).size >= 576, `${new Set(all).size}`);
  });

  it('are known below any folder, in other spellings, and when they are removed', () => {
    for (const name of ['package.json', '.mcp.json', 'a.ps1', 'AGENTS.md', '.sometool/x'])
      for (const spelled of [`deep/er/${name}`, name.toUpperCase(), `${name}.`, name.replace('a', 'ａ')])
        assert.notEqual(judged(spelled).class, 'ordinary', spelled);
    assert.equal(judge({ path: '.npmrc', oldMode: '100644', newMode: '000000', linkTarget: null }).class, 'host_executed');
  });

  it('leave ordinary work whole: at most one result in twenty has a file apart that a person would call ordinary', () => {
    const wanted = apartForPeople();
    const work = readWork();
    const falsely = work.filter(({ touched }) =>
      touched.some(({ path, how }) => {
        const mode = how === 'executable' ? '100755' : '100644';
        return judged(path, mode).class !== 'ordinary' && !wanted(path, how === 'executable');
      }),
    );
    assert.ok(work.length >= 70);
    assert.ok(falsely.length <= work.length / 20, falsely.map(({ title }) => title).join(', '));
  });
});
