import { describe, expect, it } from 'vitest';
import { now } from '../../test/gen/facts.ts';
import { aClient, anIssuer, everything, without, withStatus } from '../../test/gen/objects.ts';
import { aGrantedBinding, aVolumeToken, grantedStatus } from '../../test/gen/volumes.ts';
import { minutes } from '../std/duration.ts';
import { formatInstant, minus, plus } from '../std/instant.ts';
import { isRevokedByNode } from './revoked-by-node.ts';

const single = anIssuer(without('RevokeAll'));
const all = anIssuer(withStatus({ observedGeneration: 1, capabilities: [...everything] }));
const withdrawn = (reason: string) => ({ kind: 'withdrawn', reason, message: '' }) as const;
const facts = { delivered: aVolumeToken(), client: aClient(), binding: undefined };
const tokensRevokedAt = formatInstant(plus(now, minutes(1)));
const refusedWith = (reason: string) =>
  aGrantedBinding(
    withStatus(grantedStatus({ violations: [{ reason, field: 'spec', message: 'spec: why' }] })),
  );

describe('a token that is taken out of a volume', () => {
  it.each([
    ['for its own fault', isRevokedByNode(facts, withdrawn('ScopeNotAllowed'), single, now), true],
    [
      'for its own fault, where a client may lose all',
      isRevokedByNode(facts, withdrawn('ScopeNotAllowed'), all, now),
      true,
    ],
    ['with its binding', isRevokedByNode(facts, withdrawn('BindingNotFound'), all, now), true],
    ['with its tenant', isRevokedByNode(facts, withdrawn('Suspended'), single, now), true],
    [
      'with its tenant, where the client loses all',
      isRevokedByNode(facts, withdrawn('Suspended'), all, now),
      false,
    ],
    [
      'for several reasons, where the client loses all for one of them',
      isRevokedByNode(
        { ...facts, binding: refusedWith('ClientNotAllowed') },
        withdrawn('ScopeNotAllowed'),
        all,
        now,
      ),
      false,
    ],
    [
      'after all of its client were revoked',
      isRevokedByNode(
        { ...facts, client: aClient(withStatus({ tokensRevokedAt })) },
        withdrawn('ScopeNotAllowed'),
        all,
        plus(now, minutes(2)),
      ),
      false,
    ],
    [
      'after its end',
      isRevokedByNode(
        { ...facts, delivered: aVolumeToken({ expiresAt: minus(now, minutes(1)) }) },
        withdrawn('ScopeNotAllowed'),
        single,
        now,
      ),
      false,
    ],
    [
      'while it is only not asked for',
      isRevokedByNode(facts, { kind: 'pending', reason: 'Pending', message: '' }, single, now),
      false,
    ],
    [
      'at an issuer that cannot do it',
      isRevokedByNode(facts, withdrawn('ScopeNotAllowed'), anIssuer(without('Revoke')), now),
      false,
    ],
    [
      'of an issuer that is gone',
      isRevokedByNode(facts, withdrawn('BindingNotFound'), undefined, now),
      false,
    ],
  ])('%s, is revoked by the node: %s', (_, is, expected) => {
    expect(is).toBe(expected);
  });
});
