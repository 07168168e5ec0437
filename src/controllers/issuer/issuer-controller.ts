import { oauthIssuerKind } from '../../api/oauth-issuer.ts';
import type { ActionFailure, FailedAttempt } from '../../domain/attempt.ts';
import {
  type Discovery,
  type IssuerFacts,
  type IssuerPlan,
  issuerFinalizer,
  issuerFingerprint,
  type KeysLook,
  planIssuer,
} from '../../domain/plan-issuer.ts';
import { fromIssuer } from '../../issuance/action-failure.ts';
import type { ReconcileContext } from '../../runtime/controller.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Environment } from '../environment.ts';
import { leaveMalformedAlone } from '../leave-malformed-alone.ts';
import { identifierHolder, isAudienceInstalled } from '../lookups.ts';
import { createReconciler, type ReconcilerParts } from '../reconciler.ts';
import { setFinalizer } from '../set-finalizer.ts';
import { writeStatus } from '../write-status.ts';
import { confirmUnreferred, issuerReferences } from './issuer-references.ts';
import { lookAtKeys } from './look-at-keys.ts';
import { type Sample, sampleClient } from './sample-client.ts';

type Action = NonNullable<IssuerPlan['action']>;
/** The name stays known when the object is gone, so that its driver can be closed. */
type Facts = IssuerFacts & { readonly name: string };

/** One issuer: gather, plan (domain/plan-issuer.ts), execute, tell. The key is its name. */
export const createIssuerReconciler = (environment: Environment) =>
  createReconciler(issuerParts(environment), environment.clock);

function issuerParts(environment: Environment): ReconcilerParts<Facts, Action, IssuerPlan> {
  const { world, issuers, clock, serviceAccountIssuer } = environment;
  const discoveries = new Map<string, Discovery>();
  const looks = new Map<string, KeysLook>();
  const samples = new Map<string, Sample>();

  const gather = (name: string, attempt: FailedAttempt | undefined): Facts => {
    const issuer = world.issuers.store.get(name)?.object;
    return {
      name,
      issuer,
      holder: issuer && identifierHolder(world, issuer),
      audienceInstalled: issuer !== undefined && isAudienceInstalled(world, issuer),
      references: issuerReferences(world, name),
      serviceAccountIssuer,
      discovery: discoveries.get(name),
      keys: looks.get(name),
      sampledAt: samples.get(name)?.at,
      hasDriver: issuers.has(name),
      attempt,
    };
  };

  const discover = async (
    { name, issuer }: Facts,
    context: ReconcileContext,
  ): Promise<Result<void, ActionFailure>> => {
    if (issuer === undefined) return ok(undefined);
    const driver = await issuers.refresh(issuer);
    if (!driver.ok) return driver;
    const { signal, correlationID } = context;
    const found = await driver.value.discover({ signal, correlationID, tenantID: '' });
    if (!found.ok) return err(fromIssuer(found.error));
    discoveries.set(name, {
      at: clock.now(),
      generation: issuer.metadata.generation,
      capabilities: [...found.value].sort(),
    });
    return ok(undefined);
  };

  const trustKeys = async (
    { name, issuer, keys: last }: Facts,
    context: ReconcileContext,
  ): Promise<Result<void, ActionFailure>> => {
    if (issuer === undefined) return ok(undefined);
    const look = await lookAtKeys(environment, issuer, last, context);
    if (look.ok) looks.set(name, look.value);
    return look.ok ? ok(undefined) : look;
  };

  const hold = async (
    { issuer }: Facts,
    wanted: boolean,
    context: ReconcileContext,
  ): Promise<Result<void, ActionFailure>> => {
    if (issuer === undefined) return ok(undefined);
    const held = { kind: oauthIssuerKind, metadata: issuer.metadata, informer: world.issuers };
    return setFinalizer(environment, held, issuerFinalizer, wanted, context);
  };

  return {
    malformed: leaveMalformedAlone(environment, oauthIssuerKind, world.issuers),
    gather,
    plan: planIssuer,
    fingerprint: ({ kind }, { issuer }) => issuerFingerprint(kind, issuer),
    async execute(action, facts, context) {
      switch (action.kind) {
        case 'discover':
          return discover(facts, context);
        case 'trustKeys':
          return trustKeys(facts, context);
        case 'sampleClient':
          samples.set(facts.name, sampleClient(environment, facts.name, samples.get(facts.name)));
          return ok(undefined);
        case 'addFinalizer':
          return hold(facts, true, context);
        case 'removeFinalizer': {
          const confirmed = await confirmUnreferred(environment, facts.name, context);
          return confirmed.ok ? hold(facts, false, context) : confirmed;
        }
        case 'forget':
          discoveries.delete(facts.name);
          looks.delete(facts.name);
          samples.delete(facts.name);
          await issuers.forget(facts.name);
          return ok(undefined);
      }
    },
    async tell({ issuer: object }, { conditions, capabilities, heldKeys }, context) {
      if (object === undefined || conditions.length === 0) return ok(undefined);
      const fields = { capabilities, heldKeys };
      return writeStatus(
        environment,
        { kind: oauthIssuerKind, object, informer: world.issuers, conditions, fields },
        context,
      );
    },
  };
}
