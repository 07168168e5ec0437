import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const previous = join(import.meta.dirname, 'previous');

/**
 * Unpacks the chart that was released before this one, and answers with its folder. What came to the kinds since then may be nothing yet, so
 * its OAuthClients have lost their short name: by that an upgrade is seen to reach them.
 */
export function unpackOlderChart(directory: string): string {
  const [archive = ''] = readdirSync(previous).filter((name) => name.endsWith('.tgz'));
  mkdirSync(directory, { recursive: true });
  execFileSync('tar', ['-xzf', join(previous, archive), '-C', directory]);
  const chart = join(directory, 'grantor');
  const definition = join(chart, 'files/crds/grantor.dev_oauthclients.yaml');
  const text = readFileSync(definition, 'utf8');
  const older = text.replace(/^ +shortNames:\n +- oac\n/m, '');
  if (older === text) throw new Error(`${definition} has no short name`);
  writeFileSync(definition, older);
  return chart;
}
