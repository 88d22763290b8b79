import { takeNamedPlatform } from '../../client/environment.ts';

export const namedPlatform = takeNamedPlatform(process.env);
