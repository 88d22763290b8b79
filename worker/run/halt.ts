/** What can stop a run before its agent is done. */
export type Halt = 'cancel' | 'give_back' | 'lost' | 'parked' | 'stalled';

export class Halted extends Error {
  constructor(halt: Halt) {
    super(`The run was interrupted: ${halt}.`);
    this.name = 'Halted';
  }
}

export class LineBusy extends Error {
  constructor() {
    super('Another session works in this folder now.');
    this.name = 'LineBusy';
  }
}
