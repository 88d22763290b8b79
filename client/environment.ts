/** What the environment says of a team's platform. */
export interface NamedPlatform {
  readonly url: string;
  readonly token: string;
}

/** Takes the token out of `env`: no program that is started from here inherits it. */
export function takeNamedPlatform(env: NodeJS.ProcessEnv): NamedPlatform {
  const { BELAY_URL: url = '', BELAY_TOKEN: token = '' } = env;
  delete env['BELAY_TOKEN'];
  return { url, token };
}
