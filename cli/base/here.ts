/** Where this machine keeps what is Belay's, and which platform its person chose. */
import { choosePlatform, type ChosenPlatform } from '../../client/chosenPlatform.ts';
import { stateDir } from '../../client/stateDir.ts';
import { namedPlatform } from './environment.ts';

export const state = stateDir();

let platform: ChosenPlatform | undefined;
export const chosenPlatform = (): ChosenPlatform => (platform ??= choosePlatform(state, namedPlatform));
