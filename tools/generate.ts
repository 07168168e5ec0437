// `npm run generate`: writes everything that is made from src. With --check it writes nothing and ends with 1 if something is stale.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { argocdHealth } from './generate/argocd-health.ts';
import { auditReference } from './generate/audit-reference.ts';
import { chartFiles } from './generate/chart.ts';
import { commandsReference } from './generate/commands-reference.ts';
import { conditionsReference } from './generate/conditions-reference.ts';
import { customResourceDefinitions } from './generate/custom-resource-definition.ts';
import { dashboard } from './generate/dashboard.ts';
import { errorsReference } from './generate/errors-reference.ts';
import { eventsReference } from './generate/events-reference.ts';
import type { GeneratedFile } from './generate/generated-file.ts';
import { issuerCapabilities } from './generate/issuer-capabilities.ts';
import { kindReferences } from './generate/kind-reference.ts';
import { kubectlReference } from './generate/kubectl-reference.ts';
import { logReference } from './generate/log-reference.ts';
import { metricsReference } from './generate/metrics-reference.ts';
import { rightsFiles } from './generate/rights.ts';
import { runbooks } from './generate/runbooks.ts';
import { differences, settle } from './generate/synchronize.ts';
import { tenancyMatrix } from './generate/tenancy-matrix.ts';
import { tracingReference } from './generate/tracing-reference.ts';
import { troubleshooting } from './generate/troubleshooting.ts';

/** One line for each sort of generated files. */
const generators: readonly (() => readonly GeneratedFile[])[] = [
  customResourceDefinitions,
  argocdHealth,
  chartFiles,
  kindReferences,
  conditionsReference,
  eventsReference,
  metricsReference,
  auditReference,
  logReference,
  tracingReference,
  runbooks,
  dashboard,
  commandsReference,
  kubectlReference,
  errorsReference,
  rightsFiles,
  tenancyMatrix,
  issuerCapabilities,
  troubleshooting,
];

const root = join(import.meta.dirname, '..');
const { check } = parseArgs({ options: { check: { type: 'boolean', default: false } } }).values;
const files = generators.flatMap((generate) => generate());

for (const difference of await differences(root, files)) {
  console.log(`${difference.kind}: ${difference.path}`);
  if (check) process.exitCode = 1;
  else await settle(root, difference);
}
if (process.exitCode === 1) console.log('Run `npm run generate` and commit what it writes.');
