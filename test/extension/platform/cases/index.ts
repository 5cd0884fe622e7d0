import type { Case } from '../inside/case';
import { acknowledged } from './acknowledged';
import { basics } from './basics';
import { client } from './client';
import { clientFaults } from './client-faults';
import { fields } from './fields';
import { lists } from './lists';
import { patterns } from './patterns';
import { proxy } from './proxy';
import { rows } from './rows';
import { server } from './server';
import { serverFaults } from './server-faults';
import { tls } from './tls';

/** Everything that the port promises and that one process can look at by itself. */
export const cases: readonly Case[] = [
  ...basics,
  ...fields,
  ...patterns,
  ...client,
  ...clientFaults,
  ...acknowledged,
  ...tls,
  ...proxy,
  ...server,
  ...rows,
  ...lists,
  ...serverFaults,
];
