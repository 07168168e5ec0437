import { expect, test } from 'vitest';
import { checkOnCheckout } from './said-on-checkout.ts';
import { onCluster } from './said-on-cluster.ts';
import { saidCommands } from './sentences.ts';

const text = `<!-- Not \`kubectl get comments\`. -->

Look at \`kubectl get wib -A\`, a \`kubectl\` or \`node.port\`, and once more at \`kubectl
get wib -A\`.

\`\`\`sh
kubectl get blocks
\`\`\`

| what | \`jq '.a \\| .b' audit.log\` |
`;

test('commands in sentences and tables are found once, with where they stand', () => {
  expect(saidCommands([{ path: 'page.md', text }])).toEqual([
    { at: 'page.md:3', command: 'kubectl get wib -A' },
    { at: 'page.md:10', command: "jq '.a | .b' audit.log" },
  ]);
});

test.each([
  ['kubectl describe pod NAME', 'kubectl describe pod billing'],
  ['kubectl --namespace=grantor-system delete pod NAME', expect.stringContaining('--dry-run=server')],
  ['kubectl describe', 'kubectl describe --help'],
  ['helm upgrade … --reset-then-reuse-values', 'helm upgrade --reset-then-reuse-values --help'],
  ['kubectl replace -f file', undefined],
])('%s is run as %s', (command, run) => {
  expect(onCluster(command)).toEqual(run);
});

test.each([
  ['make no-such-target', /no-such-target/],
  ['make demo TWICE=1', /TWICE/],
  ['node test/nobody.ts', /nobody/],
  ['vitest run --project nobody', /nobody/],
  ['npm run nobody', /nobody/],
  ['make demo ONCE=1', undefined],
])('%s is held against the checkout', (command, fault) => {
  const said = checkOnCheckout(command)?.(command);
  if (fault === undefined) expect(said).toBeUndefined();
  else expect(said).toMatch(fault);
});
