import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../stage/stage.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** What is wrong with a command that works on a checkout, of which it is too much to run it; undefined if nothing is. */
type Check = (command: string) => string | undefined;

/** How commands that are for a checkout are held against it, by what they begin with. */
const checks: readonly (readonly [RegExp, Check])[] = [
  [/^make /, ofMake],
  [/^vitest run /, ofVitest],
  [/^npm run /, (command) => missing(command.slice(8), Object.keys(packageJson().scripts))],
  [/^npx --no -- /, (command) => missing(command.slice(12), Object.keys(packageJson().bin))],
  [/\bnode \S+\.ts\b/, (command) => noFile(/\bnode (\S+\.ts)\b/.exec(command)?.[1])],
];

/** The check of such a command; undefined if it is none of these. */
export const checkOnCheckout = (command: string): Check | undefined =>
  checks.find(([of]) => of.test(command))?.[1];

const packageJson = (): { scripts: object; bin: object } => JSON.parse(read('package.json'));

const missing = (name: string, names: readonly string[]): string | undefined =>
  names.includes(name) ? undefined : `there is no ${name}`;

const noFile = (path = ''): string | undefined =>
  existsSync(join(root, path)) ? undefined : `there is no file ${path}`;

function ofMake(command: string): string | undefined {
  const [, ...words] = command.split(' ');
  const unknown = words.find(
    (word) => word.includes('=') && !read('Makefile').includes(`$(${word.replace(/=.*/, '')})`),
  );
  if (unknown !== undefined) return `the Makefile does not know ${unknown}`;
  try {
    execFileSync('make', ['-n', ...words], { cwd: root, stdio: 'pipe', encoding: 'utf8' });
    return undefined;
  } catch (error) {
    return (error as { stderr: string }).stderr;
  }
}

function ofVitest(command: string): string | undefined {
  const [, project = '', filter = 'FILTER'] = /--project (\S+)(?: (\S+))?$/.exec(command) ?? [];
  if (!read('vitest.config.ts').includes(`name: '${project}'`)) return `there is no project ${project}`;
  const files = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' });
  return filter === 'FILTER' || files.some((file) => `test/${file}`.includes(filter))
    ? undefined
    : `there is no test ${filter}`;
}
