import * as z from 'zod';
import type { SecretType } from '../../src/delivery/secret-manifest.ts';
import { type AuditEvent, selectRequests } from '../cluster/audit-log.ts';
import { allows, describeRight, type Installed, type Right, targetOf } from './declared-rights.ts';

/** Who is judged: a part of Grantor that is known to the API server. */
export interface Subject {
  readonly user: string;
  /** Name of its Role, by which is seen in which namespaces it was installed. */
  readonly role: string;
  readonly rights: readonly Right[];
}

/** What the audit logs of a run say about it. */
export interface Judgement {
  readonly requests: number;
  /** One sentence for each request that is outside its rights. */
  readonly outside: readonly string[];
  /** Rights that no request needed. */
  readonly unused: readonly string[];
}

/** Clients of tests that take its identity: some of them to do what it must not. */
const actingInItsName = new Set(['grantor-stage', 'grantor-admission-test']);

/** Judges each log by itself: every control plane has its own list of audiences. */
export function judge(logs: readonly (readonly AuditEvent[])[], { user, role, rights }: Subject): Judgement {
  const used = new Set<Right>();
  let requests = 0;
  const outside = logs.flatMap((events) => {
    const ours = selectRequests(events, { user }).filter(({ userAgent }) => !actingInItsName.has(userAgent));
    requests += ours.length;
    const audiences = installedAudiences(events);
    const installed = installedIn(events, role);
    return ours.flatMap((event) => {
      const covering = rights.filter((right) => allows(right, event, installed));
      for (const right of covering) used.add(right);
      return objections(event, covering.length > 0, audiences).map((why) => `${describe(event)} ${why}`);
    });
  });
  return { requests, outside, unused: rights.filter((right) => !used.has(right)).map(describeRight) };
}

/** What a rule covers and RBAC refuses is asked of an API server that has only just started, and has not read its roles yet. */
function objections(event: AuditEvent, declared: boolean, audiences: ReadonlySet<string>): string[] {
  return [
    declared ? undefined : 'is covered by no rule of its roles',
    // Quotas and namespaces that end refuse as well, whoever asks.
    event.code === 403 && event.message.includes('ValidatingAdmissionPolicy')
      ? `was refused by a policy: ${event.message}`
      : undefined,
    ofSecret(event),
    ofTokenRequest(event, audiences),
  ].filter((why) => why !== undefined);
}

const ourTypes: Readonly<Record<SecretType, true>> = {
  'grantor.dev/token': true,
  'grantor.dev/client': true,
  'grantor.dev/registration': true,
};
const writing = new Set(['create', 'update', 'patch', 'delete']);

/** What a Secret holds is never logged, so the policy on the controller's Secrets notes the type. */
function ofSecret({ resource, verb, code, annotations }: AuditEvent): string | undefined {
  if (resource !== 'secrets' || !writing.has(verb) || code >= 300) return undefined;
  const type = annotations['grantor-controller-secrets/secret-type'];
  if (type === undefined) return 'was a write to a Secret that no policy looked at';
  return type in ourTypes ? undefined : `was a write to a Secret of type ${type}`;
}

const tokenRequest = z.object({
  spec: z.object({ audiences: z.array(z.string()), expirationSeconds: z.number() }),
});

function ofTokenRequest(event: AuditEvent, installed: ReadonlySet<string>): string | undefined {
  if (targetOf(event) !== 'serviceaccounts/token') return undefined;
  // An API server that has just started knows of no rights yet: it refuses before it reads what is asked for, and nothing comes of it.
  if (event.code === 403 && event.body === undefined) return undefined;
  const { success, data } = tokenRequest.safeParse(event.body);
  if (!success) return 'asked for a token in words that nobody understands';
  const { audiences, expirationSeconds } = data.spec;
  if (audiences.length !== 1) return `asked for a token of ${audiences.length} audiences`;
  if (!audiences.every((audience) => installed.has(audience))) {
    return `asked for a token for ${audiences.join()}, which is not installed`;
  }
  return expirationSeconds > 600 ? `asked for a token of ${expirationSeconds} s` : undefined;
}

/** The name of the ClusterRole for Secret delivery, and of what binds it: once, or in each of some namespaces. */
const delivery = 'grantor-secret-delivery';

/** Where its rights were ever given: whether that was in time is for RBAC. */
function installedIn(events: readonly AuditEvent[], role: string): Installed {
  const given = (resource: string, name: string): AuditEvent[] =>
    selectRequests(events, { resource, name }).filter(({ code }) => code < 300);
  const namespaces = (of: readonly AuditEvent[]): string[] => of.map(({ namespace }) => namespace);
  return {
    own: new Set(namespaces(given('roles', role))),
    delivery: new Set([
      ...given('clusterrolebindings', delivery).map(() => '*'),
      ...namespaces(given('rolebindings', delivery)),
    ]),
  };
}

const configMap = z.object({ data: z.record(z.string(), z.string()).default({}) });

/** All audiences that were ever on the list: whether they were there in time is for the policy. */
function installedAudiences(events: readonly AuditEvent[]): Set<string> {
  const list = { resource: 'configmaps', namespace: 'grantor-system', name: 'grantor-audiences' };
  const written = selectRequests(events, list).filter(({ code, body }) => code < 300 && body !== undefined);
  return new Set(written.flatMap(({ body }) => Object.values(configMap.parse(body).data)));
}

const describe = (event: AuditEvent): string =>
  [
    event.verb,
    targetOf(event),
    [event.namespace, event.name].filter(Boolean).join('/'),
    `(${event.code}, ${event.at})`,
  ]
    .filter(Boolean)
    .join(' ');
