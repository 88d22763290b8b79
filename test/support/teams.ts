/** Teams' platforms by their addresses. */
import { Platforms, token } from './platforms.ts';

export { token };

export interface Team {
  readonly url: string;
  readonly kill: () => Promise<void>;
}

/** Replicas of a team's platform, each on a database of its own. */
export class Teams {
  private readonly platforms = new Platforms();

  async start(...flags: readonly string[]): Promise<Team> {
    const platform = await this.platforms.team(await this.platforms.database(), ...flags);
    const { host = '', port = 0 } = platform.at as { host?: string; port?: number };
    return {
      url: `http://${host}:${port}`,
      kill: async () => {
        await platform.kill('SIGKILL');
      },
    };
  }

  end(): Promise<void> {
    return this.platforms.end();
  }
}
