import type { ResourceKind } from './resource-path.ts';

const core = (plural: string, kind: string, namespaced = true): ResourceKind => ({
  group: '',
  version: 'v1',
  plural,
  kind,
  namespaced,
});

export const secretKind = core('secrets', 'Secret');
export const configMapKind = core('configmaps', 'ConfigMap');
export const serviceAccountKind = core('serviceaccounts', 'ServiceAccount');
export const eventKind = core('events', 'Event');
export const podKind = core('pods', 'Pod');
export const namespaceKind = core('namespaces', 'Namespace', false);
