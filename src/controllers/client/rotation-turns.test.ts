import { describe, expect, it } from 'vitest';
import { now } from '../../../test/gen/facts.ts';
import { minutes, seconds } from '../../std/duration.ts';
import { between, minus, plus } from '../../std/instant.ts';
import { RotationTurns } from './rotation-turns.ts';

describe('turns for rotations', () => {
  it('are as far apart as an issuer wants them, in the order in which they were taken', () => {
    const turns = new RotationTurns();
    const taken = Array.from({ length: 1000 }, (_, n) => turns.take(`client-${n}`, 'login', seconds(5), now));
    expect(taken.map((turn) => between(now, turn))).toEqual(taken.map((_, n) => seconds(5 * n)));
    expect(turns.of('client-7')).toBe(taken[7]);
  });

  it('of one issuer are no concern of another', () => {
    const turns = new RotationTurns();
    turns.take('one', 'login', minutes(1), now);
    expect(turns.take('two', 'other', minutes(1), now)).toBe(now);
  });

  it('begin at once where nobody was before for as long as that', () => {
    const turns = new RotationTurns();
    turns.take('one', 'login', minutes(1), now);
    expect(turns.take('two', 'login', minutes(1), plus(now, minutes(5)))).toBe(plus(now, minutes(5)));
  });

  it('are waited for a while longer when the clock was set back', () => {
    const turns = new RotationTurns();
    turns.take('one', 'login', seconds(1), now);
    expect(turns.take('two', 'login', seconds(1), minus(now, minutes(10)))).toBe(plus(now, seconds(1)));
  });

  it('that were given up are forgotten', () => {
    const turns = new RotationTurns();
    turns.take('one', 'login', seconds(1), now);
    turns.giveUp('one');
    expect(turns.of('one')).toBeUndefined();
  });
});
