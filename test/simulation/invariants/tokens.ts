import { matchesScope } from '../../../src/domain/scope-pattern.ts';
import { minutes, seconds } from '../../../src/std/duration.ts';
import { namespace } from '../manifests.ts';
import { lasting, type Scene, type Watchman } from './scene.ts';
import {
  claimsOf,
  isToken,
  ownerOf,
  type StoredBinding,
  type StoredClient,
  type StoredScope,
  type StoredSecret,
  valueOf,
} from './stored.ts';

/** Tokens in Secrets end when they must, and can do no more than they may; nor is more granted to those that nodes obtain. */
export function tokensAreInBounds(scene: Scene): Watchman {
  const { clock, server, issuer } = scene;
  /** By how much the clock is ahead of the time that has really passed. */
  const ahead = (): number => clock.now() - clock.elapsed();
  const lives = new Map<string, { readonly end: number; readonly ahead: number }>();
  issuer.alterToken = (issued) => {
    const end = clock.elapsed() + (issued.expiresIn ?? 0);
    lives.set(issued.token.reveal(), { end, ahead: ahead() });
    return issued;
  };
  /**
   * By the time that has really passed. A clock that was set back since says that a token lives that much longer, and who cannot renew it
   * meanwhile has nothing else to go by.
   */
  const hasEnded = (token: string): boolean => {
    const life = lives.get(token);
    return life === undefined || life.end + Math.max(0, life.ahead - ahead()) <= clock.elapsed();
  };
  const expired = lasting(scene, 'no expired token is served', seconds(15));
  const wide = lasting(scene, 'no token is wider than its ceiling', seconds(15));
  /**
   * Time as far as it brought news. A change that a dead watch kept back before the API server went away for an hour is heard of when
   * watches come back, up to 30 s after it. Until then a leader goes by what it knew: who waited would let tokens end that could be renewed.
   */
  const heard = (): number => clock.elapsed() - scene.unheardFor();
  /** The ceilings of the last minutes: what is on its way when one comes down may still arrive. */
  const ceilings: { readonly at: number; readonly scopes: readonly string[] }[] = [];

  /**
   * What a token of this binding may carry: the ceiling of tenant and client. A binding may narrow it; until a token of its newer form has a place
   * to go, that of the older one stays.
   */
  const allowed = (binding: StoredBinding | undefined): readonly string[] => {
    const client =
      binding && server.find<StoredClient>('oauthclients', { namespace, name: binding.spec.clientRef.name });
    const scope = server.find<StoredScope>('tenantscopes', { name: 'acme' });
    const labelled = server.find('namespaces', { name: namespace })?.metadata.labels?.['tenant'] === 'acme';
    if (
      binding === undefined ||
      client === undefined ||
      scope === undefined ||
      scope.spec.suspend ||
      !labelled
    )
      return [];
    return client.spec.scopes.filter((asked) =>
      scope.spec.tokens.scopes.some((pattern) => matchesScope(pattern, asked)),
    );
  };
  const tokens = (): StoredSecret[] => (server.storage.list('secrets') as StoredSecret[]).filter(isToken);
  const bindings = (): StoredBinding[] => server.storage.list('workloadidentitybindings') as StoredBinding[];
  const excess = (secret: StoredSecret): string[] => {
    const may = allowed(bindings().find(({ metadata }) => metadata.uid === ownerOf(secret)));
    return (claimsOf(secret).scope ?? '').split(' ').filter((scope) => !may.includes(scope));
  };

  return {
    changed({ plural, current, previous }) {
      if (plural === 'tenantscopes' && previous !== undefined)
        ceilings.push({ at: heard(), scopes: (previous as StoredScope).spec.tokens.scopes });
      const secret: StoredSecret | undefined = current;
      if (plural !== 'secrets' || secret === undefined || !isToken(secret)) return;
      const recent = ceilings.filter(({ at }) => heard() - at < minutes(5)).flatMap(({ scopes }) => scopes);
      const now = server.find<StoredScope>('tenantscopes', { name: 'acme' })?.spec.tokens.scopes ?? [];
      const outside = (claimsOf(secret).scope ?? '')
        .split(' ')
        .filter((scope) => ![...recent, ...now].some((pattern) => matchesScope(pattern, scope)));
      if (outside.length > 0)
        scene.report(
          'no token is wider than its ceiling',
          `${secret.metadata.name} was written with ${outside.join(' ')}`,
        );
    },
    looks() {
      const found = tokens();
      const ended = found.filter((secret) => hasEnded(valueOf(secret, 'token')));
      expired(
        new Map(ended.map(({ metadata }) => [metadata.uid, `${metadata.name} holds an expired token`])),
      );
      const overgranted = bindings().flatMap((binding) => {
        const may = allowed(binding);
        const excess = (binding.status?.grant?.scopes ?? []).filter((scope) => !may.includes(scope));
        const { uid, name } = binding.metadata;
        return excess.length > 0 ? [[uid, `${name} is granted ${excess.join(' ')}`] as const] : [];
      });
      wide(
        new Map([
          ...overgranted,
          ...found
            .filter((secret) => excess(secret).length > 0)
            .map(
              (secret) =>
                [secret.metadata.uid, `${secret.metadata.name} holds ${excess(secret).join(' ')}`] as const,
            ),
        ]),
      );
    },
  };
}
