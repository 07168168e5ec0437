import { describe, expect, it } from 'vitest';
import { type Duration, hours, minutes, seconds } from '../std/duration.ts';
import { shortestProofLife, unmetByVolume, type VolumeTerms } from './volume-needs.ts';

const reasonFor = (terms: Partial<VolumeTerms>) =>
  unmetByVolume({
    client: 'billing',
    method: 'Federated',
    assertionReuse: 'SingleUse',
    life: minutes(20),
    rotation: { renewAtPercent: 60 },
    proofLife: shortestProofLife,
    ...terms,
  })?.reason;

describe('a token for a volume', () => {
  it.each(['PrivateKey', 'Secret', 'MutualTLS', 'Public'] as const)(
    'is nothing for a client that logs in by %s: the node has no credential',
    (method) => {
      expect(reasonFor({ method, assertionReuse: 'Reusable' })).toBe('VolumeNeedsFederatedClient');
    },
  );

  it('may live as briefly as it likes where the issuer accepts a ServiceAccount token again', () => {
    expect(reasonFor({ assertionReuse: 'Reusable', life: seconds(10) })).toBeUndefined();
  });

  // 80 % of 10 minutes and 90 s are 570 s; a renewal may come 5 points before renewAtPercent.
  it.each<[Duration, number, boolean]>([
    [seconds(1036), 60, false],
    [seconds(1037), 60, true],
    [seconds(814), 75, false],
    [seconds(815), 75, true],
  ])(
    'of %d ms, renewed at %d %, leaves time for the next ServiceAccount token: %s',
    (life, percent, fits) => {
      const reason = reasonFor({ life, rotation: { renewAtPercent: percent } });
      expect(reason === undefined).toBe(fits);
    },
  );

  it('is renewed no later than it must be: a long minRemaining leaves less time', () => {
    const rotation = { renewAtPercent: 75, minRemaining: minutes(12) };
    expect(reasonFor({ rotation })).toBe('VolumeNeedsReusableAssertion');
  });

  it('has to live longer where the kubelet keeps its ServiceAccount tokens for longer', () => {
    expect(reasonFor({ proofLife: hours(1) })).toBe('VolumeNeedsReusableAssertion');
    expect(reasonFor({ proofLife: hours(1), life: hours(2) })).toBeUndefined();
  });
});
