// A preload (`node --import`) for programs under test: every value that is put into a `Secret` is written to a file of the run.
// The program itself knows nothing of it and has no switch for it.
import { registerHooks } from 'node:module';

const recorder = new URL('./remember.ts', import.meta.url).href;

registerHooks({
  load(url, context, nextLoad) {
    if (!url.endsWith('/src/std/secret.ts')) return nextLoad(url, context);
    // The query makes it another module: the original one.
    const source = `
      import { Secret as Original } from ${JSON.stringify(`${url}?original`)};
      import { remember } from ${JSON.stringify(recorder)};
      export class Secret extends Original {
        constructor(value) {
          super(value);
          remember(value);
        }
      }`;
    return { format: 'module', source, shortCircuit: true };
  },
});
