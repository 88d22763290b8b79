/** Binds many repositories one after another, as one of several windows that do so at once: state folder, name, how many. */
import { bindRepository } from '../../worker/base/machine.ts';

const [stateDir = '', name = '', count = '0'] = process.argv.slice(2);
for (let index = 0; index < Number(count); index += 1) bindRepository(stateDir, `${name}-${index}`, `/${name}/${index}`);
