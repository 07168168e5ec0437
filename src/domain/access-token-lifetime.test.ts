import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aClient, aTenantScope, withLifetime, withSpec } from '../../test/gen/objects.ts';
import { type Duration, hours, milliseconds, minutes, seconds } from '../std/duration.ts';
import { accessTokenLifetime } from './access-token-lifetime.ts';
import { ceilingViolations } from './client-ceiling-rules.ts';

const { tokens } = aTenantScope().spec;
const allowing = (maxLifetime: Duration) => aTenantScope(withSpec({ tokens: { ...tokens, maxLifetime } }));
const asking = (accessTokenLifetime: Duration | undefined) => aClient(withLifetime(accessTokenLifetime));

describe('the lifetime of the tokens of a client', () => {
  it.each([
    ['ten minutes where nobody says anything else', undefined, minutes(15), minutes(10)],
    ['what the tenant allows where that is less', undefined, minutes(5), minutes(5)],
    ['the same where both are the same', undefined, minutes(10), minutes(10)],
    ['what the client asks for', minutes(12), minutes(15), minutes(12)],
    ['that also above the ceiling, which then refuses it', minutes(10), minutes(5), minutes(10)],
  ])('is %s', (_, asked, ceiling, expected) => {
    expect(accessTokenLifetime(asking(asked), allowing(ceiling))).toBe(expected);
  });

  it('is ten minutes where there is no tenant', () => {
    expect(accessTokenLifetime(asking(undefined), undefined)).toBe(minutes(10));
  });

  it('is never refused to who asks for none', () => {
    const ceilings = fc.integer({ min: seconds(10), max: hours(24) }).map(milliseconds);
    fc.assert(
      fc.property(ceilings, (ceiling) => {
        const tenancy = { kind: 'tenant', scope: allowing(ceiling) } as const;
        expect(ceilingViolations({ client: asking(undefined), tenancy })).toEqual([]);
        expect(accessTokenLifetime(asking(undefined), tenancy.scope)).toBeLessThanOrEqual(ceiling);
      }),
    );
  });
});
