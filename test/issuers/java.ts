import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Java {
  readonly program: string;
  readonly version: string;
}

/** The Java of `JAVA_HOME`, else of `PATH`; undefined if it is none, or too old for Keycloak. */
export async function findJava(env: NodeJS.ProcessEnv = process.env): Promise<Java | undefined> {
  const home = env['JAVA_HOME'];
  const program = home ? join(home, 'bin/java') : 'java';
  try {
    const { stderr } = await promisify(execFile)(program, ['-version'], { env });
    const [, version = ''] = /version "([\w.]+)/.exec(stderr) ?? [];
    return Number(version.split('.')[0]) >= 17 ? { program, version } : undefined;
  } catch {
    return undefined;
  }
}
