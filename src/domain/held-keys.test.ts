import { describe, expect, it } from 'vitest';
import { now } from '../../test/gen/facts.ts';
import { hours, minutes } from '../std/duration.ts';
import { formatInstant, minus, plus } from '../std/instant.ts';
import { nextHeldKeys } from './held-keys.ts';

describe('the keys of the cluster at an issuer that holds them', () => {
  it('are those that the cluster names, the next one from the first look on', () => {
    expect(nextHeldKeys([{ keyID: 'old' }], ['old', 'new'], now)).toEqual({
      held: [{ keyID: 'old' }, { keyID: 'new' }],
      letGo: [],
    });
  });

  it('stay for an hour when they are named no more, counted from the first look at which they were not', () => {
    const first = nextHeldKeys([{ keyID: 'old' }, { keyID: 'new' }], ['new'], now);
    expect(first).toEqual({
      held: [{ keyID: 'new' }, { keyID: 'old', formerSince: formatInstant(now) }],
      letGo: [],
    });
    expect(nextHeldKeys(first.held, ['new'], plus(now, minutes(59)))).toEqual(first);
    expect(nextHeldKeys(first.held, ['new'], plus(now, hours(1)))).toEqual({
      held: [{ keyID: 'new' }],
      letGo: ['old'],
    });
  });

  it('begin their hour anew when they were named again: API servers that are being restarted disagree', () => {
    const { held } = nextHeldKeys([{ keyID: 'old' }], ['new'], now);
    const again = nextHeldKeys(held, ['new', 'old'], plus(now, minutes(50)));
    expect(again.held).toEqual([{ keyID: 'new' }, { keyID: 'old' }]);
    expect(nextHeldKeys(again.held, ['new'], plus(now, minutes(70))).letGo).toEqual([]);
  });

  it('go an hour later at most, also where a clock was set back', () => {
    const held = [{ keyID: 'old', formerSince: formatInstant(plus(now, hours(5))) }];
    expect(nextHeldKeys(held, [], now).held).toEqual([{ keyID: 'old', formerSince: formatInstant(now) }]);
    const past = [{ keyID: 'old', formerSince: formatInstant(minus(now, hours(5))) }];
    expect(nextHeldKeys(past, [], now).letGo).toEqual(['old']);
  });
});
