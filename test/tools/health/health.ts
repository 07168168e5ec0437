import { spawnSync } from 'node:child_process';
import type { GoTool } from '../../provision/go-tool.ts';

/** Says what deployment tools make of objects: see main.go. */
export const healthTool: GoTool = {
  name: 'health',
  of: 'sigs.k8s.io/cli-utils',
  program: { module: import.meta.dirname, package: '.', expect: 'about 20 seconds' },
};

export interface Question {
  readonly object: object;
  /** A health check of Argo CD. */
  readonly lua: string;
}

interface Health {
  readonly status: string;
  readonly message: string;
}

export interface Answer {
  readonly kstatus: Health;
  readonly argo: Health;
}

/** One answer to each question. */
export function askHealth(file: string, questions: readonly Question[]): Answer[] {
  const { status, stdout, stderr } = spawnSync(file, { input: JSON.stringify(questions), encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as Answer[];
}
