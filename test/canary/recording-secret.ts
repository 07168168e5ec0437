const recorder = new URL('./remember.ts', import.meta.url).href;

/** Whether a module is the one that makes a `Secret`, and not yet the copy that is recorded. */
export const makesSecrets = (id: string): boolean => id.endsWith('/src/std/secret.ts');

/** The text of a module that takes its place: every value that is put into a `Secret` is written to a file of the run. */
export const recordingSecret = (original: string): string => `
  // The query makes it another module: the original one.
  import { Secret as Original } from ${JSON.stringify(`${original}?original`)};
  import { remember } from ${JSON.stringify(recorder)};
  export class Secret extends Original {
    constructor(value) {
      super(value);
      remember(value);
    }
  }`;
