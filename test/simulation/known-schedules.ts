import type { Schedule } from './steps.ts';

const at = (...steps: Schedule['steps']): Schedule => ({ seed: 0, steps });

/** Schedules that once broke a promise, as they were when nothing more could be left out. They are run first, always. */
export const knownSchedules: readonly Schedule[] = [
  // The answer to an update was lost, and with it the newer registration access token.
  at({ passes: 1 }, { issuer: 'forgetful' }, { tenant: 'shortLived' }, { kill: 0, at: 0, back: 0 }),
  // It is told for ever that a token could not be removed which somebody else had removed.
  at(
    { passes: 600 },
    { namespace: 'bare' },
    { api: 'forbidden', of: '' },
    { foreignSecret: 'there' },
    { client: 'billing', to: { scopes: 0, login: 'federated', secret: 'a' } },
  ),
  // The issuer had taken a client's rights, the answer was lost, and the record said that it had them.
  at({ passes: 10 }, { issuer: 'forgetful' }, { tenant: 'anew' }, { account: 'billing', to: 'gone' }),
  // A client whose registration was sent but never written down was refused, and kept its rights at the issuer.
  {
    seed: 718408492,
    steps: [
      { touched: 'records' },
      { kill: 0, at: 21, back: 30 },
      { client: 'billing', to: { scopes: 1, login: 'secret', secret: 'a' } },
      { api: 'forbidden', of: 'secrets' },
      { foreignSecret: 'there' },
      { tenant: 'narrow' },
      { passes: 94 },
    ],
  },
  // The clock was set back after a failure, and a token under an earlier name was served past its end.
  at(
    { passes: 1 },
    { binding: 'billing', to: { scopes: 0, secret: 'b' } },
    { issuer: 'away' },
    { clockJumps: -6 },
    { watches: 'held' },
  ),
  // A deletion was written down as under way before it was known what the issuer can do, and its 401 was taken for proof.
  at(
    { passes: 1 },
    { tenant: 'narrow' },
    { client: 'billing', to: { scopes: 0, login: 'federated', secret: 'a' } },
    { kill: 1, at: 0, back: 0 },
    { kill: 0, at: 7, back: 0 },
    { client: 'billing', to: 'gone' },
    { passes: 3 },
    { client: 'billing', to: { scopes: 2, login: 'federated', secret: 'a' } },
    { issuerObject: 'anew' },
    { passes: 30 },
  ),
  // A new leader whose watch lagged took what its predecessor had written for somebody else's, and did not renew it.
  {
    seed: -502717820,
    steps: [
      { passes: 1 },
      { binding: 'billing', to: { scopes: 0, secret: 'b' } },
      { watches: 'held' },
      { kill: 0, at: 7, back: 0 },
      { passes: 74 },
      { clockJumps: -2 },
      { passes: 8 },
      { passes: 2 },
    ],
  },
  // A new leader whose watch lagged did not see the record of an attempt, and let its OAuthClient go.
  {
    seed: -198259785,
    steps: [
      { foreignSecret: 'there' },
      { issuerObject: 'anew' },
      { watches: 'held' },
      { issuer: 'slow' },
      { binding: 'billing', to: { scopes: 0, secret: 'a' } },
      { watches: 'compacted' },
      { kill: 0, at: 0, back: 1 },
      { passes: 3 },
      { client: 'billing', to: 'gone' },
      { passes: 7 },
      { binding: 'billing', to: 'gone' },
    ],
  },
  // A new leader whose watch lagged did not know that its predecessor had deleted a client and its record, and made it anew by its mark.
  at(
    { passes: 1 },
    { namespace: 'bare' },
    { client: 'billing', to: 'gone' },
    { stop: 1, back: 1 },
    { watches: 'held' },
    { passes: 10 },
    { passes: 3 },
  ),
  // A tenant went, its watch was dead, and the API server was away for ten minutes: its tokens were renewed before anybody could be told.
  at({ passes: 10 }, { watches: 'held' }, { tenant: 'gone' }, { apiAway: 'down', minutes: 10 }),
  // A leader stood still between writing down that it registers a client and doing so, and gave its rights back to one that was suspended.
  {
    seed: 5,
    steps: [
      { client: 'portal', to: 'gone' },
      { passes: 5 },
      { freeze: 0, at: 7, seconds: 40 },
      { client: 'portal', to: { scopes: 0, login: 'secret', secret: 'a' } },
      { passes: 16 },
      { tenant: 'suspended' },
      { passes: 60 },
    ],
  },
  // The same, and one whose OAuthClient was deleted meanwhile was left at the issuer with all its rights.
  {
    seed: 5,
    steps: [
      { client: 'portal', to: 'gone' },
      { passes: 5 },
      { freeze: 0, at: 7, seconds: 40 },
      { client: 'portal', to: { scopes: 0, login: 'secret', secret: 'a' } },
      { passes: 16 },
      { client: 'portal', to: 'gone' },
      { passes: 60 },
    ],
  },
  // The same with an update before an issuer that finds no client by its mark.
  {
    seed: 5,
    steps: [
      { passes: 5 },
      { freeze: 0, at: 1, seconds: 40 },
      { client: 'portal', to: { scopes: 1, login: 'secret', secret: 'a' } },
      { passes: 16 },
      { tenant: 'suspended' },
      { passes: 60 },
    ],
  },
  // Tokens went on being revoked by one who did not lead any more.
  {
    seed: -108771572,
    steps: [
      { passes: 1 },
      { issuer: 'throttled' },
      { binding: 'billing', to: { scopes: 2, secret: 'a' } },
      { apiAway: 'down', minutes: 1 },
      { passes: 0 },
    ],
  },
  // A clock that was set back while a token was being revoked: its Secret stayed until the clock was there again.
  {
    seed: 0,
    steps: [
      { passes: 10 },
      { issuer: 'throttled' },
      { account: 'billing', to: 'gone' },
      { rotation: 'portal' },
      { clockJumps: -2 },
      { client: 'billing', to: 'gone' },
    ],
  },
  // Who had lost the lease asked for a ServiceAccount token that others could have shared.
  {
    seed: -1583349736,
    steps: [
      { passes: 1 },
      { freeze: 0, at: 0, seconds: 28 },
      { rotation: 'billing' },
      { client: 'billing', to: { scopes: 0, login: 'privateKey', secret: 'a' } },
      { passes: 28 },
    ],
  },
];
