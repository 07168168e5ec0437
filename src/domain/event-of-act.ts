import type { ToldEvent } from './told-event.ts';

/** Something that was done and of which the audit trail has a line. */
interface DoneAct {
  readonly act: string;
  readonly outcome: 'success' | 'failure';
  readonly step?: string | undefined;
  readonly reason?: string | undefined;
  readonly binding?: string | undefined;
  readonly clientID?: string | undefined;
  readonly secret?: string | undefined;
}

/**
 * What is told of an act, if it is one of which the conditions say nothing. A token that was issued is not: that is the routine of every
 * binding. Nor is what failed: that is in the conditions once it matters.
 */
export function eventOfAct(done: DoneAct): ToldEvent | undefined {
  if (done.outcome === 'failure') return undefined;
  const client = done.clientID === undefined ? 'the client' : `client ${done.clientID}`;
  const told = (reason: ToldEvent['reason'], note: string): ToldEvent => ({ type: 'Normal', reason, note });
  switch (done.act) {
    case 'update':
      return told('RegistrationChanged', `${client} was changed at the issuer`);
    case 'rotate':
      if (done.step === 'promote')
        return told('CredentialRotated', `${client} has a new credential; the former one is still valid`);
      return done.step === 'retire'
        ? told('CredentialRetired', `the issuer is told to forget the former credential of ${client}`)
        : undefined;
    case 'revoke':
      // Of a binding it is a part of its withdrawal.
      return done.binding === undefined
        ? told('TokensRevoked', `all tokens of ${client} were ended at the issuer`)
        : undefined;
    case 'withdraw':
      return told('SecretRemoved', `Secret ${done.secret} was removed: ${done.reason}`);
    case 'deregister':
      return told('Deregistered', `${client} was deleted at the issuer`);
    case 'release':
      return {
        type: 'Warning',
        reason: 'Released',
        note: `${client} may still be at the issuer, with all that it had`,
      };
    default:
      return undefined;
  }
}
