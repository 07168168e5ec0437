import type { WorkloadIdentityBinding } from '../api/workload-identity-binding.ts';
import { instantIn } from '../std/instant.ts';
import { grantOf, named, pending, type VolumeRule, withdrawn } from './volume-rule.ts';

/** What is not seen yet may be there. */
export const viewIsComplete: VolumeRule = ({ synced, pod }) =>
  synced ? undefined : pending('Pending', `what namespace ${pod.namespace} is granted has not been read yet`);

/** Who mounted a binding that is there no more has nothing; who does before it is there may be a second early. */
export const bindingExists: VolumeRule = (facts) =>
  facts.binding === undefined && facts.unreadable === undefined
    ? (facts.delivered ? withdrawn : pending)(
        'BindingNotFound',
        `there is no ${named(facts)} in namespace ${facts.pod.namespace}`,
      )
    : undefined;

export const bindingStays: VolumeRule = (facts) =>
  facts.binding?.metadata.deletionTimestamp === undefined
    ? undefined
    : withdrawn('BindingNotFound', `${named(facts)} is being deleted`);

/** A binding gives nothing to other namespaces. */
export const bindingOfItsNamespace: VolumeRule = (facts) => {
  const { binding, pod } = facts;
  return binding === undefined || binding.metadata.namespace === pod.namespace
    ? undefined
    : withdrawn('BindingNotFound', `${named(facts)} is of another namespace than the pod`);
};

/** A grant beside a withdrawal whose time has come counts for none. A time that cannot be read has come. */
export const notWithdrawn: VolumeRule = (facts, now) => {
  const { withdrawal, violations = [] } = facts.binding?.status ?? {};
  if (withdrawal === undefined || (instantIn(withdrawal.effectiveAt) ?? now) > now) return undefined;
  const why = violations.length === 0 ? withdrawal.reason : joinWhy(violations);
  return {
    kind: 'withdrawn',
    reason: withdrawal.reason,
    message: `${named(facts)} is not allowed any more: ${why}`,
  };
};

const joinWhy = (violations: readonly { readonly message: string }[]): string =>
  violations.map(({ message }) => message).join('. ');

/** A suspension is what somebody means: it does not wait for the controller to say so. */
export const tenantIsNotSuspended: VolumeRule = ({ scope }) =>
  scope?.spec.suspend
    ? withdrawn('Suspended', `TenantScope ${scope.metadata.name}: spec.suspend is true`)
    : undefined;

/** What cannot be read is neither a yes nor a no. */
export const everythingIsReadable: VolumeRule = ({ unreadable }) =>
  unreadable === undefined ? undefined : pending('Malformed', unreadable);

/** Only what the controller granted is asked for. What was granted before and is not now, for whatever reason, is nothing to be kept. */
export const isGranted: VolumeRule = (facts) => {
  const { binding, delivered } = facts;
  if (binding === undefined || grantOf(facts) !== undefined) return undefined;
  const { conditions = [] } = binding.status ?? {};
  const refusal = conditions.find(({ type, status }) => type === 'Allowed' && status === 'False');
  const isDecided = refusal !== undefined && isCurrent(binding);
  const told = refusal ?? conditions.find(({ type, status }) => type === 'Ready' && status === 'False');
  const because = told === undefined ? '' : `: ${told.message}`;
  return {
    kind: delivered ? 'withdrawn' : isDecided ? 'refused' : 'pending',
    reason: told?.reason ?? 'Pending',
    message: `${named(facts)} is not granted${isDecided ? '' : ' yet'}${because}`,
  };
};

const isCurrent = ({ metadata, status }: WorkloadIdentityBinding): boolean =>
  status?.observedGeneration === metadata.generation;

export const grantIsOfThisSpec: VolumeRule = (facts) =>
  facts.binding === undefined || isCurrent(facts.binding)
    ? undefined
    : pending('Pending', `${named(facts)} was changed, and nothing has been decided since`);
