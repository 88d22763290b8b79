/** The two places where a person's commands may be at work. */
import assert from 'node:assert/strict';
import { Belay } from '../support/belay.ts';
import { tempFolder } from '../support/repository.ts';
import { Teams, token, type Team } from '../support/teams.ts';

export interface Place {
  readonly name: string;
  /** `belay` at work there, on data of its own. */
  readonly open: (folder: string) => Promise<Belay>;
  readonly close: (belay: Belay) => Promise<void>;
  /** Once, when no more is opened. */
  readonly end: () => Promise<void>;
}

export const ownMachine = (): Place => ({
  name: 'the platform of this machine',
  open: (folder) => Promise.resolve(new Belay(tempFolder('b-'), folder)),
  close: (belay) => belay.end(),
  end: () => Promise.resolve(),
});

function teamByAddress(): Place {
  const teams = new Teams();
  let team: Team | null = null;
  return {
    name: 'a team’s platform by its address',
    open: async (folder) => {
      team = await teams.start();
      const belay = new Belay(tempFolder('b-'), folder);
      const { code, out, err } = await belay.begin(['use', team.url], `${token}\n`).ended;
      assert.equal(code, 0, out + err);
      return belay;
    },
    close: async () => {
      await team?.kill();
    },
    end: () => teams.end(),
  };
}

export const places = (): Place[] => [ownMachine(), teamByAddress()];
