import { expect, test } from 'vitest';
import { eventOfAct } from './event-of-act.ts';

const client = { outcome: 'success', clientID: 'c-1' } as const;
const binding = { ...client, binding: 'acme-prod/billing-api' } as const;

test.each<[string, Parameters<typeof eventOfAct>[0], string | undefined]>([
  [
    'a changed client',
    { ...client, act: 'update' },
    'RegistrationChanged: client c-1 was changed at the issuer',
  ],
  [
    'one whose id is not known',
    { act: 'deregister', outcome: 'success' },
    'Deregistered: the client was deleted at the issuer',
  ],
  [
    'a Secret that is gone',
    { ...binding, act: 'withdraw', secret: 'acme-prod/token', reason: 'expired' },
    'SecretRemoved: Secret acme-prod/token was removed: expired',
  ],
  [
    'the end of all tokens',
    { ...client, act: 'revoke' },
    'TokensRevoked: all tokens of client c-1 were ended at the issuer',
  ],
  [
    'a client that may still be there',
    { ...client, act: 'release' },
    'Released: client c-1 may still be at the issuer, with all that it had',
  ],
  ['no renewal', { ...binding, act: 'issue' }, undefined],
  ['no single token of a withdrawal', { ...binding, act: 'revoke' }, undefined],
  ['no step of a rotation that nobody sees', { ...client, act: 'rotate', step: 'begin' }, undefined],
  ['nothing that failed', { ...client, act: 'update', outcome: 'failure' }, undefined],
  ['nothing that a condition tells', { ...client, act: 'register' }, undefined],
])('of the acts of the audit trail is told: %s', (_, done, told) => {
  const event = eventOfAct(done);
  expect(event && `${event.reason}: ${event.note}`).toBe(told);
});
