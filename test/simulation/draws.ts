/** Names and chances a store draws: the same for the same seed, wherever the operations are played. */
import { Random } from '../support/random.ts';

export class Draws {
  private ids = 0;
  private readonly random: Random;

  constructor(seed: number) {
    this.random = new Random(~seed);
  }

  readonly newId = (prefix: string): string => `${prefix}${(this.ids += 1)}`;
  readonly chance = (): number => this.random.next();

  get state(): readonly [ids: number, random: number] {
    return [this.ids, this.random.state];
  }

  set state([ids, random]: readonly [ids: number, random: number]) {
    this.ids = ids;
    this.random.state = random;
  }
}
