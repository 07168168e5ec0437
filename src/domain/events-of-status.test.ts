import { describe, expect, it } from 'vitest';
import { isFalse, isTrue, isUnknown, type PlannedCondition, withReady } from './condition.ts';
import { eventsOfStatus } from './events-of-status.ts';

type Conditions = readonly PlannedCondition[];

const allowed = isTrue('Allowed', 'Allowed');
const registered = isTrue('Registered', 'Registered', 'as c-1');
const copied = isTrue('CredentialsReady', 'CredentialsWritten', 'in Secret credentials');
const stale = (pods: string) =>
  isTrue('CredentialsReady', 'StaleConsumers', `in Secret credentials; ${pods}`);
const away = isFalse('Registered', 'IssuerUnavailable', 'no answer within 10s');
const pending = isUnknown('Registered', 'Pending', 'the client is being registered');
const clientOf = (...parts: Conditions): Conditions => withReady([allowed, ...parts], 'as c-1');
const refused = (what: string): Conditions =>
  withReady([isFalse('Allowed', 'ScopeNotAllowed', `spec.scopes: ${what}`)], '');

const issued = isTrue('Issued', 'TokenIssued');
const delivered = isTrue('Delivered', 'SecretWritten', 'in Secret token');
const bindingOf = (...parts: Conditions): Conditions => withReady([allowed, ...parts], 'in Secret token');
const ready = bindingOf(issued, delivered);
const late = bindingOf(isFalse('Issued', 'IssuerUnavailable', 'no answer'), delivered);
const expired = bindingOf(
  isFalse('Issued', 'IssuerUnavailable', 'no answer'),
  isFalse('Delivered', 'TokenExpired', 'the token in Secret token has expired'),
);
const forVolumes = withReady([allowed], 'pods mount it');
const waiting = [isFalse('Ready', 'ClientNotReady', 'OAuthClient billing is not registered')];
const found = [isTrue('Ready', 'Discovered', 'metadata read from https://login.example')];
const suspended = [isFalse('Ready', 'Suspended', 'spec.suspend is true')];
const inForce = [isTrue('Ready', 'Resolved', 'tenant acme')];

function told(
  before: Conditions,
  after: Conditions,
  generations: readonly [number, number] = [1, 1],
): string[] {
  const [observedGeneration, generation] = generations;
  const former = before.map((condition) => ({ ...condition, observedGeneration }));
  return eventsOfStatus(former, after, generation).map(
    ({ type, reason, note }) => `${type} ${reason}: ${note}`,
  );
}

describe('of a change of status is told', () => {
  it.each<[string, Conditions, Conditions, string[]]>([
    ['that a client was registered', [], clientOf(registered), ['Normal Registered: as c-1']],
    [
      'that, though its credentials are nowhere',
      clientOf(pending),
      clientOf(registered, isFalse('CredentialsReady', 'SecretConflict', 'there is another')),
      ['Normal Registered: as c-1', 'Warning SecretConflict: there is another'],
    ],
    [
      'where its credentials are',
      clientOf(registered),
      clientOf(registered, copied),
      ['Normal CredentialsWritten: in Secret credentials'],
    ],
    [
      'that it is another client now',
      clientOf(registered),
      clientOf(isTrue('Registered', 'Registered', 'as c-2')),
      ['Normal Registered: as c-2'],
    ],
    [
      'that pods have a former credential',
      clientOf(registered, copied),
      clientOf(registered, stale('old-web')),
      ['Warning StaleConsumers: in Secret credentials; old-web'],
    ],
    ['that once', clientOf(registered, stale('a, b')), clientOf(registered, stale('b')), []],
    ['that a token is there', waiting, ready, ['Normal SecretWritten: in Secret token']],
    ['that a binding can be mounted', [], forVolumes, ['Normal Ready: pods mount it']],
    ['that a renewal is late', ready, late, ['Warning IssuerUnavailable: no answer']],
    ['that once, too', late, expired, []],
    ['that it is there again', late, ready, ['Normal Ready: in Secret token']],
    ['that there is one again', expired, ready, ['Normal SecretWritten: in Secret token']],
    ['that an issuer was read', [], found, ['Normal Discovered: metadata read from https://login.example']],
    ['that a tenant is suspended', inForce, suspended, ['Warning Suspended: spec.suspend is true']],
    ['that it may go on', suspended, inForce, ['Normal Resolved: tenant acme']],
    ['why something is refused', [], refused('admin'), ['Warning ScopeNotAllowed: spec.scopes: admin']],
    ['another reason', refused('admin'), suspended, ['Warning Suspended: spec.suspend is true']],
    [
      'that an issuer did not answer',
      clientOf(pending),
      clientOf(away),
      ['Warning IssuerUnavailable: no answer within 10s'],
    ],
    [
      'that what was ready waits for another',
      ready,
      waiting,
      ['Warning ClientNotReady: OAuthClient billing is not registered'],
    ],
  ])('%s', (_, before, after, events) => {
    expect(told(before, after)).toEqual(events);
  });

  it.each<[string, Conditions, Conditions]>([
    ['that nothing changed', ready, ready],
    ['that something new waits for another', [], waiting],
    ['that work is under way', [], clientOf(pending)],
    ['other words for the same', refused('admin'), refused('admin, until 12:05')],
  ])('not %s', (_, before, after) => {
    expect(told(before, after)).toEqual([]);
  });

  it('that another spec is refused for the same reason', () => {
    expect(told(refused('admin'), refused('root'), [1, 2])).toEqual([
      'Warning ScopeNotAllowed: spec.scopes: root',
    ]);
    expect(told(refused('admin'), refused('admin'), [1, 2])).toEqual([]);
  });
});
