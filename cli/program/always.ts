/** What every call of `belay` loads: one file of the bundle, whichever commands share which parts of it. */
import '../base/environment.ts';
import './program.ts';
// Small, and of use to nearly every command: each in a file of its own would cost more.
import '../base/command.ts';
import '../base/listed.ts';
import '../base/names.ts';
import '../base/table.ts';
import '../../protocol/vocabulary.ts';
