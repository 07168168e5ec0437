import { itKeepsItsPromises } from './keeps-its-promises.ts';

itKeepsItsPromises('an issuer whose clients are managed by their marks', 'marking');
