import { readFileSync } from 'node:fs';
import { err, ok, type Result } from '../std/result.ts';

/** The content of a file that a flag names, or why it cannot be had. */
export function readText(file: string): Result<string, string> {
  try {
    return ok(readFileSync(file, 'utf8'));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    return err(`cannot read ${file}: ${code}.`);
  }
}
