import fc from 'fast-check';

export const clientNames = ['billing', 'portal'] as const;
export type ClientName = (typeof clientNames)[number];

/** What a user writes into an OAuthClient; the numbers choose among a few specs, the last of which is above the tenant's ceiling. */
export interface ClientWish {
  readonly scopes: 0 | 1 | 2 | 3;
  readonly login: 'federated' | 'privateKey' | 'secret';
  readonly secret: 'a' | 'b';
}
export interface BindingWish {
  readonly scopes: 0 | 1 | 2;
  /** None: its tokens are for volumes alone. */
  readonly secret: 'a' | 'b' | 'none';
}
export type ScopeWish = 'full' | 'narrow' | 'suspended' | 'federatedOnly' | 'shortLived';

export type IssuerWeather = 'fine' | 'away' | 'throttled' | 'forgetful' | 'slow';
export type ApiWeather = 'fine' | 'down' | 'unwritable' | 'conflicts' | 'forgetful' | 'hangs' | 'forbidden';
/** Which of its kinds the weather of the API server is about; the empty string is all. */
export type ApiRegion =
  | ''
  | 'secrets'
  | 'oauthclients'
  | 'workloadidentitybindings'
  | 'leases'
  | 'serviceaccounts';

export type Gone = 'gone' | 'anew';

/** What people do. `anew`: deleted, and made again under its name. */
export type UserStep =
  | { readonly client: ClientName; readonly to: ClientWish | Gone }
  /** Somebody wants its credential replaced. */
  | { readonly rotation: ClientName }
  | { readonly binding: ClientName; readonly to: BindingWish | Gone }
  | { readonly account: ClientName; readonly to: 'there' | Gone }
  | { readonly tenant: ScopeWish | Gone }
  | { readonly namespace: 'labelled' | 'bare' }
  | { readonly issuerObject: 'anew' }
  | { readonly foreignSecret: 'there' | 'gone' };

/** What happens to the program and around it. */
export type Trouble =
  | { readonly issuer: IssuerWeather }
  | { readonly api: ApiWeather; readonly of: ApiRegion }
  /** It answers nobody for so many minutes, in which people do nothing: it refuses connections, or takes them and is silent. */
  | { readonly apiAway: 'down' | 'hangs'; readonly minutes: number }
  | { readonly watches: 'held' | 'flowing' | 'cut' | 'compacted' }
  /** At the n-th point from now, each call having one before and one after it; back after so many seconds. */
  | { readonly kill: 0 | 1; readonly at: number; readonly back: number }
  | { readonly stop: 0 | 1; readonly back: number }
  | { readonly freeze: 0 | 1; readonly at: number; readonly seconds: number }
  | { readonly clockJumps: number }
  /** Somebody deletes a Secret of ours, or annotates our records. */
  | { readonly deleted: 'token' | 'credentials' }
  | { readonly touched: 'records' }
  /** Somebody gives a client that has rights one more at the issuer. */
  | { readonly drifted: ClientName };

export type Step = { readonly passes: number } | UserStep | Trouble;

const weighted = <T>(
  weight: number,
  arbitrary: fc.Arbitrary<T>,
): { weight: number; arbitrary: fc.Arbitrary<T> } => ({
  weight,
  arbitrary,
});
const name = fc.constantFrom(...clientNames);
const replica = fc.constantFrom<0 | 1>(0, 1);
const back = fc.integer({ min: 0, max: 30 });
const gone = fc.constantFrom<Gone>('gone', 'anew');
const secret = fc.constantFrom<'a' | 'b'>('a', 'b');

const anyClientWish = fc.record({
  scopes: fc.constantFrom<ClientWish['scopes']>(0, 1, 2, 3),
  login: fc.constantFrom<ClientWish['login']>('federated', 'privateKey', 'secret'),
  secret,
});
const anyBindingWish = fc.record({
  scopes: fc.constantFrom<BindingWish['scopes']>(0, 1, 2),
  secret: fc.constantFrom<BindingWish['secret']>('a', 'b', 'none'),
});

const anyUserStep: fc.Arbitrary<UserStep> = fc.oneof(
  weighted(4, fc.record({ client: name, to: fc.oneof(weighted(2, anyClientWish), weighted(1, gone)) })),
  weighted(3, fc.record({ binding: name, to: fc.oneof(weighted(2, anyBindingWish), weighted(1, gone)) })),
  weighted(1, fc.record({ account: name, to: fc.oneof(fc.constant('there' as const), gone) })),
  weighted(
    2,
    fc.record({
      tenant: fc.oneof(
        weighted(3, fc.constantFrom<ScopeWish>('full', 'narrow', 'suspended', 'federatedOnly', 'shortLived')),
        weighted(1, gone),
      ),
    }),
  ),
  weighted(1, fc.record({ namespace: fc.constantFrom<'labelled' | 'bare'>('labelled', 'bare') })),
  weighted(3, fc.record({ rotation: name })),
  weighted(1, fc.record({ issuerObject: fc.constant('anew' as const) })),
  weighted(1, fc.record({ foreignSecret: fc.constantFrom<'there' | 'gone'>('there', 'gone') })),
);

const anyTrouble: fc.Arbitrary<Trouble> = fc.oneof(
  weighted(
    3,
    fc.record({ issuer: fc.constantFrom<IssuerWeather>('fine', 'away', 'throttled', 'forgetful', 'slow') }),
  ),
  weighted(
    3,
    fc.record({
      api: fc.constantFrom<ApiWeather>(
        'fine',
        'fine',
        'down',
        'unwritable',
        'conflicts',
        'forgetful',
        'hangs',
        'forbidden',
      ),
      of: fc.constantFrom<ApiRegion>(
        '',
        'secrets',
        'secrets',
        'oauthclients',
        'workloadidentitybindings',
        'leases',
        'serviceaccounts',
      ),
    }),
  ),
  weighted(
    2,
    fc.record({
      watches: fc.constantFrom<'held' | 'flowing' | 'cut' | 'compacted'>(
        'held',
        'flowing',
        'cut',
        'compacted',
      ),
    }),
  ),
  weighted(
    1,
    fc.record({
      apiAway: fc.constantFrom<'down' | 'hangs'>('down', 'hangs'),
      minutes: fc.constantFrom(1, 10),
    }),
  ),
  weighted(5, fc.record({ kill: replica, at: fc.integer({ min: 0, max: 24 }), back })),
  weighted(1, fc.record({ stop: replica, back })),
  weighted(
    2,
    fc.record({
      freeze: replica,
      at: fc.integer({ min: 0, max: 24 }),
      seconds: fc.integer({ min: 1, max: 40 }),
    }),
  ),
  weighted(1, fc.record({ clockJumps: fc.integer({ min: -10, max: 10 }) })),
  weighted(1, fc.record({ deleted: fc.constantFrom<'token' | 'credentials'>('token', 'credentials') })),
  weighted(1, fc.record({ touched: fc.constant('records' as const) })),
  weighted(1, fc.record({ drifted: name })),
);

const anyPassing = fc.record({
  passes: fc.oneof(
    weighted(24, fc.integer({ min: 0, max: 10 })),
    weighted(8, fc.integer({ min: 10, max: 120 })),
    weighted(1, fc.constantFrom(600, 600, 600, 3600)),
  ),
});

/** A schedule: steps one after the other, and a seed for all that is left to chance. */
export interface Schedule {
  readonly seed: number;
  readonly steps: readonly Step[];
}

export const anySchedule: fc.Arbitrary<Schedule> = fc.record({
  seed: fc.integer(),
  steps: fc.array(
    fc.oneof<fc.WeightedArbitrary<Step>[]>(
      weighted(4, anyUserStep),
      weighted(5, anyTrouble),
      weighted(5, anyPassing),
    ),
    { minLength: 1, maxLength: 20, size: 'max' },
  ),
});

export const isUserStep = (step: Step): step is UserStep =>
  ['client', 'rotation', 'binding', 'account', 'tenant', 'namespace', 'issuerObject', 'foreignSecret'].some(
    (key) => key in step,
  );
