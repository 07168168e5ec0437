// What takes the place of `@kubernetes/client-node` in the bundle: the reader of kubeconfigs. The whole has a class for each kind of Kubernetes
// and each call, which nothing uses: 5 MB. (`./gen/index.js` is where the reader imports them from, for `makeApiClient`.)
export { KubeConfig } from '@kubernetes/client-node/dist/config.js';
