import { BelayError } from '../protocol/errors.ts';

/** `unreached`: nothing was sent. `broken`: the connection ended before the reply was whole. */
export class TransportFailure extends BelayError {
  readonly kind: 'unreached' | 'broken' | 'timeout';

  constructor(kind: 'unreached' | 'broken' | 'timeout', message: string, hint: string, cause?: unknown) {
    super('unavailable', message, { cause, hint });
    this.kind = kind;
  }
}
