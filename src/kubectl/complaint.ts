import type { KubeFailure } from '../kube/kube-failure.ts';
import type { ResourceKind } from '../kube/resource-path.ts';
import type { Result } from '../std/result.ts';
import type { Exit } from './exit-codes.ts';
import { roleFor } from './role-for.ts';

/** Why a command could not do what it was asked, in one line, with what to do. */
export interface Complaint {
  readonly exit: Exit;
  readonly message: string;
  readonly remedy: string;
}

/** How a command ended, or why it could not. */
export type Outcome = Promise<Result<Exit, Complaint>>;

/** What was asked of the API server when it refused. */
export interface Asked {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';
  readonly kind: Pick<ResourceKind, 'group' | 'plural' | 'version' | 'namespaced'> & {
    readonly subresource?: string;
  };
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
}

/** As one line for the end of a program. */
export const complaintLine = ({ message, remedy }: Complaint): string => `error: ${message}; ${remedy}`;

/** `oauthclients.grantor.dev`, as RBAC and kubectl name it. */
export const resourceName = ({ plural, group, subresource }: Asked['kind']): string =>
  `${plural}${subresource === undefined ? '' : `/${subresource}`}${group === '' ? '' : `.${group}`}`;

const oursIs = 'grantor.dev';

/** What a refusal of the API server means for whoever sits at the terminal. */
export function complaintOf(failure: KubeFailure, asked: Asked): Complaint {
  const what = resourceName(asked.kind);
  switch (failure.kind) {
    case 'forbidden':
      return {
        exit: 'forbidden',
        message: `you may not ${asked.verb} ${what} ${placeOf(asked)}`,
        remedy: roleFor(asked),
      };
    case 'unauthorized':
      return {
        exit: 'unreachable',
        message: 'the API server does not accept your credentials',
        remedy: 'log in again if they have expired, or choose another user with --context',
      };
    case 'notFound':
      return asked.name === undefined && asked.kind.group === oursIs
        ? notServed(asked.kind)
        : { exit: 'notFound', message: failure.message, remedy: `see: kubectl get ${what} ${flagOf(asked)}` };
    case 'unavailable':
    case 'throttled':
    case 'gone':
    case 'malformed':
    case 'tooLarge':
      return {
        exit: 'unreachable',
        message: failure.message,
        remedy: 'check the server of the kubeconfig (kubectl cluster-info), or choose another with --context',
      };
    default:
      return { exit: 'found', message: failure.message, remedy: 'correct that and try again' };
  }
}

/** The CRDs are missing, or too old. */
const notServed = (kind: Asked['kind']): Complaint => ({
  exit: 'notInstalled',
  message: `this cluster does not serve ${resourceName(kind)}/${kind.version}`,
  remedy: 'install Grantor (docs/install.md), or choose another cluster with --context',
});

const placeOf = ({ kind, namespace }: Asked): string =>
  !kind.namespaced
    ? 'in the cluster'
    : namespace === undefined
      ? 'in all namespaces'
      : `in namespace ${namespace}`;

const flagOf = ({ namespace }: Asked): string => (namespace === undefined ? '-A' : `-n ${namespace}`);
