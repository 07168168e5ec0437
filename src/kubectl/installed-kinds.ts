import type { ResourceKind } from '../kube/resource-path.ts';

const kind = (group: string, plural: string, name: string, namespaced: boolean): ResourceKind => ({
  ...{ group, version: 'v1', plural, kind: name, namespaced },
});

export const definitionKind = kind(
  'apiextensions.k8s.io',
  'customresourcedefinitions',
  'CustomResourceDefinition',
  false,
);
export const deploymentKind = kind('apps', 'deployments', 'Deployment', true);
export const statefulSetKind = kind('apps', 'statefulsets', 'StatefulSet', true);
export const daemonSetKind = kind('apps', 'daemonsets', 'DaemonSet', true);
export const csiDriverKind = kind('storage.k8s.io', 'csidrivers', 'CSIDriver', false);
export const csiNodeKind = kind('storage.k8s.io', 'csinodes', 'CSINode', false);
export const policyKind = kind(
  'admissionregistration.k8s.io',
  'validatingadmissionpolicies',
  'ValidatingAdmissionPolicy',
  false,
);
export const policyBindingKind = kind(
  'admissionregistration.k8s.io',
  'validatingadmissionpolicybindings',
  'ValidatingAdmissionPolicyBinding',
  false,
);
