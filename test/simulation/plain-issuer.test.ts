import { itKeepsItsPromises } from './keeps-its-promises.ts';

itKeepsItsPromises('an issuer that makes another client each time it is asked', 'plain');
