/** What every call of `belay` loads: one file of the bundle, whichever commands share which parts of it. */
import './program.ts';
