import type { FlushStrategy } from '../../config/flush-strategy';
import { adaptive } from './adaptive';
import { end } from './end';
import { handoff } from './handoff';
import { next } from './next';
import { periodically } from './periodically';
import type { Strategy } from './strategy';

export type { Course, Strategy } from './strategy';

export function strategyOf(setting: FlushStrategy): Strategy {
  switch (setting.kind) {
    case 'end':
      return end;
    case 'handoff':
      return handoff;
    case 'next':
      return next;
    case 'adaptive':
      return adaptive();
    case 'periodically':
      return periodically(setting.everyMs);
  }
}
