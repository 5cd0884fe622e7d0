import { between } from './between';
import { endings } from './endings';
import type { Fault } from './fault';
import { found } from './found';
import { freezes } from './freezes';
import { handoffs } from './handoffs';
import { modes } from './modes';
import { outages } from './outages';
import { pages } from './pages';
import { pauses } from './pauses';
import { refusals } from './refusals';
import { timing } from './timing';

export const ALL: readonly Fault[] = [
  ...outages,
  ...pauses,
  ...refusals,
  ...pages,
  ...timing,
  ...freezes,
  ...handoffs,
  ...between,
  ...endings,
  ...modes,
  ...found,
];
